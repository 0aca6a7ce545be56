"""Read a CSV as text and name the first cell that is not what its column promises."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile

LINE_BYTES_MAX = 16 << 20


def load_csv(
    db: duckdb.DuckDBPyConnection,
    file: InputFile,
    required: Sequence[str],
    typed: str,
    broken: Mapping[str, str],
) -> None:
    """Create the source's table by its `typed` query, after which no cell is in doubt.

    `<source>_text` remains as a view of the file: every column as text, blank cells null.
    """
    header = _header(file)
    missing = [column for column in required if column not in header]
    if missing:
        raise SourceCorruptError(
            f"{file.name}: header: required column {missing[0]!r} is missing"
            f" (found {', '.join(header)}); export the report with it"
        )
    try:
        db.execute(f"create view {file.source}_text as from {_scan(file.path, header)}")
        db.execute(f"create table {file.source} as {typed}")
    except duckdb.Error as error:
        raise SourceCorruptError(
            f"{file.name}: not RFC 4180: {_first_lines(error)}; transfer the file again"
        ) from error
    check_rows(db, file, file.source)
    check_cells(db, file, typed, broken)


def _header(file: InputFile) -> list[str]:
    try:
        with file.path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines, strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceCorruptError(
            f"{file.name}: header: {error}; export it as UTF-8 CSV"
        ) from error
    repeated = {column for column in header if header.count(column) > 1 or not column}
    if repeated or not header:
        raise SourceCorruptError(
            f"{file.name}: header: columns must have names that differ,"
            f" found {header}; export it again"
        )
    return header


def _scan(path: Path, header: Sequence[str]) -> str:
    columns = ", ".join(f"{quoted(column)}: 'varchar'" for column in header)
    return (
        f"read_csv({quoted(str(path))}, columns = {{{columns}}}, header = true,"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', comment = '',"
        f" null_padding = false, strict_mode = true, max_line_size = {LINE_BYTES_MAX})"
    )


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def check_rows(db: duckdb.DuckDBPyConnection, file: InputFile, table: str) -> None:
    """Refuse a file with more or fewer records than its manifest entry."""
    [(found,)] = db.execute(f"select count(*) from {table}").fetchall()
    check_count(file, found)


def check_count(file: InputFile, found: int) -> None:
    """Refuse a number of records that is not the manifest's."""
    if found != file.rows:
        raise SourceCorruptError(
            f"{file.name}: {found} rows, the manifest says {file.rows};"
            " transfer the file again"
        )


def check_cells(
    db: duckdb.DuckDBPyConnection, file: InputFile, typed: str, broken: Mapping[str, str]
) -> None:
    """Refuse a file in which a column's condition for being broken holds anywhere."""
    conditions = ", ".join(f"bool_or({condition})" for condition in broken.values())
    [found] = db.execute(f"select {conditions} from {file.source}").fetchall()
    if any(found):
        # Only now is it worth numbering the rows, in the order of the file.
        db.execute(
            "create temp table numbered as"
            f" select row_number() over () as row, * from ({typed})"
        )
        firsts = [
            db.execute(f"select min(row) from numbered where {condition}").fetchall()[0][0]
            for condition in broken.values()
        ]
        row, column = min(
            (row, column)
            for row, column in zip(firsts, broken, strict=True)
            if row is not None
        )
        raise bad_cell(db, file, row, column)


def bad_cell(
    db: duckdb.DuckDBPyConnection, file: InputFile, row: int, column: str
) -> SourceCorruptError:
    """What to say of a cell: file, row, column, what stands there, and what to do."""
    [(value,)] = db.execute(
        f"select {_name(column)} from"
        f" (select row_number() over () as row, * from {file.source}_text) where row = ?",
        [row],
    ).fetchall()
    shown = "an empty cell" if value is None else repr(str(value)[:80])
    return SourceCorruptError(
        f"{file.name}: row {row}, column {column}: {shown} is not what this column"
        " holds; correct the export and deliver the file again"
    )


def fingerprints(source: str, key: str, columns: Sequence[str]) -> str:
    """A query that gives each row's key and a hash of its required columns."""
    cells = ", ".join(f"coalesce({_name(column)}, '')" for column in columns)
    return (
        f"select {key} as row_key, min(sha256(concat_ws(chr(31), {cells}))) as fingerprint"
        f" from {source}_text group by {key}"
    )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split("\n")[:2])
