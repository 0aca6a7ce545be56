"""The notebook's discrepancies: one by one, and by code."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from recon.pages.advice import next_step
from recon.pages.ageing import age_in_words, is_escalated
from recon.pages.html import Html, Table
from recon.pages.links import to_code, to_file
from recon.pages.rows import amounts, rail_name
from recon.pages.run import Record, Run
from recon.rulebook import Rule, rules
from recon.weight import SEVERITIES

STORIES = "investigations"


def discrepancies(run: Run) -> Table:
    """Everything that is open, the gravest and the oldest first."""
    return Table(
        [_discrepancy(run, row) for row in _by_weight(run.open)],
        codes=("Id", "Subject", "Provider ref", "Event"),
    )


def _discrepancy(run: Run, row: Record) -> Record:
    story = f"{STORIES}/{row['discrepancy_id']}.html"
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
        "Escalate": is_escalated(row),
        "Story": story if (run.folder / story).is_file() else None,
        "Id": row["discrepancy_id"],
    }


def _by_weight(rows: Iterable[Record]) -> list[Record]:
    return sorted(
        rows, key=lambda row: (SEVERITIES.index(row["severity"]), -row["age_hours"])
    )


def findings(table: Table) -> Table:
    """The discrepancies as a reader takes them in: what, how much, what to do."""
    firsts = {cells["Code"]: cells["Id"] for cells in reversed(table.rows)}
    rows = [
        {
            "Severity": Html(
                f'<span class="severity {cells["Severity"]}">{cells["Severity"]}</span>'
            ),
            "What": Html(_finding(cells, is_first=firsts[cells["Code"]] == cells["Id"])),
            **{
                name: cells[name]
                for name in ("Expected", "Actual", "Difference", "Currency")
            },
            "Age": age_in_words(cells["Age h"]),
        }
        for cells in table.rows
    ]
    return Table(rows, when_empty="No discrepancy is open.")


def _finding(cells: Record, *, is_first: bool) -> str:
    where = " · ".join(
        f"{name} <code>{escape(str(value))}</code>"
        for name, value in (
            (rail_name(cells["Rail"]) if cells["Rail"] else "subject", cells["Subject"]),
            ("provider ref", cells["Provider ref"]),
            ("event", cells["Event"]),
            ("nearest candidate", cells["Nearest"]),
            ("id", cells["Id"]),
        )
        if value
    )
    again = "" if cells["State"] == "OPEN" else f" ({escape(cells['State'].lower())})"
    late = ' <span class="wrong">ESCALATE</span>' if cells["Escalate"] else ""
    story = f" · {to_file(cells['Story'], 'its story')}" if cells["Story"] else ""
    code = escape(cells["Code"])
    anchor = f'<a id="code-{code}"></a>' if is_first else ""
    return (
        f'{anchor}<div class="finding" id="{escape(cells["Id"])}">'
        f"<strong>{code}</strong>{again}{late}<br>{escape(cells['Explanation'])}"
        f'<div class="next">Next: {escape(cells["Next step"])}</div>'
        f'<div class="where">{where}{story}</div></div>'
    )


def by_code(run: Run) -> Table:
    """What is open by code, rail and currency, as the summary counts it."""
    book = {rule.code: rule for rule in rules()}
    rows = [
        {
            "Code": to_code(code),
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


def settled(run: Run) -> Table:
    """What this run found settled."""
    return Table(
        [
            {name: cell for name, cell in _discrepancy(run, row).items() if name in SETTLED}
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
