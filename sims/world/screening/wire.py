"""The shapes of the vendors' answers: TRM Labs' reports, and Chainalysis' entities."""

from __future__ import annotations

from typing import Any

from sims.world.screening.risks import Level, Risk

# As TRM counts. Only its High and Severe are seen in public; what is read is the label.
NUMBERS = {
    Level.UNKNOWN: 0,
    Level.LOW: 1,
    Level.MEDIUM: 5,
    Level.HIGH: 10,
    Level.SEVERE: 15,
}
PAGE = "<html><head><title>403 Forbidden</title></head><body>Forbidden</body></html>"


def trm_report(asked: dict[str, Any], risk: Risk) -> dict[str, Any]:
    """Report on one address of the list that was sent."""
    address, chain = asked["address"], asked["chain"]
    return {
        "accountExternalId": asked.get("accountExternalId"),
        "externalId": asked.get("externalId"),
        "address": address.lower(),
        "addressSubmitted": address,
        "chain": chain,
        "addressIncomingVolumeUsd": "0",
        "addressOutgoingVolumeUsd": "0",
        "addressTotalVolumeUsd": "0",
        "addressRiskIndicators": [_indicator(risk)] if risk.category else [],
        "entities": [_entity(address, risk)] if risk.is_sanctioned else [],
        "trmAppUrl": f"https://my.trmlabs.com/address/{address}/{chain}",
    }


def chainalysis_entity(address: str, risk: Risk, *, is_complete: bool) -> dict[str, Any]:
    """Show what is known of a registered address."""
    return {
        "address": address,
        "risk": risk.level.value,
        "riskReason": f"Identified as {risk.category}" if risk.category else None,
        "addressType": "PRIVATE_WALLET",
        "cluster": {"name": "A listed person", "category": risk.category}
        if risk.is_sanctioned
        else None,
        "addressIdentifications": [_identification(risk)] if risk.is_sanctioned else [],
        "exposures": [],
        "triggers": [],
        "status": "COMPLETE" if is_complete else "IN_PROGRESS",
        "poolMetadata": None,
    }


def _indicator(risk: Risk) -> dict[str, Any]:
    return {
        "category": (risk.category or "").title(),
        "categoryId": "69" if risk.is_sanctioned else "1",
        "categoryRiskScoreLevel": NUMBERS[risk.level],
        "categoryRiskScoreLevelLabel": risk.level.value,
        "riskType": "OWNERSHIP" if risk.is_sanctioned else "COUNTERPARTY",
        "incomingVolumeUsd": "1200.50",
        "outgoingVolumeUsd": "0",
        "totalVolumeUsd": "1200.50",
    }


def _entity(address: str, risk: Risk) -> dict[str, Any]:
    return {
        "category": (risk.category or "").title(),
        "categoryId": "69",
        "entity": "A listed person",
        "riskScoreLevel": NUMBERS[risk.level],
        "riskScoreLevelLabel": risk.level.value,
        "trmAppUrl": "https://my.trmlabs.com/entities/trm/listed",
        "trmUrn": f"/entity/manual/{address[-8:].lower()}",
    }


def _identification(risk: Risk) -> dict[str, Any]:
    return {
        "name": "A listed person",
        "category": risk.category,
        "description": "On a list of sanctioned persons.",
    }
