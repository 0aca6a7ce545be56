"""Views keep their promises at rest, in memory and in PostgreSQL alike."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.projections.histories import (
    CREATE,
    DELIVER,
    HALF,
    NOW,
    OBJECT,
    PAID,
    history,
    refund,
    resolve,
    stories,
    transfer,
)
from toolkit.core.errors import Conflict, Declined
from toolkit.core.message import derived, first
from toolkit.core.ports import Delivery, Partition, Versioned
from toolkit.infra.memory import MemoryDatabase
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.postgres.wires import pack, wire
from toolkit.messages.escrow import Resolution
from toolkit.messages.wire import WireFormat
from toolkit.projections.evolve import folded
from toolkit.projections.model import State
from toolkit.projections.queries import MemoryQueries, Reader
from toolkit.projections.rebuild import rebuild, rebuild_all
from toolkit.projections.service import HEARD
from toolkit.projections.service import wire as routes
from toolkit.projections.store import PostgresQueries, ViewStore
from toolkit.runtime.handler import BatchHandler

TOOLKIT = Path(__file__).parents[2] / "toolkit"
WIRE = WireFormat()
SPLIT = (
    CREATE,
    PAID,
    DELIVER,
    OBJECT,
    resolve(Resolution.SPLIT, HALF),
    refund(HALF),
    transfer(HALF),
)
ADA, BOB, EVE = (
    Reader(buyer_id="ada"),
    Reader(seller_id="bob"),
    Reader(buyer_id="eve", seller_id="eve"),
)
EVERYBODY = Reader(sees_all=True)


def decode(topic, value, headers):
    return WIRE.decode(topic, wire(value, headers))


def envelopes(*messages):
    """A history on its two topics, with the versions that the events have there."""
    said = history(messages)
    for told in (said.escrow, said.payments):
        for version, (event, at) in enumerate(told, start=1):
            envelope = first(event, id=derived(event.topic, str(version)), at=at)
            yield replace(envelope, version=version)


def deliveries(told):
    return [
        Delivery(
            partition=Partition(e.message.topic, 0),
            offset=offset,
            key=e.key,
            envelope=e,
            cargo=e,
        )
        for offset, e in enumerate(told)
    ]


class Clock:
    def now(self):
        return NOW


class Tasks:
    def signal(self):
        return None


@pytest.fixture
def dsn(postgres_dsn):
    services = ("escrow", "payments", "projections")
    migrate(postgres_dsn, {name: TOOLKIT / name for name in services})
    return postgres_dsn


@pytest.fixture
async def pool(dsn):
    async with open_pool(dsn, "projections") as pool:
        yield pool


async def emptied(pool):
    async with pool.connection() as connection:
        for table in ("escrows", "inbox", "escrow.events", "payments.events"):
            await connection.execute(f"delete from {table}")


def database(pool):
    return PostgresDatabase(pool, "projections", ViewStore(), WIRE.encode, WIRE.decode)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.embedded)])
async def world(request):
    """A way to hear events, and the query side of what was heard."""
    if request.param == "memory":
        kept = MemoryDatabase(Tasks())
        yield (
            BatchHandler("projections", kept, Clock(), routes()),
            MemoryQueries(kept.states),
        )
        return
    async with open_pool(request.getfixturevalue("dsn"), "projections") as pool:
        handler = BatchHandler("projections", database(pool), Clock(), routes())
        yield handler, PostgresQueries(pool)


async def test_a_view_is_kept_with_every_fact(world):
    handler, queries = world
    told = list(envelopes(*SPLIT))
    await handler.handle(deliveries(told))
    assert await queries.escrow("E1", ADA) == folded(told, HEARD)["E1"].state


async def test_batches_add_up(world):
    handler, queries = world
    told = list(envelopes(*SPLIT))
    for delivery in deliveries(told):
        await handler.handle([delivery])
    assert (await queries.escrow("E1", BOB)).state is State.RELEASED


async def test_the_buyer_the_seller_and_an_admin_see_it_and_nobody_else(world):
    handler, queries = world
    await handler.handle(deliveries(envelopes(CREATE)))
    for reader in (ADA, BOB, EVERYBODY):
        assert await queries.escrow("E1", reader)
        assert await queries.escrow_of_contract("C1", reader)
    strangers = (EVE, Reader(), Reader(seller_id="ada"), Reader(buyer_id="bob"))
    for reader in strangers:
        assert await queries.escrow("E1", reader) is None
        assert await queries.escrow_of_contract("C1", reader) is None


async def test_what_was_never_heard_of_is_not_there(world):
    _, queries = world
    assert await queries.escrow("E9", EVERYBODY) is None
    assert await queries.escrow_of_contract("C9", EVERYBODY) is None


async def test_a_payment_without_its_escrow_is_seen_by_nobody_but_an_admin_later(world):
    handler, queries = world
    await handler.handle(deliveries([e for e in envelopes(PAID) if e.message == PAID]))
    assert await queries.escrow("E1", ADA) is None


@pytest.mark.embedded
async def test_an_operator_can_ask_without_reading_json(pool):
    handler = BatchHandler("projections", database(pool), Clock(), routes())
    await handler.handle(deliveries(envelopes(*SPLIT)))
    async with pool.connection() as connection:
        row = await (
            await connection.execute(
                "select contract_id, state, payment_status, in_minor, out_minor,"
                " refunded_minor, currency, held_at is not null from escrows"
            )
        ).fetchone()
    expected = ("C1", "RELEASED", "SUCCEEDED", 100_00, 50_00, 50_00, "USD", True)
    assert row == expected


@pytest.mark.embedded
async def test_a_view_that_moved_on_is_a_conflict(pool):
    view = folded(envelopes(CREATE), HEARD)["E1"].state
    async with pool.connection() as connection:
        await ViewStore().save(connection, {"E1": Versioned(view, 1)}, {"E1": 0}, [])
        with pytest.raises(Conflict):
            await ViewStore().save(connection, {"E1": Versioned(view, 3)}, {"E1": 2}, [])


async def record(pool, told):
    """Put events where the services would have."""
    async with pool.connection() as connection:
        for e in told:
            cargo = WIRE.encode(e)
            await connection.execute(
                f"insert into {e.message.topic.split('.')[0]}.events (topic, aggregate_id,"
                " version, event_id, type, occurred_at, correlation_id, value, headers)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    e.message.topic,
                    e.key,
                    e.version,
                    e.id,
                    e.type,
                    e.occurred_at,
                    e.correlation_id,
                    cargo.value,
                    pack(cargo),
                ],
            )


async def rows(pool):
    async with pool.connection() as connection:
        found = await connection.execute("select * from escrows order by escrow_id")
        return await found.fetchall()


@pytest.mark.embedded
async def test_one_escrow_is_rebuilt_and_the_others_are_left_alone(pool):
    told = list(envelopes(*SPLIT))
    await BatchHandler("projections", database(pool), Clock(), routes()).handle(
        deliveries(told)
    )
    live = await rows(pool)
    await record(pool, told)
    async with pool.connection() as connection:
        await connection.execute("update escrows set state = 'DELIVERED'")
        with pytest.raises(Declined, match=r"happened to E9, .*: there are E1"):
            await rebuild(connection, decode, ["E1", "E9"])
        assert await rebuild(connection, decode, ["E1"]) == 1
    assert await rows(pool) == live


@pytest.mark.embedded
async def test_what_is_heard_again_after_a_rebuild_changes_nothing(pool):
    told = list(envelopes(*SPLIT))
    await record(pool, told)
    async with pool.connection() as connection:
        assert await rebuild_all(connection, decode) == 1
    rebuilt = await rows(pool)
    await BatchHandler("projections", database(pool), Clock(), routes()).handle(
        deliveries(told)
    )
    assert await rows(pool) == rebuilt


@pytest.mark.embedded
@given(stories)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_rebuilt_view_equals_the_live_one(dsn, story):
    async def compare():
        async with open_pool(dsn, "projections") as pool:
            await emptied(pool)
            told = list(envelopes(*story))
            handler = BatchHandler("projections", database(pool), Clock(), routes())
            await handler.handle(deliveries(told))
            live = await rows(pool)
            await record(pool, told)
            async with pool.connection() as connection:
                await rebuild_all(connection, decode)
            assert await rows(pool) == live

    asyncio.run(compare())


async def test_the_terms_of_many_escrows_are_answered_in_the_order_asked(world):
    handler, queries = world
    told = list(envelopes(*SPLIT))
    await handler.handle(deliveries(told))
    terms = folded(told, HEARD)["E1"].state.agreement.terms
    asked = [("E1", EVE), ("E1", ADA), ("E9", ADA), ("E1", BOB), ("E1", EVERYBODY)]
    assert await queries.terms(asked) == [None, terms, None, terms, terms]
    assert await queries.terms([]) == []
