"""A bank statement as plain CSV: one line a balance or entry, amounts without a sign."""

from __future__ import annotations

import csv
import io

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.bank_line import NOT_GIVEN, Line, no_statement, statement_text
from recon.sources.text import check_count

REQUIRED = (
    "statement",
    "kind",
    "amount",
    "currency",
    "direction",
    "status",
    "booked_on",
    "end_to_end_id",
)
KINDS = ("opening", "closing", "entry")


def lines(file: InputFile) -> list[Line]:
    """Every line of the file; `kind` is opening, closing or entry."""
    text = io.StringIO(statement_text(file), newline="")
    try:
        rows = list(csv.DictReader(text, delimiter=file.dialect.delimiter, strict=True))
    except csv.Error as error:
        raise no_statement(file, "CSV", error) from error
    missing = [column for column in REQUIRED if column not in (rows[0] if rows else {})]
    if missing:
        raise no_statement(file, "CSV", f"column {missing[0]!r} is missing")
    found = [_line(file, row, cells) for row, cells in enumerate(rows, start=1)]
    check_count(file, sum(line.kind == "entry" for line in found))
    for kind in KINDS[:2]:
        if not any(line.kind == kind for line in found):
            raise no_statement(file, "CSV", f"no line of kind {kind!r}")
    return found


def _line(file: InputFile, row: int, cells: dict[str, str]) -> Line:
    if cells["kind"] not in KINDS:
        raise SourceCorruptError(
            f"{file.name}: row {row}, column kind: {cells['kind']!r};"
            f" write {', '.join(KINDS)}"
        )
    comma = file.dialect.decimal_separator == ","
    amount = cells["amount"].replace(",", ".") if comma else cells["amount"]
    reference = cells["end_to_end_id"] or ""
    return Line(
        row=row,
        statement=cells["statement"],
        kind=cells["kind"],
        entry_ref=cells.get("entry_ref"),
        amount=None if comma and "." in cells["amount"] else amount,
        currency=cells["currency"],
        direction=cells["direction"],
        status=cells["status"] or None,
        booked_on=cells["booked_on"],
        end_to_end_id=None if reference in NOT_GIVEN else reference,
        is_reversal=cells.get("is_reversal", "") in {"true", "1"},
    )
