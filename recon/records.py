"""Rows in and out of the database, exact decimals without places as whole numbers."""

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


def insert(
    db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    """Insert rows of equal length by one statement."""
    if not rows:
        return
    row = f"({', '.join('?' * len(rows[0]))})"
    values = ", ".join([row] * len(rows))
    db.execute(
        f"insert into {table} values {values}", [cell for row in rows for cell in row]
    )


def whole(amount: Decimal | int | None) -> int | None:
    """An amount of minor units."""
    return None if amount is None else int(amount)
