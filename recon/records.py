"""Rows as documents: exact decimals without places become whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb


def records(
    db: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()
) -> list[dict[str, Any]]:
    """A query's rows, each with its columns' names."""
    result = db.execute(query, list(parameters))
    names = [column[0] for column in result.description or ()]
    return [
        {name: whole(cell) if isinstance(cell, Decimal) else cell for name, cell in named}
        for named in (zip(names, row, strict=True) for row in result.fetchall())
    ]


def whole(amount: Decimal | int | None) -> int | None:
    """An amount of minor units."""
    return None if amount is None else int(amount)
