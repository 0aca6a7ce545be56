"""What the runs of many days left: how each ended, and the life of one discrepancy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from recon.faults import WrongUsageError, unusable_state
from recon.records import records
from recon.weight import weight

RUNS = """
    select number, business_date::varchar as business_date, verdict, run_id, replaces,
        open_count, new_count, resolved_count
    from history order by number
"""
LIFE = """
    select business_date::varchar as business_date, discrepancy_id, code, subject, state,
        expected_minor, actual_minor, difference_minor, currency, explanation
    from discrepancies where discrepancy_id like ? order by business_date
"""
SETTLED = """
    select business_date::varchar as business_date, resolved_by, approved_by, reason
    from resolutions where discrepancy_id = ? order by resolved_at
"""
# The last word of every discrepancy that nobody has settled since it was last found.
OPEN = """
    with last_found as (
        select discrepancy_id, max(business_date) as found_on
        from discrepancies anti join carried using (business_date, discrepancy_id)
        group by discrepancy_id
    ), latest as (
        from discrepancies
        qualify row_number() over (
            partition by discrepancy_id order by business_date desc
        ) = 1
    )
    select first_seen::date::varchar as since, severity, code, subject, difference_minor,
        currency, discrepancy_id
    from latest left join last_found using (discrepancy_id)
    where state in ('OPEN', 'REOPENED')
        and not exists (
            from resolutions as settled
            where settled.discrepancy_id = latest.discrepancy_id
                and settled.business_date >= found_on
        )
    order by since, code, subject, discrepancy_id
"""


# A state that was last written before this was kept has no such table.
CARRIED = "select 1 from duckdb_tables() where table_name = 'carried'"


@contextmanager
def kept(state: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a state file to read it, or say that it is none."""
    if not state.is_file():
        raise WrongUsageError(
            f"--state {state} is not there; give one that a run has written"
        )
    try:
        db = duckdb.connect(str(state), read_only=True)
        db.execute("select 1 from history, resolutions, discrepancies limit 0")
        if not db.execute(CARRIED).fetchall():
            db.execute(
                "create temp table carried (business_date date, discrepancy_id text)"
            )
    except duckdb.Error as error:
        raise unusable_state(state, error) from error
    try:
        yield db
    finally:
        db.close()


def runs(state: Path) -> list[dict[str, Any]]:
    """Every run in the order made: its day, its verdict, and what was open after it."""
    with kept(state) as db:
        return records(db, RUNS)


def open_ones(state: Path) -> list[dict[str, Any]]:
    """Everything that is open now, the worst first; amounts in minor units.

    It is sorted by severity, then by amount, then by age: as a person works through it.
    """

    def worst(found: dict[str, Any]) -> tuple[Any, ...]:
        first = weight(found["severity"], found["difference_minor"], found["currency"])
        return *first, found["since"], found["code"], found["discrepancy_id"]

    with kept(state) as db:
        return sorted(records(db, OPEN), key=worst)


def life(
    state: Path, discrepancy: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One discrepancy day by day, and who settled it; the id may be cut short.

    Raises WrongUsageError where no discrepancy, or more than one, begins with it.
    """
    with kept(state) as db:
        days = records(db, LIFE, [f"{discrepancy}%"])
        ids = {day["discrepancy_id"] for day in days}
        if len(ids) != 1:
            told = "more than one discrepancy begins" if ids else "no discrepancy begins"
            raise WrongUsageError(f"{told} with {discrepancy!r} in {state}")
        return days, records(db, SETTLED, list(ids))
