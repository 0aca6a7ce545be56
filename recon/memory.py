"""What a run remembers for the next day: what is open, what waits, what was seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from recon.faults import WrongUsageError, unusable_state
from recon.sources import custodian_transactions, stripe_activity, stripe_payouts
from recon.sources.shape import quoted
from recon.sources.text import fingerprints

# A row's source as `seen_rows` names it: the rail, or PAYOUT.
# A later update alone is no restatement.
FINGERPRINTS = {
    "STRIPE": fingerprints(
        "stripe_activity", "balance_transaction_id", stripe_activity.REQUIRED
    ),
    "CUSTODIAN": fingerprints(
        "custodian_transactions",
        "custodian_tx_id",
        [name for name in custodian_transactions.REQUIRED if name != "updated_at"],
    ),
    "PAYOUT": fingerprints(
        "stripe_payouts", "balance_transaction_id", stripe_payouts.REQUIRED
    ),
}
SCRIPTS = Path(__file__).parent / "remembering"
CARRY = SCRIPTS / "carry.sql"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What earlier days left, as far as the run itself needs to know it."""

    is_yesterday_known: bool
    digest: str


@contextmanager
def held(
    db: duckdb.DuckDBPyConnection, state: Path | None, *, is_only_read: bool = False
) -> Iterator[None]:
    """Hold a state, so that one that cannot be used is told before anything is done.

    One that is yet to be made waits for `recall`: a run without a verdict leaves none.
    """
    try:
        if is_only_read and state is not None:
            _attach_to_read(db, state)
        elif state is not None and state.exists():
            _attach(db, state)
        elif state is not None and not os.access(state.parent, os.W_OK):
            raise WrongUsageError(
                f"--state {state}: its folder is not there or cannot be written;"
                " make the folder, or give a file in another"
            )
        yield
    finally:
        db.execute("detach database if exists kept")
        db.execute("detach database if exists kept_file")


def recall(db: duckdb.DuckDBPyConnection, state: Path | None, day: date) -> Remembered:
    """Recall what days before this one left in the state that is held, or in a new one."""
    if not _columns(db, "kept"):
        _attach(db, state)
    _script(db, "recall.sql", day=day)
    _take_fingerprints(db, is_needed=state is not None)
    return Remembered(_is_known(db, day - timedelta(days=1)), _digest(db))


def _attach(db: duckdb.DuckDBPyConnection, state: Path | None) -> None:
    """Attach a state to write it, and create what it lacks."""
    try:
        db.execute(f"attach {quoted(':memory:' if state is None else str(state))} as kept")
    except duckdb.Error as error:
        raise unusable_state(state, error) from error
    _check(state, _columns(db, "kept"))
    db.execute(_schema())


def _attach_to_read(db: duckdb.DuckDBPyConnection, state: Path) -> None:
    """Attach a state that nothing can be written to; what an older one lacks is empty."""
    if not state.is_file():
        raise WrongUsageError(
            f"--state {state} is not there; give one that a run has written"
        )
    try:
        db.execute(f"attach {quoted(str(state))} as kept_file (read_only)")
    except duckdb.Error as error:
        raise unusable_state(state, error) from error
    found = _columns(db, "kept_file")
    _check(state, found)
    db.execute("attach ':memory:' as kept")
    db.execute(_schema())
    for table in sorted({str(table) for table, *_ in found}):
        db.execute(f"drop table kept.{table}")
        db.execute(f"create view kept.{table} as from kept_file.{table}")


def _check(state: Path | None, found: set[tuple[object, ...]]) -> None:
    """Leave a database of something else alone."""
    if not found:
        return
    with duckdb.connect() as blueprint:
        blueprint.execute("attach ':memory:' as kept")
        blueprint.execute(_schema())
        expected = _columns(blueprint, "kept")
    known = {table for table, *_ in found}
    if found != {column for column in expected if column[0] in known}:
        raise WrongUsageError(
            f"--state {state}: it holds other tables than a run of this version keeps;"
            " give a file that a run has written, or a new one"
        )


def _schema() -> str:
    return (SCRIPTS / "schema.sql").read_text(encoding="utf-8")


def _columns(db: duckdb.DuckDBPyConnection, name: str) -> set[tuple[object, ...]]:
    return set(
        db.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where database_name = ?",
            [name],
        ).fetchall()
    )


def _take_fingerprints(db: duckdb.DuckDBPyConnection, *, is_needed: bool) -> None:
    """Hash the required columns of every row: it tells a restated one to later days."""
    db.execute(
        "create table fingerprints (source varchar, row_key varchar, fingerprint varchar)"
    )
    for source, query in FINGERPRINTS.items():
        if is_needed:
            db.execute(
                f"insert into fingerprints select {quoted(source)}, * from ({query})"
            )


def _is_known(db: duckdb.DuckDBPyConnection, day: date) -> bool:
    [(count,)] = db.execute(
        "select count(*) from kept.runs where business_date = ?", [day]
    ).fetchall()
    return bool(count)


def _digest(db: duckdb.DuckDBPyConnection) -> str:
    """A hash of what is recalled: it decides the result as the inputs do."""
    parts = []
    for table in (
        "seen_rows",
        "earlier_traces",
        "carried_movements",
        "carried_bookings",
        "carried_discrepancies",
    ):
        [(digest,)] = db.execute(
            f"select sha256(coalesce(string_agg(record, chr(10) order by record), ''))"
            f" from (select to_json(recalled)::varchar as record from {table} as recalled)"
        ).fetchall()
        parts.append(digest)
    return ".".join(parts)


def remember(db: duckdb.DuckDBPyConnection, **about_the_run: object) -> None:
    """Write what the next day needs, all of it or nothing."""
    db.execute("begin")
    try:
        _script(db, "remember.sql", **about_the_run)
    except duckdb.Error:
        db.execute("rollback")
        raise
    db.execute("commit")


def _script(db: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> None:
    """Run a script statement by statement, each with the parameters it mentions."""
    for statement in db.extract_statements((SCRIPTS / name).read_text(encoding="utf-8")):
        named = {key: parameters[key] for key in statement.named_parameters}
        db.execute(statement, named)
