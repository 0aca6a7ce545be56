"""The notebook's discrepancies: one by one, by code, by age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from recon.notebook_advice import next_step
from recon.notebook_amounts import in_major_units
from recon.notebook_html import Html, Table
from recon.notebook_rows import amounts, rail_name
from recon.notebook_run import Record, Run
from recon.rulebook import Rule, rules

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
# Ageing as auditors read it: up to so many days.
AGES_D = (
    (1, "0 to 1 d"),
    (3, "2 to 3 d"),
    (7, "4 to 7 d"),
    (30, "8 to 30 d"),
    (60, "31 to 60 d"),
)
OLDER = ((90, "61 to 90 d"), (10**9, "over 90 d"))


def discrepancies(run: Run) -> Table:
    """Everything that is open, the gravest and the oldest first."""
    return Table(
        [_discrepancy(row) for row in _by_weight(run.open)],
        codes=("Id", "Subject", "Provider ref", "Event"),
    )


def _discrepancy(row: Record) -> Record:
    return {
        "Severity": row["severity"],
        "Code": row["code"],
        "Rail": row["rail"],
        "Subject": row["subject"],
        "Provider ref": row["provider_ref"],
        "Event": row["event_id"],
        **amounts(
            row,
            {
                "Expected": "expected_minor",
                "Actual": "actual_minor",
                "Difference": "difference_minor",
            },
        ),
        "Currency": row["currency"],
        "Age h": row["age_hours"],
        "State": row["state"],
        "First seen": row["first_seen"],
        "Explanation": row["explanation"],
        "Nearest": row["nearest_candidate"],
        "Next step": next_step(row["code"]),
        "Id": row["discrepancy_id"],
    }


def _by_weight(rows: Iterable[Record]) -> list[Record]:
    return sorted(
        rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["age_hours"])
    )


def findings(table: Table) -> Table:
    """The discrepancies as a reader takes them in: what, how much, what to do."""
    rows = [
        {
            "Severity": Html(
                f'<span class="severity {cells["Severity"]}">{cells["Severity"]}</span>'
            ),
            "What": Html(_finding(cells)),
            **{
                name: cells[name]
                for name in ("Expected", "Actual", "Difference", "Currency")
            },
            "Age": age_in_words(cells["Age h"]),
        }
        for cells in table.rows
    ]
    return Table(rows, when_empty="No discrepancy is open.")


def _finding(cells: Record) -> str:
    where = " · ".join(
        f"{name} <code>{escape(str(value))}</code>"
        for name, value in (
            (rail_name(cells["Rail"]) if cells["Rail"] else "subject", cells["Subject"]),
            ("provider ref", cells["Provider ref"]),
            ("event", cells["Event"]),
            ("nearest candidate", cells["Nearest"]),
        )
        if value
    )
    again = "" if cells["State"] == "OPEN" else f" ({escape(cells['State'].lower())})"
    return (
        f'<div class="finding"><strong>{escape(cells["Code"])}</strong>{again}<br>'
        f"{escape(cells['Explanation'])}"
        f'<div class="next">Next: {escape(cells["Next step"])}</div>'
        f'<div class="where">{where}</div></div>'
    )


def age_in_words(hours: int) -> str:
    """29 as 29 h, 80 as 3 d 8 h."""
    days, rest = divmod(int(hours), 24)
    return f"{hours} h" if days < 2 else f"{days} d {rest} h"


def by_code(run: Run) -> Table:
    """What is open by code, rail and currency, as the summary counts it."""
    book = {rule.code: rule for rule in rules()}
    rows = [
        {
            "Code": code,
            "What it means": _title(book.get(code)),
            "Owner": rule.owner if (rule := book.get(code)) else None,
            "Rail": group["rail"],
            "Count": group["count"],
            **amounts(
                group, {"Difference": "difference_minor", "Absolute": "absolute_minor"}
            ),
            "Currency": group["currency"],
        }
        for code, entry in run.summary["discrepancies"].items()
        for group in entry["rails"]
    ]
    return Table(
        rows,
        "By code, with differences added up with and without their sign",
        "No discrepancy is open.",
    )


def _title(rule: Rule | None) -> str:
    return rule.title if rule else "a code of another version of the rules"


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
    }


def _bucket(hours: int) -> str:
    return next(name for days, name in (*AGES_D, *OLDER) if hours // 24 <= days)


def settled(run: Run) -> Table:
    """What this run found settled."""
    return Table(
        [
            {name: cell for name, cell in _discrepancy(row).items() if name in SETTLED}
            for row in _by_weight(run.settled)
        ],
        "Settled since the last run",
        run.none("Nothing was settled since the last run."),
        codes=("Subject", "Provider ref"),
    )


SETTLED = (
    "Code",
    "Rail",
    "Subject",
    "Provider ref",
    "Difference",
    "Currency",
    "Explanation",
)
