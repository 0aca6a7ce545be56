"""The discrepancies for a spreadsheet: amounts in major units, and no cell is a formula."""

from __future__ import annotations

import csv
import io

from recon.alerts.findings import Finding, Findings, major, rfc3339

# What a spreadsheet takes for the start of a formula, in either width.
ASCII_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")
WIDE_TRIGGERS = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


def table(findings: Findings) -> str:
    """RFC 4180: a header, a record per discrepancy as published, and last what is gone."""
    rows = [_row(finding) for finding in (*findings.all, *findings.gone)]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(finding: Finding) -> dict[str, str | None]:
    texts = {
        "discrepancy_id": finding.discrepancy_id,
        "state": finding.state,
        "severity": finding.severity,
        "code": finding.code,
        "rail": finding.rail,
        "subject": finding.subject,
        "provider_ref": finding.provider_ref,
        "event_id": finding.event_id,
        "currency": finding.currency,
        "owner": finding.owner,
        "explanation": finding.explanation,
        "nearest_candidate": finding.nearest_candidate,
        "rule": finding.rule,
    }
    # A negative amount starts with a minus and is a number all the same.
    numbers = {
        "expected": major(finding.expected_minor, finding.currency),
        "actual": major(finding.actual_minor, finding.currency),
        "difference": major(finding.difference_minor, finding.currency),
        "occurred_at": rfc3339(finding.occurred_at),
        "first_seen": rfc3339(finding.first_seen_at),
        "age_hours": str(finding.age_hours),
    }
    return {name: neutralised(value or "") for name, value in texts.items()} | numbers


def neutralised(text: str) -> str:
    """A text that a spreadsheet shows as it is: an apostrophe stops a formula."""
    is_formula = text.lstrip(" ").startswith(ASCII_TRIGGERS + WIDE_TRIGGERS)
    return f"'{text}" if is_formula else text


COLUMNS = (
    "discrepancy_id",
    "state",
    "severity",
    "code",
    "rail",
    "subject",
    "provider_ref",
    "event_id",
    "expected",
    "actual",
    "difference",
    "currency",
    "occurred_at",
    "first_seen",
    "age_hours",
    "owner",
    "explanation",
    "nearest_candidate",
    "rule",
)
