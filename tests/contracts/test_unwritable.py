"""What cannot be written costs its own key, never the partition."""

import pytest

from tests.contracts import worlds
from tests.contracts.worlds import LOG, add, delivered, handle, total

pytestmark = pytest.mark.embedded
TOO_MUCH = 1 << 70  # no column holds it


@pytest.fixture
async def database(postgres_dsn):
    async with worlds.postgres(postgres_dsn) as opened:
        yield opened


async def test_a_number_that_no_column_holds_is_buried_and_the_rest_goes_on(database):
    (cursor,) = await database.take_over([LOG])

    await handle(
        database,
        delivered(add("a", 1), 0),
        delivered(add("b", 2, amount=TOO_MUCH), 1),
        delivered(add("c", 3), 2),
        epochs={LOG: cursor.epoch},
    )

    assert [await total(database, key) for key in "abc"] == [1, 0, 1]
    (moved,) = await database.take_over([LOG])
    assert moved.offset == 3


async def test_what_is_said_to_a_buried_key_waits_even_if_the_batch_is_tried_again(
    database,
):
    batch = [delivered(add("b", 1, amount=TOO_MUCH), 0), delivered(add("b", 2), 1)]

    await handle(database, *batch)
    await handle(database, *batch)

    async with database.transaction() as transaction:
        waiting = await transaction.release("b")
    assert [d.offset for d in waiting] == [1]
