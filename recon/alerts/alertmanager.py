"""The day for Alertmanager's `POST /api/v2/alerts`.

Labels are an alert's identity, so they hold only what is the same tomorrow and takes few
values: one alert stands for all discrepancies of one code, rail, currency and severity.
Amounts and ids are annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

from recon.alerts.findings import Finding, Findings, major, rfc3339, shortened

# Without an end an alert resolves after five minutes; the next run is a day away.
NEXT_RUN = timedelta(days=1)
GRACE = timedelta(hours=6)
NAMED_IDS_MAX = 100
EXPLAINED_MAX = 10
EXPLANATION_MAX = 500


def alerts(findings: Findings) -> list[dict[str, Any]]:
    """One alert per set of labels: firing while any of its discrepancies is open."""
    told = (*findings.all, *findings.gone, *map(_as_before, _graded(findings)))
    ranked = sorted(told, key=lambda finding: (_identity(finding), finding.weight))
    return [_alert(findings, tuple(group)) for _, group in groupby(ranked, key=_identity)]


def _graded(findings: Findings) -> Iterator[Finding]:
    """Those that yesterday's alert named under another severity, and so other labels."""
    for finding in findings.open:
        if finding.severity_before not in {None, finding.severity}:
            yield finding


def _as_before(finding: Finding) -> Finding:
    """The end of what was told under the former labels: nobody is alerted twice."""
    return replace(
        finding,
        severity=str(finding.severity_before),
        state="RESOLVED",
        explanation=f"It is {finding.severity} now. {finding.explanation}",
    )


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.rail or "", finding.currency or "", finding.severity


def _alert(findings: Findings, group: Sequence[Finding]) -> dict[str, Any]:
    is_firing = any(finding.is_open for finding in group)
    told = tuple(finding for finding in group if finding.is_open) if is_firing else group
    ends_at = findings.as_of + (NEXT_RUN + GRACE if is_firing else timedelta())
    starts_at = min(ends_at, *(finding.first_seen_at for finding in told))
    return {
        "labels": _labels(group[0]),
        "annotations": _annotations(findings, told, is_firing=is_firing),
        "startsAt": rfc3339(starts_at),
        "endsAt": rfc3339(ends_at),
    }


def _labels(finding: Finding) -> dict[str, str]:
    """Alertmanager drops empty labels, so an absent rail or currency has none."""
    labels = {
        "alertname": "ReconciliationDiscrepancy",
        "recon": "escrow",
        "code": finding.code,
        "severity": finding.severity,
        "rail": finding.rail,
        "currency": finding.currency,
    }
    return {name: value for name, value in labels.items() if value}


def _annotations(
    findings: Findings, told: Sequence[Finding], *, is_firing: bool
) -> dict[str, str]:
    """What a person needs: how many, how much, which, and where to read on."""
    first = told[0]
    where = f" at {first.rail}" if first.rail else ""
    ids = [finding.discrepancy_id for finding in told]
    lines = [shortened(finding.explanation, EXPLANATION_MAX) for finding in told]
    annotations = {
        "summary": f"{len(told)} {first.code}{where} {'open' if is_firing else 'resolved'}",
        "description": "\n".join(_first(lines, EXPLAINED_MAX)),
        "count": str(len(told)),
        "difference": _total(told),
        "discrepancy_ids": " ".join(_first(ids, NAMED_IDS_MAX)),
        "owner": first.owner,
        "business_date": findings.business_date.isoformat(),
        "verdict": findings.verdict,
        "run_id": findings.run_id,
    }
    return {name: value for name, value in annotations.items() if value}


def _total(told: Sequence[Finding]) -> str:
    """The sum of what differs, exactly; empty where no amount is at stake."""
    currency = told[0].currency
    differences = [f.difference_minor for f in told if f.difference_minor is not None]
    if currency is None or not differences:
        return ""
    return f"{major(sum(differences), currency)} {currency}"


def _first(texts: Sequence[str], count: int) -> list[str]:
    further = len(texts) - count
    more = [f"(and {further} more in discrepancies.csv)"] if further > 0 else []
    return [*texts[:count], *more]
