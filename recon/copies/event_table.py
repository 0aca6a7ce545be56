"""Read the services' event tables out of PostgreSQL, in a snapshot that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from recon.copies.messages import payload_of
from recon.faults import SourceMissingError

BATCH = 10_000
CONNECT_WITHIN_S = 10
NAME = "recon compare-events"
READ_ONLY = "set transaction isolation level repeatable read, read only"
TABLES = """
    select n.nspname
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relname = 'events' and c.relkind in ('r', 'p', 'v')
      and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
      and 5 = (
        select count(*) from pg_attribute as a
        where a.attrelid = c.oid
          and a.attname in ('topic', 'aggregate_id', 'version', 'event_id', 'value')
      )
    order by 1
"""
EVENTS = SQL("""
    select topic, aggregate_id, version, event_id::text, type, occurred_at,
      correlation_id::text, causation_id::text, value
    from {}.events
    where topic = any(%s) and occurred_at >= %s and occurred_at < %s
""")


def read(
    dsn: str, topics: Sequence[str], start: datetime, stop: datetime
) -> Iterator[list[tuple[Any, ...]]]:
    """Give the events of these topics in batches. The DSN is never repeated."""
    try:
        with psycopg.connect(
            dsn, connect_timeout=CONNECT_WITHIN_S, application_name=NAME
        ) as connection:
            connection.execute(READ_ONLY)
            schemas = [schema for (schema,) in connection.execute(TABLES).fetchall()]
            if not schemas:
                raise SourceMissingError(
                    "the database has no event table that this login may read;"
                    " give the DSN of one that may select from <service>.events"
                )
            with connection.cursor(name="events") as cursor:
                cursor.itersize = BATCH
                cursor.execute(_query(schemas), [list(topics), start, stop] * len(schemas))
                while rows := cursor.fetchmany(BATCH):
                    yield [_event(row) for row in rows]
    except psycopg.ProgrammingError as error:  # its text may be a part of the DSN
        raise SourceMissingError(
            "PostgreSQL cannot be read: the DSN is none, or the tables are not as the"
            " services make them; see both"
        ) from error
    except psycopg.Error as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceMissingError(
            f"PostgreSQL cannot be read ({said}); see the DSN and that the server answers"
        ) from error


def _query(schemas: Sequence[str]) -> Composed:
    return SQL(" union all ").join(EVENTS.format(Identifier(schema)) for schema in schemas)


def _event(row: tuple[Any, ...]) -> tuple[Any, ...]:
    *envelope, value = row
    return (*envelope, payload_of(envelope[4], value), sha256(value).hexdigest())
