"""The day as one Slack message: the verdict, the worst discrepancies, where to read on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from recon.alerts.findings import Finding, Findings, major, rfc3339, shortened
from recon.results import but_not_proved

TOP = 10
SETTLED_MAX = 5
HEADER_MAX = 150
SECTION_MAX = 3000
# Slack refuses a message of more than some 13,200 characters in all, and nowhere says so.
DISCREPANCIES_MAX = 6000
EXPLANATION_MAX = 300
NAME_MAX = 80

Block = dict[str, Any]


def message(findings: Findings) -> dict[str, Any]:
    """A message that keeps Slack's limits whatever the day was like."""
    title = (
        f"Reconciliation {findings.business_date}: {findings.verdict}"
        f"{but_not_proved(findings.not_possible)}"
    )
    return {
        "text": f"{title}, {_count(len(findings.open), 'open discrepancy')}",
        "blocks": [
            {"type": "header", "text": _plain(shortened(title, HEADER_MAX))},
            *_not_proved(findings),
            _facts(findings),
            *_counts(findings),
            *_worst(findings),
            *_settled(findings),
            _pointer(findings),
        ],
    }


def _not_proved(findings: Findings) -> Iterable[Block]:
    """What could not be proved comes before everything else."""
    if findings.not_possible:
        lines = [
            f":warning: {_escaped(said, EXPLANATION_MAX)}" for said in findings.not_possible
        ]
        text = shortened("\n".join(lines), SECTION_MAX)
        yield {"type": "section", "text": _markdown(text)}


def _facts(findings: Findings) -> Block:
    by_severity = sorted(findings.open, key=lambda finding: finding.weight)
    severities = ", ".join(
        f"{len(tuple(group))} {severity}"
        for severity, group in groupby(by_severity, key=attrgetter("severity"))
    )
    settled = len(findings.all) - len(findings.open) + len(findings.gone)
    facts = {
        "Open": severities or "none",
        "Resolved by this run": str(settled),
        "As of": rfc3339(findings.as_of),
        "Run": findings.run_id,
    }
    fields = [_markdown(f"*{name}*\n{value}") for name, value in facts.items()]
    return {"type": "section", "fields": fields}


def _counts(findings: Findings) -> Iterable[Block]:
    """How many of each code; there are fewer codes than a section has room for."""
    by_code = sorted(findings.open, key=attrgetter("code"))
    lines = [
        f"{len(tuple(group))} {code}"
        for code, group in groupby(by_code, key=attrgetter("code"))
    ]
    if lines:
        text = shortened("\n".join(lines), SECTION_MAX)
        yield {"type": "section", "text": _markdown(text)}


def _worst(findings: Findings) -> Iterable[Block]:
    """The worst first, as many as there is room for."""
    room = DISCREPANCIES_MAX
    shown = 0
    for finding in sorted(findings.open, key=lambda finding: finding.weight)[:TOP]:
        text = _told(finding)
        if len(text) > min(room, SECTION_MAX):
            break
        room -= len(text)
        shown += 1
        yield {"type": "section", "text": _markdown(text)}
    if further := len(findings.open) - shown:
        yield {"type": "section", "text": _markdown(f"and {further} more")}


def _settled(findings: Findings) -> Iterable[Block]:
    """What nobody has to look at any more, in a line each as far as there is room."""
    closed = [finding for finding in findings.all if not finding.is_open]
    closed += findings.gone
    lines = [
        f"~{finding.code}~ {_escaped(finding.subject or '', NAME_MAX)}"
        for finding in sorted(closed, key=lambda finding: finding.weight)[:SETTLED_MAX]
    ]
    if further := len(closed) - len(lines):
        lines.append(f"and {further} more")
    if lines:
        text = "\n".join(["*Resolved by this run*", *lines])
        yield {"type": "section", "text": _markdown(text)}


def _told(finding: Finding) -> str:
    amount = major(finding.difference_minor, finding.currency)
    parts = (
        finding.severity,
        finding.rail,
        f"{amount} {finding.currency}" if amount is not None else None,
        f"{finding.age_hours} h old",
        _escaped(finding.subject or "", NAME_MAX),
    )
    what = _escaped(finding.explanation, EXPLANATION_MAX)
    return f"*{finding.code}* {' · '.join(part for part in parts if part)}\n{what}"


def _pointer(findings: Findings) -> Block:
    text = (
        f"Run folder of {findings.business_date}: all discrepancies in"
        " `alerts/discrepancies.xlsx` (and `.csv`), figures and proofs in `summary.json`,"
        " the page is `daily_reconciliation.html` (made by `python -m recon report`)."
    )
    return {"type": "context", "elements": [_markdown(text)]}


def _count(number: int, what: str) -> str:
    return f"{number} {what if number == 1 else what.removesuffix('y') + 'ies'}"


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _markdown(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _escaped(text: str, limit: int) -> str:
    """Text that mentions nobody and links nowhere. It is cut first: entities stay whole."""
    cut = shortened(text, limit)
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
