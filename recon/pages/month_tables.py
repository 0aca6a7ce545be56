"""The month's figures: how balances and open items rolled on, and what comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from recon.pages.amounts import in_major_units
from recon.pages.days import Days, every_open, link_to, open_ids
from recon.pages.discrepancies import discrepancies, findings
from recon.pages.html import Html, Table
from recon.pages.proofs import result
from recon.pages.rows import amounts, rail_name
from recon.pages.run import Record
from recon.rulebook import rules

ROLLED = ("roll_forward", "bank")
RECURRING_DAYS = 3
Key = tuple[str | None, str, str]


def month_roll_forward(days: Days) -> Table:
    """From the first opening to the last closing, for every account and currency."""
    rows = [_rolled(key, proofs) for key, proofs in _proofs_by_account(days).items()]
    return Table(
        rows,
        "Opening + activity + payouts + differences of days + gaps between days = closing",
        "No balance was proved.",
    )


def _proofs_by_account(days: Days) -> Mapping[Key, list[tuple[str, Record]]]:
    """The roll-forwards of each account in the order of their days."""
    found: dict[Key, list[tuple[str, Record]]] = defaultdict(list)
    for run in days.runs:
        for proof in run.summary["proofs"]:
            if proof["kind"] in ROLLED and proof["closing_minor"] is not None:
                key = (proof["rail"], proof["account"], proof["currency"])
                found[key].append((run.summary["business_date"], proof))
    return found


def _rolled(key: Key, proofs: Sequence[tuple[str, Record]]) -> Record:
    rail, account, currency = key
    figures = {
        "opening": proofs[0][1]["opening_minor"],
        **{
            name: sum(proof[f"{name}_minor"] or 0 for _, proof in proofs)
            for name in ("activity", "payouts", "difference")
        },
        "gaps": sum(gap for _, _, gap in _gaps(proofs)),
        "closing": proofs[-1][1]["closing_minor"],
    }
    shown = {name: in_major_units(minor, currency) for name, minor in figures.items()}
    left = any(proof["unexplained_minor"] for _, proof in proofs)
    return {
        "Account": f"{rail_name(rail)} {account}",
        "Days": len(proofs),
        "Opening": shown["opening"],
        "Activity": shown["activity"],
        "Payouts": shown["payouts"],
        "Differences of days": shown["difference"],
        "Gaps between days": shown["gaps"],
        "Closing": shown["closing"],
        "Currency": currency,
        "Result": "DOES NOT AGREE" if left or figures["gaps"] else "agrees",
    }


def _gaps(proofs: Sequence[tuple[str, Record]]) -> list[tuple[str, str, int]]:
    """Where a day does not open with what the one before it closed with."""
    found = []
    for (before, closed), (day, opened) in pairwise(proofs):
        gap = opened["opening_minor"] - closed["closing_minor"]
        if gap:
            found.append((before, day, gap))
    return found


def gaps_between_days(days: Days) -> Table:
    """Each place where one day's closing is not the next one's opening."""
    rows = [
        {
            "Account": f"{rail_name(rail)} {account}",
            "Closed on": before,
            "Opened on": day,
            "Gap": in_major_units(gap, currency),
            "Currency": currency,
        }
        for (rail, account, currency), proofs in _proofs_by_account(days).items()
        for before, day, gap in _gaps(proofs)
    ]
    return Table(
        rows,
        "Gaps between one day's closing and the next one's opening",
        "Every day opens with what the day before closed with.",
    )


def balances_by_day(days: Days) -> Html:
    """Each account's days one below the other, folded away until somebody wants them."""
    rows = [
        {
            "Account": f"{rail_name(rail)} {account}",
            "Day": day,
            **amounts(
                proof,
                {
                    "Opening": "opening_minor",
                    "Activity": "activity_minor",
                    "Payouts": "payouts_minor",
                    "Difference": "difference_minor",
                    "Closing": "closing_minor",
                },
            ),
            "Currency": currency,
            "Result": result(proof),
        }
        for (rail, account, currency), proofs in _proofs_by_account(days).items()
        for day, proof in proofs
    ]
    table = Table(rows, "Every day of every account", "No balance was proved.")
    return Html(
        f"<details><summary>Day by day ({len(rows):,} balances)</summary>"
        f"{table.html}</details>"
    )


def safeguarding_days(days: Days) -> Table:
    """Every day on which a rail did not hold exactly what was owed."""
    rows = [
        {
            "Day": run.summary["business_date"],
            "Rail": rail_name(proof["rail"]),
            **amounts(
                proof,
                {
                    "Held": "closing_minor",
                    "Owed to escrows": "owed_minor",
                    "Own funds": "own_funds_minor",
                    "Difference": "difference_minor",
                    "Unexplained": "unexplained_minor",
                },
            ),
            "Currency": proof["currency"],
            "Result": result(proof),
        }
        for run in days.runs
        for proof in run.summary["proofs"]
        if proof["kind"] == "safeguarding" and proof["difference_minor"] != 0
    ]
    return Table(
        rows,
        "Days on which what we held was not what we owed",
        "On every day each rail held exactly what was owed.",
    )


def open_items(days: Days) -> Table:
    """Open at the start + found in the month - settled = open at the end, by code."""
    first, last = open_ids_before(days), open_ids(days.runs[-1])
    every = every_open(days.runs)
    groups: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for id, row in every.items():
        groups[row["code"], row["currency"]].append(id)
    rows = [
        _moved(code, currency, {id: every[id] for id in ids}, first, last)
        for (code, currency), ids in sorted(groups.items(), key=_by_name)
    ]
    return Table(
        rows,
        "Open at the start + found - settled = open at the end, by code",
        "Nothing was open in this month.",
    )


def _by_name(group: tuple[tuple[str, str | None], object]) -> tuple[str, str]:
    (code, currency), _ = group
    return code, currency or ""


def open_ids_before(days: Days) -> set[str]:
    """What the month found open already: first seen before its first run was judged."""
    first = days.runs[0]
    as_of = str(first.summary.get("as_of") or "")[:19]
    return {
        row["discrepancy_id"]
        for row in first.open
        if f"{row['first_seen']:%Y-%m-%dT%H:%M:%S}" < as_of
    }


def _moved(
    code: str,
    currency: str | None,
    rows: Mapping[str, Record],
    first: set[str],
    last: set[str],
) -> Record:
    def total(ids: set[str]) -> Decimal | None:
        minors = [abs(int(rows[id]["difference_minor"] or 0)) for id in ids]
        return in_major_units(sum(minors), currency)

    ids = set(rows)
    return {
        "Code": code,
        "At the start": len(ids & first),
        "Found": len(ids - first),
        "Settled": len(ids - last),
        "At the end": len(ids & last),
        "Found, absolute": total(ids - first),
        "Settled, absolute": total(ids - last),
        "At the end, absolute": total(ids & last),
        "Currency": currency,
    }


def found_anew(days: Days) -> list[tuple[str, Record]]:
    """Each discrepancy with the day on which it came up, in the order of the days."""
    known, anew = open_ids_before(days), []
    for run in days.runs:
        day = run.summary["business_date"]
        anew += [(day, row) for row in run.open if row["discrepancy_id"] not in known]
        known |= open_ids(run)
    return anew


def recurring(days: Days) -> Table:
    """What comes back: codes that were found anew on several days."""
    titles = {rule.code: rule for rule in rules()}
    anew: dict[str, list[str]] = defaultdict(list)
    for day, row in found_anew(days):
        anew[row["code"]].append(day)
    rows = [
        {
            "Code": code,
            "What it means": rule.title if (rule := titles.get(code)) else None,
            "Owner": rule.owner if rule else None,
            "Found anew": len(found),
            "On days": len(set(found)),
            "Last on": max(found),
            "Recurs": "yes" if len(set(found)) >= RECURRING_DAYS else "no",
        }
        for code, found in sorted(
            anew.items(), key=lambda item: (-len(set(item[1])), item[0])
        )
    ]
    return Table(
        rows,
        f"What was found anew, the most frequent first; it recurs from {RECURRING_DAYS}"
        " days on",
        "Nothing was found.",
    )


def carried_items(days: Days) -> Table:
    """What the next month begins with, as the last run tells it."""
    last = days.runs[-1]
    table = discrepancies(last)
    rows = [
        {**row, "Story": link_to(last, days.folder, row["Story"]) if row["Story"] else None}
        for row in table.rows
    ]
    return findings(Table(rows))
