"""What waits is read from where it waits: the service's tables, and the broker's ends."""

from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

import toolkit.escrow
from tests.bench.handler_path import opening
from tests.contracts.worlds import NOW
from tests.infra.test_kafka import mock_broker, posting, producer  # noqa: F401 - a fixture
from toolkit.core.errors import Unavailable
from toolkit.core.message import derived
from toolkit.core.ports import Delivery, Partition
from toolkit.escrow.service import wire as escrow_routes
from toolkit.escrow.store import EscrowStore
from toolkit.infra.kafka_ends import BrokerEnds
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.telemetry.backlog import Backlog
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.messages.wire import Wire, WireFormat
from toolkit.runtime.handler import BatchHandler

LOG = Partition("escrow.commands.v1", 0)
HOUR = timedelta(hours=1)


class HandClock:
    at = NOW

    def now(self):
        return self.at


@asynccontextmanager
async def service(dsn):
    """The escrow service's database and handler, and what reads its backlog."""
    migrate(dsn, {"escrow": Path(toolkit.escrow.__file__).parent})
    wires, clock, metrics = WireFormat(), HandClock(), Metrics()

    async def ends(partitions):
        return dict.fromkeys(partitions, 10)

    async with open_pool(dsn, "escrow", size_max=2) as pool:
        database = PostgresDatabase(
            pool, "escrow", EscrowStore(), wires.encode, wires.decode
        )
        handler = BatchHandler("escrow", database, clock, escrow_routes())
        yield handler, Backlog("escrow", metrics, clock, ends, pool)


def figure(backlog, name, **labels):
    found = backlog.metrics.registry.get_sample_value(
        f"escrow_{name}", {"service": "escrow", **labels}
    )
    assert found is not None, f"{name} was not read"
    return found


def garbage(offset, key):
    return Delivery(
        partition=LOG,
        offset=offset,
        key=key,
        envelope=None,
        cargo=Wire(value=b"?"),
        problem="no message of ours",
    )


async def test_an_idle_service_has_nothing_waiting(postgres_dsn):
    async with service(postgres_dsn) as (_, backlog):
        await backlog.look()
        for name in ("outbox_messages", "outbox_oldest_age_seconds", "dead_letters"):
            assert figure(backlog, name) == 0
        assert figure(backlog, "agenda_entries", kind="timer") == 0
        assert figure(backlog, "agenda_overdue_seconds", kind="call") == 0


async def test_what_was_said_and_is_due_grows_old_by_the_services_own_clock(postgres_dsn):
    async with service(postgres_dsn) as (handler, backlog):
        await handler.handle([opening(derived("E", str(n)), n) for n in range(3)])
        backlog.clock.at = NOW + 73 * HOUR
        await backlog.look()
    assert figure(backlog, "outbox_messages") == 9, "two events and a command each"
    assert figure(backlog, "outbox_oldest_age_seconds") == 73 * 3_600
    assert figure(backlog, "agenda_entries", kind="timer") == 3
    assert figure(backlog, "agenda_overdue_seconds", kind="timer") == 3_600


async def test_dead_letters_and_what_waits_behind_them(postgres_dsn):
    first = opening(derived("E", "1"), 1)
    async with service(postgres_dsn) as (handler, backlog):
        await handler.handle([garbage(0, first.key), first, garbage(2, ""), garbage(3, "")])
        await backlog.look()
    assert figure(backlog, "dead_letters") == 3
    assert figure(backlog, "parked_keys") == 1, "a record without a key parks nothing"
    assert figure(backlog, "parked_messages") == 1


async def test_lag_is_what_the_broker_has_and_the_database_has_not(postgres_dsn):
    async with service(postgres_dsn) as (handler, backlog):
        (cursor,) = await handler.database.take_over([LOG])
        await handler.handle([opening(derived("E", "1"), 3)], {LOG: cursor.epoch})
        await backlog.look()
    place = {"topic": LOG.topic, "partition": "0"}
    assert figure(backlog, "consumer_lag_messages", **place) == 6


async def test_a_broker_says_where_those_partitions_end_that_it_has(mock_broker):  # noqa: F811 - a fixture
    asked = BrokerEnds({"bootstrap.servers": mock_broker.bootstrap})
    assert await asked.answers()
    async with producer(mock_broker) as writer:
        await writer.publish([posting(seq, "a") for seq in range(5)])
    topic = posting(0, "a").topic
    found = await asked.ends([Partition(topic, number) for number in range(12)])
    assert sum(found.values()) == 5
    assert len(found) == 4


async def test_a_broker_that_is_away_does_not_answer():
    asked = BrokerEnds({"bootstrap.servers": "127.0.0.1:9"}, within_s=0.3)
    assert not await asked.answers()
    with pytest.raises(Unavailable):
        await asked.ends([LOG])
