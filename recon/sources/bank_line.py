"""A balance or an entry of a bank statement, whatever format it came in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from recon.currencies import places_of
from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.text import decoded

NOT_GIVEN = {"", "NOTPROVIDED", "NONREF"}


@dataclass(frozen=True, slots=True)
class Line:
    """A balance or an entry of the statement, still as text."""

    row: int
    statement: str
    kind: str
    entry_ref: str | None
    amount: str | None
    currency: str | None
    direction: str | None
    status: str | None
    booked_on: str | None
    end_to_end_id: str | None
    is_reversal: bool


def major(minor: int, currency: str) -> str:
    """Minor units as decimal text; digits are moved, never divided."""
    return str(Decimal(minor).scaleb(-places_of(currency)))


def statement_text(file: InputFile) -> str:
    """A statement's characters: UTF-8 unless the manifest says otherwise."""
    return decoded(file)


def no_statement(file: InputFile, format: str, reason: object) -> SourceCorruptError:
    """What to say of a file that is not what it should be."""
    return SourceCorruptError(
        f"{file.name}: not readable as {format}: {reason}; export the statement again,"
        ' or say in the manifest which "format" it is'
    )
