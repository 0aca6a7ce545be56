"""What a run remembers for the next day: what is open, what waits, what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from recon.faults import WrongUsageError
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
def opened(
    db: duckdb.DuckDBPyConnection, state: Path | None, day: date
) -> Iterator[Remembered]:
    """Attach the state, recall what days before this one left, and detach it again."""
    try:
        target = ":memory:" if state is None else str(state)
        db.execute(f"attach {quoted(target)} as kept")
    except duckdb.Error as error:
        raise WrongUsageError(
            f"--state {state}: {str(error).splitlines()[0]};"
            " give a file that a run has written, or a new one"
        ) from error
    try:
        _lay_out(db, state)
        _script(db, "recall.sql", day=day)
        _take_fingerprints(db, is_needed=state is not None)
        yield Remembered(_is_known(db, day - timedelta(days=1)), _digest(db))
    finally:
        db.execute("detach kept")


def _lay_out(db: duckdb.DuckDBPyConnection, state: Path | None) -> None:
    """Create what a state lacks; a database of something else is left alone."""
    schema = (SCRIPTS / "schema.sql").read_text(encoding="utf-8")
    found = _columns(db)
    if found:
        with duckdb.connect() as blueprint:
            blueprint.execute("attach ':memory:' as kept")
            blueprint.execute(schema)
            expected = _columns(blueprint)
        known = {table for table, *_ in found}
        if found != {column for column in expected if column[0] in known}:
            raise WrongUsageError(
                f"--state {state}: it holds other tables than a run of this version keeps;"
                " give a file that a run has written, or a new one"
            )
    db.execute(schema)


def _columns(db: duckdb.DuckDBPyConnection) -> set[tuple[object, ...]]:
    return set(
        db.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where database_name = 'kept'"
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
