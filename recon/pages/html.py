"""How the notebook's tables and texts become HTML: escaped, aligned and never too long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from recon.pages.amounts import grouped
from recon.pages.run import Record

STYLESHEET = Path(__file__).with_suffix(".css")
SHOWN_ROWS = 200
# Words that must catch the eye also without colour: they are in capitals.
ALARMS = (
    "DOES NOT AGREE",
    "NOT POSSIBLE",
    "NOT JUDGED",
    "MISSING",
    "CORRUPT",
)
SHORT = 20
NARROW = 4
HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of HTML that a notebook shows as such."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of the same columns, and how they are shown.

    `totals` are the positions of the rows that the others add up to.
    """

    rows: Sequence[Record]
    caption: str = ""
    when_empty: str = "There is none."
    codes: Sequence[str] = ()
    totals: Sequence[int] = ()

    def _repr_html_(self) -> str:
        return self.html

    @property
    def html(self) -> str:
        """The table as HTML."""
        if not self.rows:
            return f'<p class="none">{escape(self.when_empty)}</p>'
        names = list(self.rows[0])
        rows = [[row[name] for name in names] for row in self.rows]
        shapes = [_shape(name, [row[i] for row in rows]) for i, name in enumerate(names)]
        head = "".join(
            f'<th scope="col" class="{shape.kind}">{escape(name)}</th>'
            for name, shape in zip(names, shapes, strict=True)
        )
        body = "".join(
            f'<tr class="{"total" if place in self.totals else "row"}">'
            + "".join(
                _cell(cell, shape, is_code=name in self.codes)
                for cell, shape, name in zip(row, shapes, names, strict=True)
            )
            + "</tr>"
            for place, row in enumerate(rows[:SHOWN_ROWS])
        )
        return (
            f'<table class="figures {_width(len(names))}">'
            f"<caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{_rest(len(rows))}"
        )


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a column's cells are aligned: amounts by their decimal point."""

    kind: str
    places: int


def _shape(name: str, cells: Sequence[object]) -> _Shape:
    decimals = [cell for cell in cells if isinstance(cell, Decimal)]
    is_share = name.startswith("Share")
    if not decimals:
        if is_share or any(isinstance(cell, int) for cell in cells):
            return _Shape("number", 0)
        is_short = all(cell is None or len(str(cell)) <= SHORT for cell in cells)
        return _Shape("text short" if is_short else "text", 0)
    return _Shape("number", max(_places(cell) for cell in decimals))


def _width(columns: int) -> str:
    return "narrow" if columns <= NARROW else "wide"


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int), "an amount is finite"
    return -exponent


def _cell(cell: object, shape: _Shape, *, is_code: bool) -> str:
    match cell:
        case Html():
            text = cell.text
        case Decimal():
            text = amount(cell, shape.places)
        case int():
            text = grouped(cell)
        case datetime():
            text = moment(cell)
        case None:
            text = ""
        case str() if cell in ALARMS:
            text = f'<span class="wrong">{cell}</span>'
        case str() if HASH.fullmatch(cell):
            text = f'<span class="hash">{cell}</span>'
        case _:
            text = escape(str(cell))
    if is_code:
        text = f"<code>{text}</code>"
    return f'<td class="{shape.kind}">{text}</td>'


def amount(value: Decimal, places: int) -> str:
    """An amount whose decimal point lies under that of its neighbours."""
    whole, _, fraction = grouped(value).partition(".")
    if not places:
        return whole
    tail = f".{fraction}" if fraction else ""
    return f'{whole}<span class="fraction" style="width:{places}.6ch">{tail}</span>'


def moment(value: datetime | str | None) -> str:
    """A moment in UTC, to the second."""
    if value is None:
        return ""
    given = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{given:%Y-%m-%d %H:%M:%S}"


def _rest(rows: int) -> str:
    if rows <= SHOWN_ROWS:
        return ""
    return (
        f'<p class="note">The first {SHOWN_ROWS} of {rows:,} rows;'
        " all of them are in the files of the run.</p>"
    )


def stylesheet() -> Html:
    """The page's typography, the same in the notebook and in print."""
    return Html(f"<style>{STYLESHEET.read_text(encoding='utf-8')}</style>")


def definitions(entries: Sequence[tuple[str, str]]) -> str:
    """Names and values, one a line; the values are HTML."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in entries)
    return f"<dl>{lines}</dl>"


def texts(value: Any) -> str:
    """A value of the summary as escaped text."""
    return "not stated" if value is None else escape(str(value))
