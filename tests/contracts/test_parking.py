"""Every database keeps what waits behind a dead letter, in order, until it is let go."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from tests.contracts.worlds import LOG, NOW, add, delivered, handle, handler, said, total
from toolkit.core.message import Envelope
from toolkit.core.ports import Delivery

POISON = 13  # the counter cannot bear it


async def test_a_dead_letter_parks_its_key_and_no_other(database):
    await handle(database, delivered(add("a", 1, POISON)), delivered(add("b", 2)))
    await handle(database, delivered(add("a", 3)), delivered(add("b", 4)))
    assert await total(database, "a") == 0
    assert await total(database, "b") == 2


async def test_a_parked_key_is_found_parked(database):
    await handle(database, delivered(add("a", 1, POISON)))
    async with database.transaction() as transaction:
        assert (await transaction.open([], ["a", "b"])).parked == {"a"}


async def test_what_waited_is_released_as_it_came(database):
    waiting = [delivered(add("a", n), offset=n) for n in (2, 3, 4)]
    await handle(database, delivered(add("a", 1, POISON)), waiting[0])
    await handle(database, waiting[1], delivered(add("b", 9)), waiting[2])
    async with database.transaction() as transaction:
        released = await transaction.release("a")
    assert released == [replace(d, claimed=True) for d in waiting]


async def test_a_released_key_goes_on_in_order(database):
    await handle(database, delivered(add("a", 1, POISON)))
    await handle(database, *(delivered(add("a", n, n)) for n in (2, 3, 4)))
    assert await handler(database).resume("a") == 3
    assert [e.message.total for e in await said(database)] == [2, 5, 9]
    await handle(database, delivered(add("a", 5)))
    assert await total(database, "a") == 10


async def test_a_second_poison_among_the_released_parks_the_rest_again(database):
    await handle(database, delivered(add("a", 1, POISON)))
    await handle(
        database, *(delivered(add("a", n, x)) for n, x in ((2, 1), (3, POISON), (4, 1)))
    )
    await handler(database).resume("a")
    assert await total(database, "a") == 1
    assert await handler(database).resume("a") == 1
    assert await total(database, "a") == 2


async def test_a_release_that_fails_lets_nothing_go(database):
    async def release_in_vain():
        async with database.transaction() as transaction:
            await transaction.release("a")
            raise RuntimeError("power cut")

    await handle(database, delivered(add("a", 1, POISON)), delivered(add("a", 2)))
    with pytest.raises(RuntimeError):
        await release_in_vain()
    assert await handler(database).resume("a") == 1


async def test_nothing_waits_for_ever_when_a_release_meets_newcomers(database):
    await handle(database, delivered(add("a", 999, POISON)))
    newcomers = [handle(database, delivered(add("a", n))) for n in range(1, 41)]
    await asyncio.gather(*newcomers[:20], handler(database).resume("a"), *newcomers[20:])
    assert await total(database, "a") == 40
    assert await handler(database).resume("a") == 0


async def test_what_cannot_be_read_is_kept_and_parks_its_key(database):
    unreadable = delivered(add("a", 1))
    mangled = Delivery(
        partition=LOG,
        offset=0,
        key="a",
        envelope=None,
        cargo=unreadable.cargo,
        problem="no message we know",
    )
    await handle(database, mangled, delivered(add("a", 2)))
    assert await total(database, "a") == 0
    assert await handler(database).resume("a") == 1


async def test_news_that_no_broker_carried_may_be_parked_too(database):
    def news(number: int, amount: int = 1) -> Delivery:
        envelope: Envelope = add("a", number, amount)
        return Delivery(partition=LOG, offset=0, key="a", envelope=envelope, cargo=envelope)

    await handle(database, news(1, POISON), news(2))
    async with database.transaction() as transaction:
        (waited,) = await transaction.release("a")
    assert waited.envelope == add("a", 2)
    assert waited.envelope.id == UUID(int=2)
    assert waited.envelope.occurred_at == NOW
