"""Every agenda gives each entry to one worker at a time, and loses none."""

import asyncio
from datetime import timedelta
from uuid import UUID

from tests.contracts.worlds import NOW, add, commit
from toolkit.core.ports import Effects, Entry

MINUTE = timedelta(minutes=1)
LEASE = NOW + MINUTE


def entry(number: int, due_at=NOW, **others) -> Entry:
    given = {"since": NOW - MINUTE, "performs": True, "envelope": add("a", number)}
    return Entry(id=UUID(int=number), due_at=due_at, **{**given, **others})


async def plan(database, *entries: Entry) -> None:
    await commit(database, Effects(agenda=list(entries)))


async def numbers(database, now=NOW, until=LEASE, limit=100) -> list[int]:
    return [entry.id.int for entry in await database.lease(now, until, limit)]


async def test_an_entry_comes_back_to_the_letter(database):
    planned = entry(1, attempts=3)
    await plan(database, planned)
    assert list(await database.lease(NOW, LEASE, 1)) == [planned]


async def test_what_is_due_comes_oldest_first_and_no_more_than_asked(database):
    await plan(database, *(entry(n, NOW - n * MINUTE) for n in (2, 1, 3)))
    assert await numbers(database, limit=2) == [3, 2]


async def test_what_is_not_due_stays(database):
    await plan(database, entry(1, NOW + timedelta(microseconds=1)))
    assert await numbers(database) == []


async def test_a_leased_entry_is_nobody_elses_until_the_lease_runs_out(database):
    await plan(database, entry(1))
    assert await numbers(database) == [1]
    assert await numbers(database, LEASE - timedelta(microseconds=1)) == []
    assert await numbers(database, LEASE, LEASE + MINUTE) == [1]


async def test_workers_who_come_at_once_share_nothing(database):
    await plan(database, *(entry(n) for n in range(1, 101)))
    shares = await asyncio.gather(*(numbers(database, limit=10) for _ in range(10)))
    while len(taken := sorted(n for share in shares for n in share)) < 100:
        shares.append(await numbers(database, limit=10))
    assert taken == list(range(1, 101))


async def test_a_postponed_entry_is_due_again_and_has_one_attempt_more(database):
    await plan(database, entry(1))
    await numbers(database)
    await database.postpone(UUID(int=1), NOW + 2 * MINUTE)
    assert await numbers(database, LEASE) == []
    again = await database.lease(NOW + 2 * MINUTE, NOW + 3 * MINUTE, 1)
    assert list(again) == [entry(1, NOW + 2 * MINUTE, attempts=1)]


async def test_what_is_done_leaves_the_agenda(database):
    await plan(database, entry(1), entry(2))
    await numbers(database)
    await commit(database, Effects(done=[UUID(int=1)]))
    assert await numbers(database, LEASE, LEASE + MINUTE) == [2]


async def test_what_is_done_cannot_be_postponed(database):
    await plan(database, entry(1))
    await commit(database, Effects(done=[UUID(int=1)]))
    await database.postpone(UUID(int=1), NOW)
    assert await numbers(database) == []


async def test_a_timer_that_is_set_again_moves(database):
    await plan(database, entry(1))
    await plan(database, entry(1, NOW + MINUTE, envelope=add("a", 77)))
    assert await numbers(database) == []
    (moved,) = await database.lease(NOW + MINUTE, NOW + 2 * MINUTE, 10)
    assert moved.envelope == add("a", 77)


async def test_a_timer_that_is_set_again_is_free_again(database):
    await plan(database, entry(1))
    await numbers(database)
    await plan(database, entry(1))
    assert await numbers(database) == [1]


async def test_forgetting_and_setting_in_one_batch_sets(database):
    await plan(database, entry(1))
    moved = entry(1, NOW - MINUTE)
    await commit(database, Effects(done=[UUID(int=1)], agenda=[moved]))
    assert list(await database.lease(NOW, LEASE, 10)) == [moved]


async def test_planning_wakes_who_rests(database):
    resting = asyncio.create_task(database.rest(NOW))
    await asyncio.sleep(0)
    await plan(database, entry(1))
    async with asyncio.timeout(5):
        await resting


async def test_an_answered_entry_leaves_unless_it_was_moved_meanwhile(database):
    await plan(database, entry(1), entry(2))
    leased = await database.lease(NOW, LEASE, 2)
    moved = entry(2, NOW + 2 * MINUTE)
    await plan(database, moved)

    await commit(database, Effects(answered=list(leased)))

    assert list(await database.lease(NOW + 3 * MINUTE, NOW + 4 * MINUTE, 2)) == [moved]
