"""What the rest of the house is told, as JSON lines: `reconciliation.events.v1`.

A line is `{"id", "type", "occurred_at", "message"}`. Ids are derived, so that a run made
twice, or a day run again, tells nothing twice. `python -m toolkit announce` sends them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from recon.alerts.findings import Finding, Findings, rfc3339

DETECTED, RESOLVED, COMPLETED = (
    *("DiscrepancyDetected", "DiscrepancyResolved"),
    "ReconciliationCompleted",
)
RECONCILER = "reconciliation"  # who resolves what a day no longer shows


def lines(findings: Findings) -> str:
    """Every message of a run, one a line."""
    return "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
        for line in messages(findings)
    )


def messages(findings: Findings) -> Iterator[dict[str, Any]]:
    """What there is to tell, in the published order; the run itself comes last."""
    for finding in (*findings.all, *findings.gone):
        type_ = DETECTED if finding.is_open else RESOLVED
        # Found, settled and found again are three pieces of news; carried along is none.
        since = finding.state if finding.state == "OPEN" else findings.business_date
        told = {"business_date": findings.business_date.isoformat(), **_about(finding)}
        if type_ == RESOLVED:
            told |= {"resolution": "no longer found", "actor_id": RECONCILER}
        yield _line(findings, type_, f"{finding.discrepancy_id}/{since}", told)
    yield _line(
        findings,
        COMPLETED,
        findings.run_id,
        {
            "business_date": findings.business_date.isoformat(),
            "run_id": findings.run_id,
            "verdict": findings.verdict,
            "totals": _totals(findings),
        },
    )


def _line(
    findings: Findings, type_: str, name: str, message: dict[str, Any]
) -> dict[str, Any]:
    present = {key: value for key, value in message.items() if value is not None}
    return {
        "id": str(uuid5(NAMESPACE_URL, f"reconciliation/{type_}/{name}")),
        "type": type_,
        "occurred_at": rfc3339(findings.as_of),
        "message": present,
    }


def _about(finding: Finding) -> dict[str, Any]:
    return {
        "discrepancy_id": finding.discrepancy_id,
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject or "",
        "provider_ref": finding.provider_ref,
        "expected_minor": finding.expected_minor,
        "actual_minor": finding.actual_minor,
        "currency": finding.currency,
        "first_seen": rfc3339(finding.first_seen_at),
    }


def _totals(findings: Findings) -> list[dict[str, Any]]:
    """Count and sum by code and currency, in the order of their names."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for finding in findings.open:
        total = sums[finding.code, finding.currency or ""]
        total[0] += 1
        total[1] += finding.difference_minor or 0
    return [
        {"code": code, "count": count, "difference_minor": minor, "currency": currency}
        for (code, currency), (count, minor) in sorted(sums.items())
    ]
