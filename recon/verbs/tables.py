"""Records as a table for the terminal: numbers to the right, words to the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out records; those with other columns than the ones before begin a new table."""
    parts: list[list[Mapping[str, Any]]] = []
    for row in rows:
        if not parts or list(parts[-1][0]) != list(row):
            parts.append([])
        parts[-1].append(row)
    return "\n\n".join(_part(part) for part in parts)


def _part(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(rows[0])
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(names))]
    is_number = [isinstance(rows[0][name], int) for name in names]
    return "\n".join(
        "  "
        + "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)
