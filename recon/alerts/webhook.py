"""The day for anybody's webhook: bodies in the form of Standard Webhooks, one a line.

A line is a body to its last byte, so that what is signed is what was written. Its `id` is
the `webhook-id`: the same news has the same one, however often it is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recon.alerts.events import messages
from recon.alerts.findings import Findings, major

TYPES = {
    "DiscrepancyDetected": "reconciliation.discrepancy.detected",
    "DiscrepancyResolved": "reconciliation.discrepancy.resolved",
    "ReconciliationCompleted": "reconciliation.completed",
}


def lines(findings: Findings) -> str:
    """Every body of a run, one a line."""
    return "".join(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
        for body in _bodies(findings)
    )


def _bodies(findings: Findings) -> Iterator[dict[str, Any]]:
    explanations = {found.discrepancy_id: found.explanation for found in findings.all}
    for message in messages(findings):
        data = {name: _exact(name, value) for name, value in message["message"].items()}
        if "totals" in data:
            data["totals"] = [_total(total) for total in data["totals"]]
            data["not_possible"] = list(findings.not_possible) or None
        else:
            data["difference"] = _difference(message["message"])
            data["explanation"] = explanations.get(data["discrepancy_id"])
        yield {
            "id": f"msg_{message['id']}",
            "type": TYPES[message["type"]],
            "timestamp": message["occurred_at"],
            "data": {name: value for name, value in data.items() if value is not None},
        }


def _exact(name: str, value: Any) -> Any:
    """Minor units as text: a JSON number would be a float to many a reader."""
    return str(value) if name.endswith("_minor") and value is not None else value


def _total(total: dict[str, Any]) -> dict[str, Any]:
    exact = {name: _exact(name, value) for name, value in total.items()}
    exact["difference"] = major(total["difference_minor"], total["currency"] or None)
    return {name: value for name, value in exact.items() if value is not None}


def _difference(message: dict[str, Any]) -> str | None:
    expected, actual = message.get("expected_minor"), message.get("actual_minor")
    if expected is None or actual is None:
        return None
    return major(actual - expected, message.get("currency"))
