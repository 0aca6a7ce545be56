"""What a batch costs the database does not grow with what the database holds."""

from uuid import UUID

import pytest

from tests.contracts.worlds import LOG, NOW, add, delivered, handle, postgres
from toolkit.core.ports import Cursor, Effects, Entry, Versioned
from toolkit.runtime.handler import AHEAD

pytestmark = pytest.mark.embedded
ROWS = 5_000
GROWTH = f"""
    insert into counters (key, total, version)
    select 'k' || n, 1, 1 from generate_series(1, {ROWS}) n;
    insert into inbox select gen_random_uuid() from generate_series(1, {ROWS});
    insert into outbox (topic, key, value, headers)
    select 't', 'k' || n, '', '' from generate_series(1, {ROWS}) n;
    insert into agenda (id, due_at, since, performs, topic, type, value, headers)
    select gen_random_uuid(), now(), now(), true, 't', 'T', '', ''
    from generate_series(1, {ROWS}) n;
    insert into offsets select 't', n, 1, 1 from generate_series(1, {ROWS}) n;
    insert into dead_letters (topic, partition, "offset", key, headers, error, failed_at)
    select 't', 1, 1, 'z' || n, '', '', now() from generate_series(1, {ROWS}) n;
"""
READ = """
    select relname, seq_tup_read from pg_stat_xact_user_tables
    where schemaname = 'counter' and seq_tup_read > 0
"""


@pytest.fixture
async def database(postgres_dsn):
    async with postgres(postgres_dsn, size_max=1) as database:
        yield database


def planned(number: int) -> Entry:
    envelope = add("a", number)
    return Entry(id=envelope.id, due_at=NOW, since=NOW, performs=True, envelope=envelope)


async def test_a_plan_made_while_tables_were_small_reads_none_from_end_to_end(database):
    (cursor,) = await database.take_over([LOG])
    for number in range(1, 12):  # by then every plan is made, and kept
        await handle(database, delivered(add("k1", number)), epochs={LOG: cursor.epoch})
        async with database.transaction() as transaction:
            await transaction.write(Effects(agenda=[planned(number)], done=[UUID(int=5)]))
    async with database.pool.connection() as connection:
        await connection.execute("delete from counters where key = 'k1'")
        await connection.execute(GROWTH, prepare=False)
    async with database.transaction() as transaction:
        await transaction.open([UUID(int=n) for n in range(500)], ["k1", "k2", "new"])
        await transaction.write(
            Effects(
                states={"k1": Versioned(9, 2), "new": Versioned(1, 1)},
                found={"k1": 1, "new": 0},
                agenda=[planned(7)],
                done=[UUID(int=8)],
                cursors=[Cursor(partition=LOG, epoch=cursor.epoch, offset=99)],
            )
        )
        answer = await transaction.connection.execute(READ)
        assert await answer.fetchall() == []


@pytest.mark.parametrize("size", [1, 60, 150])
async def test_a_batch_takes_two_statements_more_for_each_part_begun_ahead(database, size):
    async def calls() -> int:
        async with database.pool.connection() as connection:
            answer = await connection.execute(
                "select sum(generic_plans + custom_plans) from pg_prepared_statements"
                " where statement not like '%pg_prepared%'"
            )
            return (await answer.fetchone())[0] or 0

    before = await calls()
    await handle(database, *(delivered(add(f"k{n}", n + 1)) for n in range(size)))
    ahead = 2 * (size // AHEAD)
    assert await calls() - before == 9 + ahead, "begin, 3 to open, 4 to write, commit"
