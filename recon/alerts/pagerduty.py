"""The day for PagerDuty's Events API v2: one event per discrepancy, sent one by one."""

from __future__ import annotations

from typing import Any

from recon.alerts.findings import Finding, Findings, major, rfc3339, shortened

# The key is a secret of whoever receives: the sender puts it in (`envsubst`), so that
# no output of a run, and no archive of one, ever holds it.
ROUTING_KEY = "${PAGERDUTY_ROUTING_KEY}"
SUMMARY_MAX = 1024
DETAIL_MAX = 4096
SEVERITIES = {"CRITICAL": "critical", "HIGH": "error", "MEDIUM": "warning", "LOW": "info"}


def events(findings: Findings) -> list[dict[str, Any]]:
    """A trigger for what is open and a resolve for what this run found settled."""
    return [_event(findings, finding) for finding in (*findings.all, *findings.gone)]


def _event(findings: Findings, finding: Finding) -> dict[str, Any]:
    event: dict[str, Any] = {
        "routing_key": ROUTING_KEY,
        "event_action": "trigger" if finding.is_open else "resolve",
        "dedup_key": finding.discrepancy_id,
    }
    if finding.is_open:
        event["payload"] = _payload(findings, finding)
    return event


def _payload(findings: Findings, finding: Finding) -> dict[str, Any]:
    payload = {
        "summary": shortened(f"{finding.code}: {finding.explanation}", SUMMARY_MAX),
        "source": "escrow-reconciliation",
        "severity": SEVERITIES[finding.severity],
        "timestamp": rfc3339(finding.first_seen_at),
        "component": finding.rail,
        "group": finding.owner,
        "class": finding.code,
        "custom_details": _details(findings, finding),
    }
    return {name: value for name, value in payload.items() if value is not None}


def _details(findings: Findings, finding: Finding) -> dict[str, str]:
    """Everything as text: a JSON number would be a float to many a reader."""
    details = {
        "business_date": findings.business_date.isoformat(),
        "run_id": findings.run_id,
        "state": finding.state,
        "subject": finding.subject,
        "provider_ref": finding.provider_ref,
        "event_id": finding.event_id,
        "expected": major(finding.expected_minor, finding.currency),
        "actual": major(finding.actual_minor, finding.currency),
        "difference": major(finding.difference_minor, finding.currency),
        "currency": finding.currency,
        "occurred_at": rfc3339(finding.occurred_at),
        "nearest_candidate": finding.nearest_candidate,
        "rule": finding.rule,
    }
    return {
        name: shortened(value, DETAIL_MAX)
        for name, value in details.items()
        if value is not None
    }
