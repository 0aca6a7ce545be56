"""What a source's table is made of: columns, their kinds, and what makes a cell wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """A CSV source. `typed` makes its table of `<source>_text`, where all is text.

    `clocks` names, for a column of UTC, its twin in the zone of the export; `judged_clocks`
    those whose hour decides anything. `amounts` are decimals in a currency's major unit.
    """

    required: tuple[str, ...]
    typed: str
    broken: Mapping[str, str]
    clocks: Mapping[str, str] = field(default_factory=dict)
    judged_clocks: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    has_minor_units: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a required column comes from in a file, and how it is read."""

    origin: str
    expression: str
    hint: str


def name(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
