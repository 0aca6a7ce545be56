"""Forgets what nobody can send any more: handled ids, and answers under old keys.

A record may come again for as long as a broker keeps it, so an id is remembered longer
than any topic keeps a record. The provider, too, tells the same event again: Stripe for
three days by webhook and for thirty days in its list, which is less.

An idempotency key outlives the ids derived from it. Were it forgotten before them, the
same key used again would be accepted at the door and passed over as handled behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from toolkit.messages.topics import RETENTION_MAX

MARGIN = timedelta(days=30)  # a broker deletes by the segment, and people take their time
INBOX_FOR = RETENTION_MAX + MARGIN
KEYS_FOR = INBOX_FOR + MARGIN
ROWS_MAX = 5_000  # of one transaction: locks are short, and others come in between
KEYS_SCHEMA = "gateway"
LOCK = "select pg_try_advisory_lock(hashtextextended('housekeeping', 0))"

INBOX = """
    delete from {schema}.inbox where ctid = any(array(
      select ctid from {schema}.inbox where claimed_at < now() - %s limit %s
    ))
"""
KEYS = """
    delete from {schema}.idempotency_keys where ctid = any(array(
      select ctid from {schema}.idempotency_keys where claimed_at < now() - %s limit %s
    ))
"""


class Busy(Exception):  # noqa: N818 - the name says what happened, not what it is
    """Somebody else keeps house at this moment; there is nothing to do."""


def keep_house(
    dsn: str, schemas: Iterable[str], rows_max: int = ROWS_MAX
) -> dict[str, int]:
    """Forget what is old enough by the database's clock; answer how many rows of each.

    Rows go in small transactions: it may be stopped at any moment, and run again. Raises
    Busy beside another one.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(LOCK).fetchone()
        if not (row and row[0]):
            raise Busy("housekeeping runs already: let it finish")
        return {
            name: _delete(connection, statement, kept_for, rows_max)
            for name, statement, kept_for in _chores(schemas)
        }


def _chores(schemas: Iterable[str]) -> Iterator[tuple[str, Composed, timedelta]]:
    for schema in schemas:
        place = Identifier(schema)
        yield f"{schema}.inbox", SQL(INBOX).format(schema=place), INBOX_FOR
        if schema == KEYS_SCHEMA:
            name = f"{schema}.idempotency_keys"
            yield name, SQL(KEYS).format(schema=place), KEYS_FOR


def _delete(
    connection: psycopg.Connection[tuple[bool]],
    statement: Composed,
    kept_for: timedelta,
    rows_max: int,
) -> int:
    total = 0
    while True:
        count = connection.execute(statement, [kept_for, rows_max]).rowcount
        total += count
        if count < rows_max:
            return total
