"""The custodian's own screening, and the addresses that make it say something.

An address that ends in one of these suffixes is judged as Circle's test network judges it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    category: str
    risk_score: str
    freezes: bool = False


MAGIC = {
    "9999": Rule("Circle's Sanctions Blocklist", "SANCTIONS", "BLOCKLIST", freezes=True),
    "8888": Rule("Frozen User Wallet", "FROZEN", "BLOCKLIST"),
    "7777": Rule("Your Blocklist", "OTHER", "BLOCKLIST"),
    "8999": Rule("Severe Sanctions Risk (Owner)", "SANCTIONS", "SEVERE", freezes=True),
    "8899": Rule(
        "Severe Terrorist Financing Risk", "TERRORIST_FINANCING", "SEVERE", freezes=True
    ),
    "8889": Rule("Severe CSAM Risk", "CSAM", "SEVERE", freezes=True),
    "7779": Rule("Severe Illicit Behavior Risk", "ILLICIT_BEHAVIOR", "SEVERE"),
}


def judge(address: str) -> Rule | None:
    """Find the rule that an address runs into; most run into none."""
    return MAGIC.get(address[-4:])


def evaluation(rule: Rule | None, now: datetime) -> dict[str, Any]:
    """Write a judgement as it stands on the transaction."""
    if rule is None:
        return {"actions": ["APPROVE"], "screeningDate": _iso(now), "reasons": []}
    reason = {
        "source": "ADDRESS",
        "riskScore": rule.risk_score,
        "riskCategories": [rule.category],
        "type": "OWNERSHIP",
    }
    freeze = ["FREEZE_WALLET"] if rule.freezes else []
    return {
        "ruleName": rule.name,
        "actions": [*freeze, "DENY", "REVIEW"],
        "screeningDate": _iso(now),
        "reasons": [reason],
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
