"""Bring a file's own way of writing to the usual one: clocks to UTC, commas to points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.shape import Cell, Shape, name, quoted

LOCAL_TIME = Path(__file__).parent / "local_time.sql"
DELIVER_AGAIN = "correct the export and deliver the file again"


def cells(file: InputFile, shape: Shape, header: Sequence[str]) -> dict[str, Cell]:
    """Every required column of the file, wherever it stands and however it is written."""
    found = {}
    for column in shape.required:
        if column in header:
            found[column] = _plain(file, shape, column)
        elif shape.clocks.get(column) in header:
            found[column] = _clock(file, shape.clocks[column])
        else:
            raise _missing(file, shape, column, header)
    return found


def text_view(file: InputFile, found: Mapping[str, Cell], header: Sequence[str]) -> str:
    """The query of `<source>_text`: required columns as usual, others as they are."""
    made = [f"{cell.expression} as {name(column)}" for column, cell in found.items()]
    kept = [name(column) for column in header if column not in found]
    return f"select {', '.join([*made, *kept])} from {file.source}_file"


def _plain(file: InputFile, shape: Shape, column: str) -> Cell:
    dialect = file.dialect
    cell, hint = name(column), DELIVER_AGAIN
    expression = cell
    if column in shape.amounts:
        if shape.has_minor_units and dialect.units == "minor":
            hint = (
                "the manifest says that amounts are whole minor units;"
                ' if they are not, leave "units" out'
            )
            moved = f"split_part(in_words(whole({cell}), currency), ' ', 1)"
            expression = f"case when whole({cell}) is not null then {moved} {_else(cell)}"
        elif dialect.decimal_separator == ",":
            hint = (
                "the manifest says that amounts have a decimal comma;"
                ' if they have a point, leave "decimal_separator" out'
            )
            point = f"replace({cell}, ',', '.')"
            expression = f"case when not contains({cell}, '.') then {point} {_else(cell)}"
        else:
            hint = (
                "amounts are decimals in major units with a point; if the export writes"
                ' another way, say so in the manifest ("decimal_separator", "units"),'
                f" else {DELIVER_AGAIN}"
            )
    return Cell(column, expression, hint)


def _else(cell: str) -> str:
    """What is not written as announced stays recognisably wrong, and is refused."""
    return f"when {cell} is not null then '?' || {cell} end"


def _clock(file: InputFile, column: str) -> Cell:
    zone = file.dialect.timezone
    if zone is None:
        raise SourceCorruptError(
            f"{file.name}: column {column}: local time, but the manifest names no zone;"
            f' add "timezone" to its entry, or export the column {column}_utc'
        )
    moment = f"from_clock({name(column)}, {quoted(zone)})"
    return Cell(
        column,
        f"coalesce({moment}::varchar, '?' || {name(column)})",
        f"it is no time of {zone}, or one that its clocks leave out in spring;"
        f" export the column {column}_utc",
    )


def _missing(
    file: InputFile, shape: Shape, column: str, header: Sequence[str]
) -> SourceCorruptError:
    advice = "export the report with it"
    if column in shape.clocks:
        advice += f" (or with {shape.clocks[column]!r} and a timezone in the manifest)"
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        advice = 'the header is one piece, so say in the manifest what its "delimiter" is'
    return SourceCorruptError(
        f"{file.name}: header: required column {column!r} is missing"
        f" (found {', '.join(header)}); {advice}"
    )


def check_doubled_hours(
    db: duckdb.DuckDBPyConnection, file: InputFile, shape: Shape, found: Mapping[str, Cell]
) -> None:
    """Refuse a time of the hour that comes twice where the reading would decide anything.

    Elsewhere the earlier one is taken: both lie on the same side of every border.
    """
    for column in shape.judged_clocks:
        cell = found[column]
        if cell.origin == column or file.dialect.timezone is None:
            continue
        zone, raw = quoted(file.dialect.timezone), name(cell.origin)
        borders = [
            *("day_start()", "day_end() - cut_off()", "day_end()"),
            *(
                f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'"
                for moment in (file.interval_start, file.interval_end)
            ),
        ]
        between = " or ".join(f"(earlier < {at} and {at} <= later)" for at in borders)
        for row, value in db.execute(
            f"select row, {raw} from (select row, {raw},"
            f" earlier_reading(try_cast({raw} as timestamp), {zone}) as earlier,"
            f" later_reading(try_cast({raw} as timestamp), {zone}) as later"
            f" from (select row_number() over () as row, {raw} from {file.source}_file)"
            f" where not states_offset({raw})) where {between} order by row limit 1"
        ).fetchall():
            raise SourceCorruptError(
                f"{file.name}: row {row}, column {cell.origin}: {value!r} comes twice in"
                f" {file.dialect.timezone} and only one of the two is of the day;"
                f" export the column {cell.origin}_utc"
            )
