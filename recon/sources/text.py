"""Read a CSV as text and name the first cell that is not what its column promises."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile

LINE_BYTES_MAX = 16 << 20


def read_csv_as_text(
    db: duckdb.DuckDBPyConnection, file: InputFile, required: Sequence[str]
) -> None:
    """Create `<source>_text`: all columns as text, blank cells null, records numbered."""
    header = _header(file)
    missing = [column for column in required if column not in header]
    if missing:
        raise SourceCorruptError(
            f"{file.name}: header: required column {missing[0]!r} is missing"
            f" (found {', '.join(header)}); export the report with it"
        )
    try:
        db.execute(
            f"create table {file.source}_text as"
            f" select row_number() over () as row, * from {_scan(file.path, header)}"
        )
    except duckdb.Error as error:
        raise SourceCorruptError(
            f"{file.name}: not RFC 4180: {_first_lines(error)}; transfer the file again"
        ) from error


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
    db: duckdb.DuckDBPyConnection,
    file: InputFile,
    broken: Mapping[str, str],
    *,
    typed: str = "",
    text: str = "",
) -> None:
    """Refuse the first row, in file order, for which a column counts as broken."""
    typed, text = typed or file.source, text or f"{file.source}_text"
    firsts = ", ".join(
        f"min(row) filter (where {condition}) as {_name(column)}"
        for column, condition in broken.items()
    )
    [found] = db.execute(f"select {firsts} from {typed}").fetchall()
    faults = [
        (row, column) for column, row in zip(broken, found, strict=True) if row is not None
    ]
    if not faults:
        return
    row, column = min(faults)
    [(value,)] = db.execute(
        f"select {_name(column)} from {text} where row = ? limit 1", [row]
    ).fetchall()
    raise SourceCorruptError(
        f"{file.name}: row {row}, column {column}: {_shown(value)} is not what this column"
        " holds; correct the export and deliver the file again"
    )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _shown(value: object) -> str:
    return "an empty cell" if value is None else repr(str(value)[:80])


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split("\n")[:2])
