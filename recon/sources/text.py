"""Read a CSV as text and name the first cell that is not what its column promises."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.shape import Cell, Shape, name, quoted
from recon.sources.written import (
    DELIVER_AGAIN,
    LOCAL_TIME,
    cells,
    check_doubled_hours,
    text_view,
)
from recon.spill import spilling

LINE_BYTES_MAX = 16 << 20
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def load_csv(db: duckdb.DuckDBPyConnection, file: InputFile, shape: Shape) -> None:
    """Create the source's table by its `typed` query, after which no cell is in doubt.

    A record of the file is a row of the table. `<source>_file` is the file, every column as
    text and blank cells null; `<source>_text` the same with the required columns written in
    the usual way.
    """
    header = open_csv(db, file)
    found = cells(file, shape, header)
    if any(cell.origin != column for column, cell in found.items()):
        db.execute(LOCAL_TIME.read_text(encoding="utf-8"))
    try:
        db.execute(f"create view {file.source}_text as {text_view(file, found, header)}")
        db.execute(f"create table {file.source} as {shape.typed}")
    except duckdb.Error as error:
        raise unreadable(file, error) from error
    check_rows(db, file, file.source)
    check_cells(db, file, shape.typed, shape.broken, found)
    check_doubled_hours(db, file, shape, found)


def open_csv(db: duckdb.DuckDBPyConnection, file: InputFile) -> list[str]:
    """Create `<source>_file` and give its header.

    A file in UTF-8 is read where it lies, as often as it is asked for; another one is
    brought to UTF-8 piece by piece and kept as a table.
    """
    if _encoding(file) == "utf-8":
        header = _header(file, file.path)
        db.execute(f"create view {file.source}_file as from {_scan(file, header)}")
        return header
    with _in_utf8(file) as path:
        header = _header(file, path)
        try:
            scan = _scan(file, header, path)
            db.execute(f"create table {file.source}_file as from {scan}")
        except duckdb.Error as error:
            raise unreadable(file, error) from error
    return header


def _encoding(file: InputFile) -> str:
    """What the manifest says; a mark of UTF-16 at the start speaks for itself."""
    with file.path.open("rb") as raw:
        is_marked = raw.read(2) in UTF16_MARKS
    return "utf-16" if is_marked else file.dialect.encoding


def decoded(file: InputFile) -> str:
    """A small file's characters, all at once."""
    encoding = _encoding(file)
    try:
        return file.path.read_bytes().decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        raise _not_in(file, encoding, error) from error


def _not_in(file: InputFile, encoding: str, error: UnicodeError) -> SourceCorruptError:
    return SourceCorruptError(
        f"{file.name}: not {encoding}: {error}; say in the manifest how the file is"
        ' encoded ("encoding"), or export it as UTF-8'
    )


@contextmanager
def _in_utf8(file: InputFile) -> Iterator[Path]:
    encoding = _encoding(file)
    with spilling() as folder:
        path = folder / "utf8.csv"
        try:
            with (
                file.path.open(encoding=encoding, newline="") as source,
                path.open("w", encoding="utf-8", newline="") as target,
            ):
                shutil.copyfileobj(source, target)
        except UnicodeError as error:
            raise _not_in(file, encoding, error) from error
        yield path


def _header(file: InputFile, path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, strict=True, delimiter=file.dialect.delimiter)
            header = next(rows, [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceCorruptError(
            f"{file.name}: header: {error}; export it as UTF-8 CSV, or say in the manifest"
            ' how it is encoded ("encoding")'
        ) from error
    repeated = {column for column in header if header.count(column) > 1 or not column}
    if repeated or not header:
        raise SourceCorruptError(
            f"{file.name}: header: columns must have names that differ,"
            f" found {header}; export it again"
        )
    return header


def _scan(file: InputFile, header: Sequence[str], path: Path | None = None) -> str:
    columns = ", ".join(f"{quoted(column)}: 'varchar'" for column in header)
    return (
        f"read_csv({quoted(str(path or file.path))}, columns = {{{columns}}},"
        f" header = true, auto_detect = false, delim = {quoted(file.dialect.delimiter)},"
        " quote = '\"', escape = '\"', comment = '', null_padding = false,"
        f" strict_mode = true, max_line_size = {LINE_BYTES_MAX})"
    )


def unreadable(file: InputFile, error: duckdb.Error) -> SourceCorruptError:
    """What to say of a file that is no CSV, or not in the encoding that it should have."""
    said = _first_lines(error)
    if "unicode" in said.lower() or "utf-8" in said.lower():
        return SourceCorruptError(
            f"{file.name}: not UTF-8: {said}; say in the manifest how the file is encoded"
            ' ("encoding": "windows-1252"), or export it as UTF-8'
        )
    return SourceCorruptError(f"{file.name}: not RFC 4180: {said}; transfer the file again")


def check_rows(db: duckdb.DuckDBPyConnection, file: InputFile, table: str) -> None:
    """Refuse a file with more or fewer records than its manifest entry."""
    [(found,)] = db.execute(f"select count(*) from {table}").fetchall()
    check_count(file, found)


def check_count(file: InputFile, found: int) -> None:
    """Refuse a number of records that is not the manifest's."""
    if file.rows is not None and found != file.rows:
        raise SourceCorruptError(
            f"{file.name}: {found} rows, the manifest says {file.rows};"
            " transfer the file again"
        )


def check_cells(
    db: duckdb.DuckDBPyConnection,
    file: InputFile,
    typed: str,
    broken: Mapping[str, str],
    found: Mapping[str, Cell] | None = None,
) -> None:
    """Refuse a file in which a column's condition for being broken holds anywhere."""
    conditions = ", ".join(f"bool_or({condition})" for condition in broken.values())
    [holds] = db.execute(f"select {conditions} from {file.source}").fetchall()
    if any(holds):
        # Only now is it worth numbering the rows, in the order of the file.
        db.execute(
            f"create temp table {file.source}_numbered as"
            f" select row_number() over () as row, * from ({typed})"
        )
        firsts = [
            db.execute(
                f"select min(row) from {file.source}_numbered where {condition}"
            ).fetchall()[0][0]
            for condition in broken.values()
        ]
        row, column = min(
            (row, column)
            for row, column in zip(firsts, broken, strict=True)
            if row is not None
        )
        raise bad_cell(db, file, row, column, (found or {}).get(column))


def bad_cell(
    db: duckdb.DuckDBPyConnection,
    file: InputFile,
    row: int,
    column: str,
    cell: Cell | None = None,
) -> SourceCorruptError:
    """What to say of a cell: file, row, column, what stands there, and what to do."""
    place = cell or Cell(column, name(column), DELIVER_AGAIN)
    table = f"{file.source}_file" if cell else f"{file.source}_text"
    [(value,)] = db.execute(
        f"select {name(place.origin)} from"
        f" (select row_number() over () as row, * from {table}) where row = ?",
        [row],
    ).fetchall()
    shown = "an empty cell" if value is None else repr(str(value)[:80])
    return SourceCorruptError(
        f"{file.name}: row {row}, column {place.origin}: {shown} is not what this column"
        f" holds; {place.hint}"
    )


def fingerprints(source: str, key: str, columns: Sequence[str]) -> str:
    """A query that gives each row's key and a hash of its required columns."""
    parts = ", ".join(f"coalesce({name(column)}, '')" for column in columns)
    return (
        f"select {key} as row_key, min(sha256(concat_ws(chr(31), {parts}))) as fingerprint"
        f" from {source}_text group by {key}"
    )


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split("\n")[:2])
