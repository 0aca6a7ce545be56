"""Count an export's records, and find its first day, by the readers of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from recon.dialect import read_dialect
from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources import bank_statement, custodian_exports
from recon.sources.shape import name
from recon.sources.text import open_csv, unreadable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Where a payout says when it counts, in the two reports and their two clocks.
PAYOUT_CLOCKS = (
    *("effective_at_utc", "effective_at"),
    *("automatic_payout_effective_at_utc", "automatic_payout_effective_at"),
)


def counted(source: str, path: Path, said: Mapping[str, object]) -> tuple[int, date | None]:
    """The records of a file and the first day of a source that reaches back.

    `said` is what its manifest entry says of the way it is written. Raises
    SourceCorruptError where the file is not written so.
    """
    file = InputFile(
        source=source,
        path=path,
        name=path.name,
        account="",
        interval_start=EPOCH,
        interval_end=EPOCH,
        sha256="",
        rows=None,
        dialect=read_dialect(source, said),
    )
    if source == "bank_statement":
        return bank_statement.entries(file), bank_statement.first_day(file)
    with duckdb.connect() as db:
        try:
            return _counted(db, file)
        except duckdb.Error as error:
            raise unreadable(file, error) from error


def _counted(db: duckdb.DuckDBPyConnection, file: InputFile) -> tuple[int, date | None]:
    if file.source == "custodian_transactions" and file.dialect.format != "canonical":
        return custodian_exports.count(db, file), None
    header = open_csv(db, file)
    clocks = [column for column in PAYOUT_CLOCKS if column in header]
    first = "null::date"
    if file.source == "stripe_payouts" and clocks:
        first = f"min(try_cast(left({name(clocks[0])}, 10) as date))"
    [(rows, day)] = db.execute(
        f"select count(*), {first} from {file.source}_file"
    ).fetchall()
    return rows, day


def check_dialect(source: str, said: Mapping[str, object]) -> None:
    """Refuse what no reader understands. Raises SourceCorruptError with what to write."""
    unknown = set(said) - KEYS
    if unknown:
        raise SourceCorruptError(
            f"{source}: {min(unknown)!r} says nothing of how a file is written;"
            f" write one of {', '.join(sorted(KEYS))}"
        )
    read_dialect(source, said)


KEYS = {
    *("format", "timezone", "encoding", "delimiter", "decimal_separator", "units"),
    *("currency", "assets"),
}
