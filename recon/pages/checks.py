"""Do the notebook's tables say what summary.json says? Sums, to the minor unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from recon.pages.amounts import in_minor_units
from recon.pages.html import Table
from recon.pages.proofs import NOT_POSSIBLE
from recon.pages.run import Run

Totals = Mapping[tuple[str | None, ...], tuple[int, int]]


def totals(table: Table, keys: Sequence[str], amount: str) -> Totals:
    """Count and sum in minor units of a table's rows, by the given columns."""
    counts: Counter[tuple[str | None, ...]] = Counter()
    sums: Counter[tuple[str | None, ...]] = Counter()
    for row in table.rows:
        key = tuple(row[name] for name in keys)
        counts[key] += 1
        if isinstance(row[amount], Decimal):
            sums[key] += in_minor_units(row[amount], row["Currency"])
    return {key: (count, sums[key]) for key, count in counts.items()}


def stated_discrepancies(run: Run) -> Totals:
    """What summary.json states by code, rail and currency."""
    return {
        (code, group["rail"], group["currency"]): (
            group["count"],
            int(group["difference_minor"] or 0),
        )
        for code, entry in run.summary["discrepancies"].items()
        for group in entry["rails"]
    }


def stated_in_transit(run: Run) -> Totals:
    """What summary.json states by kind, rail and currency."""
    return {
        (group["kind"], group["rail"], group["currency"]): (
            group["count"],
            int(group["amount_minor"] or 0),
        )
        for group in run.summary.get("in_transit", ())
    }


def verdict_of(discrepancies: Table) -> str:
    """The verdict that follows from what is open."""
    codes = {row["Code"] for row in discrepancies.rows}
    if codes & {"SOURCE_MISSING", "SOURCE_CORRUPT"}:
        return "INCOMPLETE"
    return "EXCEPTIONS" if codes else "RECONCILED"


def is_rolled_forward(table: Table) -> bool:
    """Opening + activity + payouts + difference = closing, wherever it is possible."""
    return all(
        row["Closing"]
        == sum(row[name] or 0 for name in ("Opening", "Activity", "Payouts", "Difference"))
        for row in table.rows
        if row["Result"] != NOT_POSSIBLE
    )


def is_held_against_owed(table: Table) -> bool:
    """Held - owed - own is the difference, and the difference is the sum of its parts."""
    return all(
        row["Held"] - row["Owed to escrows"] - row["Own funds"] == row["Difference"]
        and row["Difference"]
        == row["Unexplained"] + row["By discrepancies"] + (row["In transit"] or 0)
        for row in table.rows
        if row["Result"] != NOT_POSSIBLE
    )


def are_bridged(table: Table) -> bool:
    """Below every difference stand the parts that add up to it."""
    starts = [*table.totals[::2], len(table.rows)]
    amounts = [row["Amount"] for row in table.rows]
    return all(
        amounts[start] == sum(amounts[start + 1 : end]) for start, end in pairwise(starts)
    )


def shows_every_hash(inputs: Table, run: Run) -> bool:
    """No input goes unseen."""
    shown = {row["SHA-256"] for row in inputs.rows}
    return all(entry["sha256"] in shown for entry in run.summary["inputs"])


def shows_quarantine(table: Table, run: Run) -> bool:
    """Every reason for which a row is in quarantine is shown with its count."""
    stated = {
        (group["source"], group["column_name"], group["reason"]): group["rows"]
        for group in run.summary.get("quarantine", ())
    }
    keys = ("Source", "Column", "Why it matters")
    return {tuple(row[key] for key in keys): row["Rows"] for row in table.rows} == stated
