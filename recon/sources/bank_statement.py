"""The bank's statement: camt.053, MT940, BAI2 or CSV, as lines with signed amounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources import bank_bai2, bank_camt, bank_csv, bank_mt940
from recon.sources.bank_line import Line
from recon.sources.shape import quoted

READERS: Mapping[str, Callable[[InputFile], list[Line]]] = {
    "camt.053": bank_camt.lines,
    "mt940": bank_mt940.lines,
    "bai2": bank_bai2.lines,
    "statement_csv": bank_csv.lines,
}

TYPED = """
select
    row,
    {account} as account,
    statement,
    kind,
    entry_ref,
    end_to_end_id,
    status,
    direction,
    is_reversal,
    upper(currency) as currency,
    to_minor(amount, digits_of(currency))
        * case direction when 'CRDT' then 1 when 'DBIT' then -1 end as amount_minor,
    try_cast(left(booked_on, 10) as date) as booked_on
from bank_statement_text
"""

BROKEN = {
    "amount": "amount_minor is null and direction in ('CRDT', 'DBIT')",
    "direction": "direction is null or direction not in ('CRDT', 'DBIT')",
    "booked_on": "kind = 'entry' and status = 'BOOK' and booked_on is null",
    "status": "kind = 'entry' and status is null",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `bank_lines`: amounts signed (in +, out -), in minor units."""
    _create_text(db, READERS[file.dialect.format](file))
    db.execute(f"create table bank_lines as {TYPED.format(account=quoted(file.account))}")
    for column, condition in BROKEN.items():
        for (row,) in db.execute(
            f"select row from bank_lines where {condition} order by row limit 1"
        ).fetchall():
            raise SourceCorruptError(
                f"{file.name}: entry {row}, {column}: not what a statement holds there;"
                " export the statement again"
            )


def entries(file: InputFile) -> int:
    """How many entries a statement has, as its format counts them."""
    if file.dialect.format == "camt.053":
        return bank_camt.entries(file)
    return sum(line.kind == "entry" for line in READERS[file.dialect.format](file))


def first_day(file: InputFile) -> date | None:
    """The day from which a statement speaks: as it says itself, or its first booking."""
    if file.dialect.format == "camt.053":
        days = bank_camt.first_days(file)
    else:
        days = [line.booked_on or "" for line in READERS[file.dialect.format](file)]
    dates = [date.fromisoformat(day[:10]) for day in days if day]
    return min(dates, default=None)


def _create_text(db: duckdb.DuckDBPyConnection, lines: list[Line]) -> None:
    """Hand all lines over at once, as text in one JSON parameter."""
    kinds = {"row": "BIGINT", "is_reversal": "BOOLEAN"}
    shape = [{name: kinds.get(name, "VARCHAR") for name in Line.__slots__}]
    db.execute(
        "create table bank_statement_text as"
        f" select unnest(from_json(?, {quoted(json.dumps(shape))}), recursive := true)",
        [json.dumps([asdict(line) for line in lines])],
    )
