"""What goes wrong in PostgreSQL reaches the runtime in the runtime's own words."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from tests.contracts.counter import SCHEMA, Add, encode
from tests.contracts.worlds import (
    LOG,
    NOW,
    add,
    commit,
    delivered,
    handle,
    handler,
    postgres,
    said,
    total,
)
from toolkit.core.errors import Conflict, Declined, Unavailable
from toolkit.core.message import first
from toolkit.core.ports import Delivery, Effects, Versioned
from toolkit.infra.postgres import database as adapter
from toolkit.infra.postgres import pool
from toolkit.messages.wire import Wire

pytestmark = pytest.mark.embedded


@pytest.fixture
async def database(postgres_dsn):
    async with postgres(postgres_dsn) as database:
        yield database


async def terminate(database, condition: str) -> int:
    """End other sessions, as an administrator or a dying machine would."""
    async with database.pool.connection() as connection:
        answer = await connection.execute(
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            f" and {condition}"
        )
        return (await answer.fetchone())[0]


async def test_a_state_that_a_constraint_refuses_is_declined(database):
    effects = Effects(states={"a": Versioned(-1, 1)}, found={"a": 0})
    with pytest.raises(Declined, match="counters_total_check"):
        await commit(database, effects)


async def test_one_refused_message_costs_its_own_key_only(database):
    batch = [delivered(add("abcd"[n % 4], n), n) for n in range(20)]
    batch[5] = delivered(add("b", 5, -100), 5)
    await handle(database, *batch)
    assert [await total(database, key) for key in "abcd"] == [5, 1, 5, 5]
    assert await handler(database).resume("b") == 3


async def test_the_same_version_twice_is_a_conflict(database):
    event = first(Add(counter_id="a"), UUID(int=1), NOW)
    again = replace(event, id=UUID(int=2), version=1)
    await commit(database, Effects(events=[replace(event, version=1)]))
    with pytest.raises(Conflict, match="events_pkey"):
        await commit(database, Effects(events=[again]))


async def test_after_a_failure_the_same_session_goes_on(database):
    refused = Effects(states={"a": Versioned(-1, 1)}, found={"a": 0})
    for number in range(5):
        with pytest.raises(Declined):
            await commit(database, refused, [UUID(int=number)], ["a"])
        assert await handle(database, delivered(add("a", 10 + number))) == 1
    assert await total(database, "a") == 5


async def test_a_lock_that_is_held_too_long_is_unavailable(database):
    async def open_in_haste():
        async with database.transaction() as transaction:
            await transaction.connection.execute("set local lock_timeout = '20ms'")
            await transaction.open([], ["a"])

    await handle(database, delivered(add("a", 1)))
    async with database.pool.connection() as holder, holder.transaction():
        await holder.execute("select from counters for update")
        with pytest.raises(Unavailable, match="lock timeout"):
            await open_in_haste()
    assert await total(database, "a") == 1


async def test_a_process_that_freezes_in_its_transaction_loses_its_locks(database):
    async def freeze():
        async with database.transaction() as transaction:
            limit = "set local idle_in_transaction_session_timeout = '50ms'"
            await transaction.connection.execute(limit)
            await transaction.open([UUID(int=2)], ["a"])
            await handle(database, delivered(add("a", 3)))
            await transaction.write(Effects())

    await handle(database, delivered(add("a", 1)))
    with pytest.raises(Unavailable):
        await freeze()
    assert await total(database, "a") == 2


async def taken_in_the_end(database):
    for _ in range(50):
        await asyncio.sleep(0.1)
        with suppress(Unavailable):
            (cursor,) = await database.take_over([LOG])
            return cursor
    pytest.fail("the frozen session still holds its lock")


async def test_a_process_that_freezes_between_two_statements_is_ended_by_who_needs_its_lock(
    postgres_dsn, monkeypatch
):
    monkeypatch.setitem(pool.SESSION, "lock_timeout", "50ms")
    monkeypatch.setattr(adapter, "FROZEN_AFTER_S", 0.2)
    async with postgres(postgres_dsn) as database:
        await database.take_over([LOG])
        with suppress(psycopg.OperationalError):
            async with database.pool.connection() as frozen, frozen.pipeline():
                await frozen.execute("begin")
                await frozen.execute("update offsets set next_offset = 1")
                await asyncio.sleep(0.3)
                with pytest.raises(Unavailable, match="lock timeout"):
                    await database.take_over([LOG])
                cursor = await taken_in_the_end(database)
    assert (cursor.epoch, cursor.offset) == (2, 0)


async def test_what_failed_unnoticed_is_not_taken_for_committed(database):
    async def overlook():
        async with database.transaction() as transaction:
            await transaction.write(Effects(outbox=[add("a", 1)]))
            with suppress(psycopg.DataError):
                answer = await transaction.connection.execute("select 1 / 0")
                await answer.fetchone()

    with pytest.raises(Unavailable):
        await overlook()
    assert await said(database) == []


async def test_a_session_that_dies_before_its_commit_is_unavailable(database):
    async def die_at_the_end():
        async with database.transaction() as transaction:
            await transaction.open([UUID(int=1)], ["a"])
            await transaction.write(Effects(outbox=[add("a", 1)]))
            assert await terminate(database, "state like 'idle in%'") == 1

    with pytest.raises(Unavailable):
        await die_at_the_end()
    assert await said(database) == []
    assert await handle(database, delivered(add("a", 1))) == 1


async def test_a_server_that_is_not_there_is_unavailable(database):
    await database.pool.close()
    with pytest.raises(Unavailable):
        await database.take_over([LOG])


async def test_a_mistake_of_ours_stays_what_it_is(database):
    async with database.pool.connection() as connection:
        await connection.execute("drop table agenda")
    with pytest.raises(psycopg.errors.UndefinedTable):
        await database.lease(NOW, NOW, 1)


async def test_a_relay_whose_session_died_can_delete_nothing(database):
    await commit(database, Effects(outbox=[add("a", 1)]))
    async with database.owned() as old:
        (posting,) = await old.read(10)
        waiting = asyncio.create_task(said(database))
        assert await terminate(database, "query like '%from outbox%'") == 1
        assert len(await waiting) == 1, "the next in line has taken over"
        with pytest.raises(Unavailable):
            await old.delete({posting.seq})
    assert len(await said(database)) == 1


async def test_relays_may_share_an_outbox_by_its_parts(database):
    await commit(database, Effects(outbox=[add(f"k{n}", n) for n in range(100)]))
    even, odd = (replace(database, parts=range(start, 16, 2)) for start in (0, 1))
    async with even.owned() as first_half, odd.owned() as second_half:
        keys = [{p.key for p in await half.read(999)} for half in (first_half, second_half)]
    assert not keys[0] & keys[1]
    assert len(keys[0] | keys[1]) == 100


@pytest.mark.parametrize("key", ["nul\0key", "lone\udcffsurrogate", "k" * 100_000])
async def test_a_key_that_no_column_can_hold_is_buried_and_parked(database, key):
    cargo = Wire.of(
        value=b"\0\xff", headers=(("\udcff\0 x".encode(errors="replace").decode(), b""),)
    )
    letter = Delivery(
        partition=LOG, offset=3, key=key, envelope=None, cargo=cargo, problem="what\0?"
    )
    await handle(database, letter)
    async with database.transaction() as transaction:
        assert (await transaction.open([], [key, "other"])).parked == {key}
    assert await handler(database).resume(key) == 0


async def test_headers_survive_parking_to_the_letter(database):
    strange = Wire.of(
        value=b"\0", headers=(("a", b""), ("a", b"\xff\0\n"), ("", b"x" * 70_000))
    )
    first_of_key = Delivery(
        partition=LOG, offset=0, key="a", envelope=None, cargo=strange, problem="?"
    )
    behind = replace(delivered(add("a", 2)), cargo=strange)
    await handle(database, first_of_key, behind)
    async with database.transaction() as transaction:
        (waited,) = await transaction.release("a")
    assert waited.cargo == strange
    assert waited.problem is not None, "it is read again, and still cannot be"


async def test_events_are_kept_with_all_that_is_known_of_them(database):
    event = replace(add("a", 1).caused(0, Add(counter_id="a"), NOW, 1))
    await commit(database, Effects(events=[event]))
    async with database.pool.connection() as connection:
        answer = await connection.execute(
            "select topic, aggregate_id, version, event_id, type, occurred_at,"
            " correlation_id, causation_id, traceparent, value from events"
        )
        (row,) = await answer.fetchall()
    assert row == (
        Add.topic,
        "a",
        1,
        event.id,
        "Add",
        NOW,
        UUID(int=1),
        UUID(int=1),
        event.traceparent,
        encode(event).value,
    )
    assert await said(database) == [], "it was recorded, not sent"


async def test_sessions_never_wait_for_ever(database):
    async with database.pool.connection() as connection:
        for name in (
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
        ):
            answer = await connection.execute(f"show {name}")
            assert (await answer.fetchone())[0] not in ("0", None)
    assert database.schema == SCHEMA
