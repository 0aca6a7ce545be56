"""The numbers of a status are of one moment, whatever is written while it is read."""

import threading
import time

import psycopg
import pytest

from toolkit.infra.postgres.status import status

TABLES = """
    create schema {0};
    create table {0}.events (n int);
    create table {0}.outbox (n int);
    create table {0}.agenda (performs boolean);
    create table {0}.dead_letters (resolved_at timestamptz);
    create table {0}.parked (n int);
"""
JOURNAL = "create table payments.journal (account text, currency text, minor bigint)"
WAITS = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"


@pytest.mark.embedded
def test_what_is_written_while_it_is_read_is_in_all_numbers_or_in_none(postgres_dsn):
    found = []
    with psycopg.connect(postgres_dsn, autocommit=True) as owner:
        for schema in ("escrow", "payments"):
            owner.execute(TABLES.format(schema))
        owner.execute(JOURNAL)
        with psycopg.connect(postgres_dsn) as writer:
            writer.execute("lock table payments.events in access exclusive mode")
            reader = threading.Thread(
                target=lambda: found.append(status(postgres_dsn, ("escrow", "payments")))
            )
            reader.start()
            while owner.execute(WAITS).fetchone() == (0,):  # it has read escrow's by now
                time.sleep(0.01)
            for schema in ("escrow", "payments"):
                writer.execute(f"insert into {schema}.events values (1)")
            writer.execute("insert into payments.journal values ('escrow:E1', 'USD', 1)")
        reader.join(20)
    [seen] = found
    assert [service.events for service in seen.services.values()] == [0, 0]
    assert seen.balances == []
    assert status(postgres_dsn, ("escrow", "payments")).said == 2
