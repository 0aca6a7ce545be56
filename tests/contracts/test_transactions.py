"""Every database keeps the same promises about a batch, whatever it is made of."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest

from tests.contracts.counter import Added
from tests.contracts.worlds import LOG, NOW, add, commit, delivered, handle, said, total
from toolkit.core.errors import Conflict, Fenced
from toolkit.core.ports import Cursor, Effects, Entry, Partition, Versioned
from toolkit.runtime.handler import AHEAD


def counted(key: str, total: int, version: int = 1, found: int = 0) -> Effects:
    """Everything that counting once changes."""
    event = add(key, 7).caused(0, Added(counter_id=key, total=total), NOW, version)
    return Effects(
        states={key: Versioned(total, version)},
        found={key: found},
        events=[event],
        outbox=[event],
    )


async def test_what_was_saved_is_loaded(database):
    await commit(database, counted("a", 5), keys=["a", "b"])
    async with database.transaction() as transaction:
        snapshot = await transaction.open([], ["a", "b"])
    assert dict(snapshot.states) == {"a": Versioned(5, 1)}


async def test_what_was_said_waits_in_the_order_said(database):
    await handle(database, *(delivered(add("ab"[n % 2], n), n) for n in range(20)))
    told = await said(database)
    assert [e.message.total for e in told if e.key == "a"] == list(range(1, 11))
    assert [e.message.total for e in told if e.key == "b"] == list(range(1, 11))
    assert [e.version for e in told if e.key == "b"] == list(range(1, 11))


async def test_an_envelope_survives_the_outbox_to_the_letter(database):
    event = add("a", 1).caused(0, Added(counter_id="a", total=1), NOW, 1)
    await commit(database, Effects(events=[event], outbox=[event]))
    assert await said(database) == [event]


async def test_a_message_is_new_only_once(database):
    one, two = UUID(int=1), UUID(int=2)
    assert (await commit(database, Effects(), [one])).fresh == {one}
    snapshot = await commit(database, Effects(), [one, two])
    assert snapshot.fresh == {two}


async def test_a_failed_batch_leaves_no_trace(database):
    effects = counted("a", 1)
    effects.agenda.append(
        Entry(id=UUID(int=9), due_at=NOW, since=NOW, performs=False, envelope=add("a", 8))
    )
    cursor = (await database.take_over([LOG]))[0]
    effects.cursors.append(Cursor(partition=LOG, epoch=cursor.epoch, offset=10))
    with pytest.raises(RuntimeError, match="power"):
        await commit(database, effects, [UUID(int=1)], ["a"], RuntimeError("power cut"))
    async with database.transaction() as transaction:
        snapshot = await transaction.open([UUID(int=1)], ["a"])
        assert snapshot.fresh == {UUID(int=1)}
        assert not snapshot.states
    assert await said(database) == []
    assert await database.lease(NOW, NOW, 10) == []
    assert (await database.take_over([LOG]))[0].offset == 0


async def test_a_state_that_has_moved_on_is_a_conflict(database):
    await commit(database, counted("a", 1), keys=["a"])
    with pytest.raises(Conflict):
        await commit(database, counted("a", 2, version=2, found=0), keys=["a"])
    assert await total(database, "a") == 1


async def test_of_two_who_create_the_same_one_is_refused(database):
    async def create(both_opened):
        async with database.transaction() as transaction:
            await transaction.open([], ["a"])
            await both_opened.wait()
            await transaction.write(counted("a", 1))

    both_opened = asyncio.Barrier(2)
    outcome = await asyncio.gather(
        create(both_opened), create(both_opened), return_exceptions=True
    )
    assert sorted(type(o) for o in outcome if o) == [Conflict]
    assert len(await said(database)) == 1


async def test_a_swallowed_conflict_is_not_committed(database):
    async def swallow():
        async with database.transaction() as transaction:
            await transaction.open([UUID(int=5)], ["b"])
            with suppress(Conflict):
                await transaction.write(counted("a", 2))

    await commit(database, counted("a", 1))
    with pytest.raises(Conflict):
        await swallow()
    async with database.transaction() as transaction:
        assert (await transaction.open([UUID(int=5)], [])).fresh


async def test_a_hundred_twins_of_a_message_have_one_effect(database):
    twin = delivered(add("a", 1))
    counts = await asyncio.gather(*(handle(database, twin) for _ in range(100)))
    assert sum(counts) == 1
    assert await total(database, "a") == 1
    assert len(await said(database)) == 1


async def test_a_hundred_who_count_at_once_all_count(database):
    work = (handle(database, delivered(add("a", n))) for n in range(100))
    await asyncio.gather(*work)
    told = await said(database)
    assert [(e.message.total, e.version) for e in told] == [(n, n) for n in range(1, 101)]


async def test_batches_that_share_keys_crosswise_all_finish(database):
    def batch(number):
        keys = "abcdefgh" if number % 2 else "hgfedcba"
        return [delivered(add(key, 100 * number + i)) for i, key in enumerate(keys)]

    await asyncio.gather(*(handle(database, *batch(n)) for n in range(20)))
    assert [await total(database, key) for key in "abcdefgh"] == [20] * 8


async def test_a_new_owner_goes_on_where_the_old_one_stopped(database):
    (cursor,) = await database.take_over([LOG])
    assert (cursor.offset, cursor.epoch) == (0, 1)
    await handle(database, delivered(add("a", 1), 41), epochs={LOG: cursor.epoch})
    other = Partition("counters.commands.v1", 7)
    assert await database.take_over([other, LOG]) == [
        Cursor(partition=other, epoch=1, offset=0),
        Cursor(partition=LOG, epoch=2, offset=42),
    ]


async def test_a_stale_owner_cannot_commit(database):
    (old,) = await database.take_over([LOG])
    (new,) = await database.take_over([LOG])
    with pytest.raises(Fenced):
        await handle(database, delivered(add("a", 1)), epochs={LOG: old.epoch})
    assert await total(database, "a") == 0
    assert await handle(database, delivered(add("a", 1)), epochs={LOG: new.epoch}) == 1


async def test_one_lost_partition_costs_the_whole_batch(database):
    other = Partition(LOG.topic, 1)
    await database.take_over([LOG, other])
    await database.take_over([other])
    batch = [delivered(add("a", 1)), delivered(add("b", 2), partition=other)]
    with pytest.raises(Fenced):
        await handle(database, *batch, epochs={LOG: 1, other: 1})
    assert await total(database, "a") == 0


async def test_what_was_begun_is_written_once_and_in_order(database):
    size = 2 * AHEAD + 5
    await handle(database, *(delivered(add("a", n), n) for n in range(size)))
    assert [e.message.total for e in await said(database)] == list(range(1, size + 1))


async def test_what_was_begun_and_not_finished_leaves_no_trace(database):
    async def cut_off():
        async with database.transaction() as transaction:
            await transaction.open([UUID(int=1)], ["a"])
            await transaction.begin(counted("a", 1))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        await cut_off()
    assert await said(database) == []
    await commit(database, counted("a", 1), [UUID(int=1)], ["a"])
    assert len(await said(database)) == 1
