"""The hard gate of every change: what a batch costs may not rise unnoticed."""

import asyncio
import json

import psycopg
import pytest

from tests.bench import counts

BASELINE = json.loads(counts.BASELINE.read_text())


@pytest.mark.slow
@pytest.mark.embedded
def test_a_batch_costs_no_more_than_the_baseline_says():
    """If this is meant to be so, run `python -m tests.bench.counts` and say why."""
    measured = counts.measured()

    assert set(measured) == set(BASELINE)
    assert counts.worse(BASELINE, measured) == []


@pytest.mark.slow
@pytest.mark.embedded
def test_an_index_that_nobody_asked_for_is_seen_in_the_bytes_of_the_log(postgres_dsn):
    """The planted slowness: no clock would show it on a busy machine."""
    asyncio.run(counts.measure(postgres_dsn))  # makes the schema
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("create index planted on escrow.events (event_id, value)")
        tables = ("events", "inbox", "escrows", "agenda")
        connection.execute("truncate " + ", ".join(f"escrow.{name}" for name in tables))

    slower = asyncio.run(counts.measure(postgres_dsn))

    assert any("wal_bytes" in sentence for sentence in counts.worse(BASELINE, slower))


@pytest.mark.parametrize("name", BASELINE)
def test_one_more_of_anything_is_worse_and_one_less_is_not(name):
    more, less = dict(BASELINE), dict(BASELINE)
    more[name] *= 1.1
    less[name] *= 0.9

    assert len(counts.worse(BASELINE, more)) == 1
    assert counts.worse(BASELINE, less) == []
