"""Rows of a run as frames in which every amount is an exact decimal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from recon.notebook_amounts import in_major_units
from recon.notebook_run import Record

RAILS = {"STRIPE": "Stripe", "CUSTODIAN": "Custodian", None: "Bank"}


def frame(rows: Iterable[Record], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a frame of objects: pandas never turns an amount into a float."""
    cells = [[row[column] for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=object)


def rail_name(rail: str | None) -> str:
    """STRIPE as Stripe; what belongs to no rail is the bank's."""
    return RAILS.get(rail, rail or "")


def amounts(record: Record, **columns: str) -> dict[str, Any]:
    """Columns of major units, each from a field of minor units of the record's currency."""
    currency = record["currency"]
    return {
        name: in_major_units(record.get(field), currency) for name, field in columns.items()
    }
