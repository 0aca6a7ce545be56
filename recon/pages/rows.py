"""Columns of the notebook's tables: exact amounts and names that people use."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from recon.pages.amounts import in_major_units
from recon.pages.run import Record

RAILS = {"STRIPE": "Stripe", "CUSTODIAN": "Custodian", None: "Bank"}


def rail_name(rail: str | None) -> str:
    """STRIPE as Stripe; what belongs to no rail is the bank's."""
    return RAILS.get(rail, rail or "")


def amounts(record: Record, fields: Mapping[str, str]) -> dict[str, Decimal | None]:
    """Columns of major units, each from a field of minor units of the record's currency."""
    currency = record["currency"]
    return {
        name: in_major_units(record.get(field), currency) for name, field in fields.items()
    }
