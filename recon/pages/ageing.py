"""How old the open discrepancies are, which weigh most, and which must go further up."""

from __future__ import annotations

from collections.abc import Sequence

from recon.pages.amounts import in_major_units
from recon.pages.html import Html, Table
from recon.pages.links import to_finding
from recon.pages.run import Record, Run
from recon.thresholds import thresholds

# Ageing as auditors read it: up to so many days.
AGES_D = (
    (1, "0 to 1 d"),
    (3, "2 to 3 d"),
    (7, "4 to 7 d"),
    (30, "8 to 30 d"),
    (60, "31 to 60 d"),
)
OLDER = ((90, "61 to 90 d"), (10**9, "over 90 d"))
TOP = 10


def ageing(run: Run) -> Table:
    """How long the open ones have been open, by count and by value."""
    rows = []
    for currency in sorted({row["currency"] or "" for row in run.open}):
        of_currency = [row for row in run.open if (row["currency"] or "") == currency]
        for name in [name for _, name in (*AGES_D, *OLDER)]:
            aged = [row for row in of_currency if _bucket(row["age_hours"]) == name]
            if aged:
                rows.append(_aged(name, currency, aged))
    return Table(rows, "How long they have been open", "Nothing ages.")


def _aged(name: str, currency: str, rows: Sequence[Record]) -> Record:
    minor = sum(abs(int(row["difference_minor"] or 0)) for row in rows)
    return {
        "Age": name,
        "Count": len(rows),
        "Absolute difference": in_major_units(minor, currency or None),
        "Currency": currency or "without an amount",
        "To escalate": sum(is_escalated(row) for row in rows),
    }


def _bucket(hours: int) -> str:
    return next(name for days, name in (*AGES_D, *OLDER) if hours // 24 <= days)


def is_escalated(row: Record) -> bool:
    """Whether it has been open longer than its severity allows."""
    return bool(row["age_hours"] > thresholds().escalated_after_h[row["severity"]])


def largest(run: Run) -> Table:
    """The ten that differ most, each currency on its own."""
    rows = [row for row in run.open if row["difference_minor"] and row["currency"]]
    ranked = sorted(
        rows,
        key=lambda row: (
            row["currency"],
            -abs(int(row["difference_minor"])),
            row["discrepancy_id"],
        ),
    )
    places: dict[str, int] = {}
    top = []
    for row in ranked:
        places[row["currency"]] = places.get(row["currency"], 0) + 1
        if places[row["currency"]] <= TOP:
            top.append(row)
    return _top(top, f"The {TOP} largest of each currency", "No difference is open.")


def oldest(run: Run) -> Table:
    """The ten that have been open longest."""
    ranked = sorted(run.open, key=lambda row: (-row["age_hours"], row["discrepancy_id"]))
    return _top(ranked[:TOP], f"The {TOP} oldest", "Nothing ages.")


def _top(rows: Sequence[Record], caption: str, when_empty: str) -> Table:
    return Table(
        [
            {
                "Code": to_finding(row["discrepancy_id"], row["code"]),
                "Severity": row["severity"],
                "Subject": row["subject"],
                "Difference": in_major_units(row["difference_minor"], row["currency"]),
                "Currency": row["currency"],
                "Age": age_in_words(row["age_hours"]),
                "Escalate": "YES" if is_escalated(row) else "no",
            }
            for row in rows
        ],
        caption,
        when_empty,
        codes=("Subject",),
    )


def age_in_words(hours: int) -> str:
    """29 as 29 h, 80 as 3 d 8 h, 96 as 4 d."""
    days, rest = divmod(int(hours), 24)
    if days < 2:
        return f"{hours} h"
    return f"{days} d {rest} h" if rest else f"{days} d"


def escalations(run: Run) -> Html:
    """How many are open longer than their severity allows."""
    late = sum(is_escalated(row) for row in run.open)
    hours = thresholds().escalated_after_h
    limits = ", ".join(f"{name} {age_in_words(limit)}" for name, limit in hours.items())
    count = f"<strong>{late:,} to escalate</strong>" if late else "None to escalate"
    return Html(f"<p>{count}: open longer than their severity allows ({limits}).</p>")
