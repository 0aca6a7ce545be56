"""The page's journal: what would be booked of the day's findings, account by account."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal

from recon.journal.proposal import NAME
from recon.pages.html import Html, Table
from recon.pages.links import to_file
from recon.pages.run import Run

ZERO = Decimal(0)


def journal(run: Run) -> Table:
    """Debits and credits of every account; the lines themselves are in the file."""
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for line in _lines(run):
        key = (line["account"], line["account_name"], line["currency"])
        total = sums.setdefault(key, [ZERO, ZERO])
        for place, side in enumerate(("debit", "credit")):
            total[place] += Decimal(line[side] or 0)
        counts[key] = counts.get(key, 0) + 1
    rows = [
        {
            "Account": account,
            "Name": name,
            "Lines": counts[account, name, currency],
            "Debit": debit,
            "Credit": credit,
            "Currency": currency,
            "In": Html(to_file(NAME)),
        }
        for (account, name, currency), (debit, credit) in sorted(sums.items())
    ]
    return Table(
        rows,
        "Proposed and not posted: debits and credits by account",
        run.none("Nothing new is to be booked."),
    )


def is_balanced(table: Table) -> bool:
    """Debits are credits, currency by currency."""
    left: dict[str, Decimal] = {}
    for row in table.rows:
        so_far = left.get(row["Currency"], ZERO)
        left[row["Currency"]] = so_far + row["Debit"] - row["Credit"]
    return not any(left.values())


def _lines(run: Run) -> Iterable[dict[str, str]]:
    path = run.folder / NAME
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
