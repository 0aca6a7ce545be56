"""A key that is let go goes on in order, once, and what fails on the way parks it again."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from tests.contracts.worlds import LOG, NOW, add, delivered, handle, handler, said, total
from toolkit.core.errors import Conflict
from toolkit.core.ports import Agreed, Delivery
from toolkit.infra.postgres import PostgresDatabase

POISON = 13  # the counter cannot bear it


def mangled(number: int, key: str = "a") -> Delivery:
    """Deliver a message that could not be read, though its bytes are whole."""
    return replace(delivered(add(key, number), number), envelope=None, problem="no schema")


def agreed(
    again: Delivery | None = None, request_id: int = 1, letter_id: int = 1
) -> Agreed:
    return Agreed(
        request_id=request_id,
        letter_id=letter_id,
        again=again,
        approved_by="bob",
        approved_at=NOW,
    )


async def asked(database):
    """Let somebody have asked for something about the first dead letter."""
    if isinstance(database, PostgresDatabase):
        async with database.pool.connection() as connection:
            await connection.execute(
                "insert into dead_letter_requests"
                " (letter_id, action, reason, proposed_by, proposed_at)"
                " select min(id), 'REPLAY', 'mended', 'ada', now() from dead_letters"
            )


async def test_what_cannot_be_read_waits_in_line_behind_a_dead_letter(database):
    await handle(database, delivered(add("a", 1, POISON), 1), mangled(2))
    await handle(database, delivered(add("a", 3), 3))
    async with database.transaction() as transaction:
        assert [d.offset for d in await transaction.release("a")] == [2, 3]


async def test_records_without_a_key_park_nothing(database):
    first = Delivery(
        partition=LOG,
        offset=1,
        key="",
        envelope=None,
        cargo=delivered(add("a", 1)).cargo,
        problem="no key",
    )
    await handle(database, first, replace(first, offset=2), delivered(add("a", 2)))
    assert await total(database, "a") == 1
    async with database.transaction() as transaction:
        assert (await transaction.open([], ["", "a"])).parked == set()


async def test_a_message_is_handled_again_before_what_waited(database):
    poison = replace(delivered(add("a", 1), 1), problem="a bug that is mended by now")
    await handle(database, poison, delivered(add("a", 2, 5), 2))
    await asked(database)
    again = replace(poison, problem=None, claimed=True)
    assert await handler(database).resume("a", agreed(again)) == 1
    assert [e.message.total for e in await said(database)] == [1, 6]


async def test_a_discarded_message_is_passed_over(database):
    await handle(database, delivered(add("a", 1, POISON), 1), delivered(add("a", 2, 5), 2))
    await asked(database)
    assert await handler(database).resume("a", agreed()) == 1
    await handle(database, delivered(add("a", 1, 1), 1))  # the broker brings it once more
    assert await total(database, "a") == 5


async def test_what_fails_again_parks_its_key_again(database):
    poison = delivered(add("a", 1, POISON), 1)
    await handle(database, poison, delivered(add("a", 2), 2))
    await asked(database)
    await handler(database).resume("a", agreed(replace(poison, claimed=True)))
    assert await total(database, "a") == 0
    assert await handler(database).resume("a") == 1


async def test_a_dead_letter_that_is_settled_already_lets_nothing_go(database):
    await handle(database, delivered(add("a", 1, POISON), 1), delivered(add("a", 2), 2))
    await asked(database)
    await handler(database).resume("a")
    with pytest.raises(Conflict, match="settled meanwhile"):
        await handler(database).resume("a", agreed(delivered(add("a", 1), 1)))
    assert await total(database, "a") == 1


async def test_a_twin_that_was_handled_is_not_handled_as_a_dead_letter(database):
    await handle(database, delivered(add("a", 1), 1), mangled(1), delivered(add("a", 2), 2))
    await asked(database)
    again = delivered(add("a", 1), 1)  # its schema is known by now
    await handler(database).resume("a", agreed(again))
    assert await total(database, "a") == 2
    assert [e.causation_id for e in await said(database)] == [UUID(int=1), UUID(int=2)]


async def test_a_running_service_notices_that_a_key_was_let_go(database):
    """Nothing is remembered of a parked key but in the database."""
    service = handler(database)
    await service.handle([delivered(add("a", 1, POISON), 1), delivered(add("a", 2), 2)])
    await handler(database).resume("a")  # in another process
    await service.handle([delivered(add("a", 3), 3)])
    assert await total(database, "a") == 2


async def test_two_who_let_a_key_go_at_once_do_it_once(database):
    poison = replace(delivered(add("a", 1), 1), problem="a bug that is mended by now")
    await handle(database, poison, delivered(add("a", 2), 2))
    await asked(database)
    again = agreed(replace(poison, problem=None, claimed=True))
    both = [handler(database).resume("a", again) for _ in range(2)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
    assert await total(database, "a") == 2
