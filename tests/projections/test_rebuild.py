"""All views are made anew while the service goes on: nothing is missed, nobody waits."""

import asyncio
from dataclasses import replace
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projections.histories import (
    CREATE,
    DELIVER,
    HALF,
    OBJECT,
    PAID,
    history,
    refund,
    resolve,
    transfer,
)
from tests.projections.test_store import (
    EVERYBODY,
    Clock,
    database,
    decode,
    deliveries,
    emptied,
    record,
    rows,
)
from tests.projections.test_store import dsn as dsn  # noqa: PLC0414 - a fixture
from tests.projections.test_store import pool as pool  # noqa: PLC0414 - a fixture
from toolkit.core.errors import Conflict, Declined
from toolkit.core.message import derived, first
from toolkit.infra.postgres import open_pool
from toolkit.messages.escrow import Resolution
from toolkit.projections.evolve import folded
from toolkit.projections.rebuild import rebuild_all
from toolkit.projections.service import HEARD
from toolkit.projections.service import wire as routes
from toolkit.projections.store import PostgresQueries, row_of
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import persistently

pytestmark = pytest.mark.embedded
STORY = (
    *(CREATE, PAID, DELIVER, OBJECT),
    *(resolve(Resolution.SPLIT, HALF), refund(HALF), transfer(HALF)),
)
WRONG = "update escrows set state = 'CANCELLED', agreement = agreement - 'terms'"


def truth_of(number):
    """All that ever happens to one escrow, each topic with its versions."""
    id, said = f"E{number}", history(STORY)
    for told in (said.escrow, said.payments):
        for version, (event, at) in enumerate(told, start=1):
            mine = {"escrow_id": id}
            if hasattr(event, "contract_id"):
                mine["contract_id"] = f"C{number}"
            name = derived(id, event.topic, str(version))
            yield replace(first(replace(event, **mine), name, at), version=version)


def handler(pool):
    return BatchHandler("projections", database(pool), Clock(), routes())


class SlowClock(Clock):
    async def sleep(self, delay):
        await asyncio.sleep(min(delay.total_seconds(), 0.01))


async def hear(pool, envelopes):
    """Handle a batch as the consumer does: again, until nothing is in the way."""
    batch = deliveries(envelopes)
    await persistently(SlowClock(), derived("wait"), lambda: handler(pool).handle(batch))


async def happen(pool, escrows, random, done):
    """Let things happen: an event is recorded, and heard of a while later."""
    left = {number: list(truth_of(number)) for number in range(escrows)}
    unheard = []
    while left or unheard:
        if left and random.random() < 0.6:
            number = random.choice(sorted(left))
            count = random.randint(1, 3)
            now, left[number] = left[number][:count], left[number][count:]
            await record(pool, now)
            unheard += now
            if not left[number]:
                del left[number]
        else:
            count = random.randint(1, 6)
            now, unheard = unheard[:count], unheard[count:]
            await hear(pool, now)
        await asyncio.sleep(0)
    done.set()


async def look(pool, done):
    """Read all the time, as the API does; answer how often something was seen."""
    queries, seen, looks = PostgresQueries(pool), {}, 0
    while not done.is_set():
        for number in range(0, 12, 3):
            view = await queries.escrow(f"E{number}", EVERYBODY)
            told = len(view.agreement.story) + len(view.payment.story) if view else 0
            # A view that is made anew may know more than was heard, never less.
            assert told >= seen.get(number, 0), "a view has lost what it knew"
            seen[number] = told
            looks += told > 0
        await asyncio.sleep(0.002)
    return looks


async def make_anew(pool, done, random):
    count = 0
    while not done.is_set():
        await asyncio.sleep(random.random() * 0.05)
        async with pool.connection() as connection:
            await rebuild_all(connection, decode, batch=random.randint(1, 5))
        count += 1
    return count


@given(st.integers(0, 2**32))
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.slow
def test_views_made_anew_under_way_are_those_of_the_whole_truth(dsn, seed):
    """Writers, readers and rebuilds at once, again and again, in whatever order."""

    async def play():
        async with open_pool(dsn, "projections") as pool:
            await emptied(pool)
            random, done = Random(seed), asyncio.Event()
            looks, count, _ = await asyncio.gather(
                look(pool, done),
                make_anew(pool, done, Random(seed)),
                happen(pool, 12, random, done),
            )
            assert looks
            assert count
            truth = [e for number in range(12) for e in truth_of(number)]
            views = folded(truth, HEARD)
            queries = PostgresQueries(pool)
            for escrow_id, versioned in views.items():
                assert await queries.escrow(escrow_id, EVERYBODY) == versioned.state

    asyncio.run(play())


async def test_what_was_wrong_is_right_again(pool):
    truth = [e for number in range(7) for e in truth_of(number)]
    await record(pool, truth)
    await hear(pool, truth)
    right = await rows(pool)
    async with pool.connection() as connection:
        await connection.execute(WRONG)
        assert await rebuild_all(connection, decode, batch=3) == 7
    assert await rows(pool) == right


async def test_a_view_of_nothing_that_happened_is_gone(pool):
    await hear(pool, list(truth_of(1)))  # heard, and in no record
    async with pool.connection() as connection:
        assert await rebuild_all(connection, decode) == 0
    assert await rows(pool) == []


async def test_what_is_heard_between_build_and_swap_is_not_lost(pool):
    """The consumer writes into the old table while the new one stands ready."""
    # The later one has its place before the other, where the build has already been.
    early, late = list(truth_of(5)), list(truth_of(2))
    await record(pool, early)
    is_building = asyncio.Event()

    def decode_and_tell(*cargo):
        is_building.set()
        return decode(*cargo)

    async def meanwhile():
        await is_building.wait()
        await record(pool, late)
        await hear(pool, [*early, *late])

    async with pool.connection() as connection:
        await asyncio.gather(rebuild_all(connection, decode_and_tell, batch=1), meanwhile())
    known = folded([*early, *late], HEARD)
    queries = PostgresQueries(pool)
    for escrow_id, versioned in known.items():
        assert await queries.escrow(escrow_id, EVERYBODY) == versioned.state


async def test_a_rebuild_that_fails_changes_nothing_and_the_next_one_works(pool):
    truth = list(truth_of(1))
    await record(pool, truth)
    await hear(pool, truth)
    before = await rows(pool)

    def broken(*_):
        raise ValueError("an event of a language that nobody speaks")

    async with pool.connection() as connection:
        with pytest.raises(ValueError, match="nobody speaks"):
            await rebuild_all(connection, broken)
    assert await rows(pool) == before
    assert await leftovers(pool) == []
    async with pool.connection() as connection:
        assert await rebuild_all(connection, decode) == 1


async def test_the_remains_of_a_rebuild_that_was_killed_are_cleared_away(pool, dsn):
    truth = list(truth_of(1))
    await record(pool, truth)

    class Killed(BaseException):
        pass

    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("set search_path to projections")

        def killed(*_):
            connection.pgconn.finish()  # the server sees the process go
            raise Killed

        with pytest.raises(Killed):
            await rebuild_all(connection, killed)
    assert "escrows_beside" in await leftovers(pool)
    await hear(pool, truth)  # the service goes on with them
    async with pool.connection() as connection:
        assert await rebuild_all(connection, decode) == 1
    assert await leftovers(pool) == []


async def leftovers(pool):
    async with pool.connection() as connection:
        found = await connection.execute(
            "select relname from pg_class where relname like '%beside%'"
            " or relname like 'touched%' union all"
            " select proname from pg_proc where proname = 'note_touched' union all"
            " select tgname from pg_trigger where tgname = 'note_touched'"
        )
        return [name for (name,) in await found.fetchall()]


async def test_two_rebuilds_do_not_meet(pool):
    async with pool.connection() as one, pool.connection() as other:
        await one.execute(
            "select pg_advisory_lock(hashtextextended('rebuild of the views', 0))"
        )
        with pytest.raises(Conflict, match="another rebuild"):
            await rebuild_all(other, decode)
        await one.execute("select pg_advisory_unlock_all()")
        assert await rebuild_all(other, decode) == 0


async def test_names_and_grants_are_those_of_before(pool):
    names = "select indexname, indexdef from pg_indexes where schemaname = 'projections'"
    rights = "select relacl::text from pg_class where oid = 'escrows'::regclass"
    who = "a reader"
    async with pool.connection() as connection:
        await connection.execute(f'create role "{who}"')
        try:
            await connection.execute(f'grant select on escrows to "{who}"')
            before = [await all_of(connection, query) for query in (names, rights)]
            await rebuild_all(connection, decode)
            after = [await all_of(connection, query) for query in (names, rights)]
            assert after == before
        finally:
            await connection.execute(f'drop owned by "{who}"')
            await connection.execute(f'drop role "{who}"')


async def all_of(connection, query):
    return sorted(await (await connection.execute(query)).fetchall())


async def test_row_policies_are_never_lost_by_a_swap(pool):
    async with pool.connection() as connection:
        await connection.execute("alter table escrows enable row level security")
        with pytest.raises(Declined, match="row policies"):
            await rebuild_all(connection, decode)


async def test_a_statement_that_was_prepared_before_finds_the_new_table(pool, dsn):
    truth = list(truth_of(1))
    await record(pool, truth)
    async with open_pool(dsn, "projections", size_max=1) as reader:
        queries = PostgresQueries(reader)
        for _ in range(7):
            assert await queries.escrow("E1", EVERYBODY) is None
        async with pool.connection() as connection:
            await rebuild_all(connection, decode)
        view = await queries.escrow("E1", EVERYBODY)
    assert view == folded(truth, HEARD)["E1"].state
    assert row_of(view, 1)["state"] == "RELEASED"


async def test_a_rebuild_waits_for_a_batch_that_is_under_way(pool, dsn):
    """The consumer holds the table while it writes; the swap comes behind it."""
    truth = list(truth_of(1))
    await record(pool, truth)
    with psycopg.connect(dsn) as consumer:
        consumer.execute("set search_path to projections")
        consumer.execute("select 1 from escrows for update")
        async with pool.connection() as connection:
            work = asyncio.create_task(rebuild_all(connection, decode))
            await asyncio.sleep(0.2)
            assert not work.done()
            consumer.commit()
            assert await work == 1
