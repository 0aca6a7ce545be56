"""Every outbox hands on all that was said, in order, whoever dies in between."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from tests.contracts.counter import ROUTES, SCHEMA, decode
from tests.contracts.worlds import StandingClock, add, delivered, handle
from toolkit.core.errors import Unavailable
from toolkit.core.message import Envelope
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.relay import Relay
from toolkit.runtime.retry import persistently

WRITERS, BATCHES, KEYS = 8, 30, 12


class Crash(Exception):  # noqa: N818 - it is the process that fails
    """The relay's process ends here."""


@dataclass
class Log:
    """A broker's log. Writing to it may be the last thing the writer does."""

    chance: Random
    records: list[Envelope] = field(default_factory=list)

    async def publish(self, postings):
        for posting in postings:
            cargo = posting.cargo
            own = isinstance(cargo, Envelope)
            self.records.append(cargo if own else decode(posting.topic, cargo))
        if self.chance.random() < 0.2:
            raise Crash
        written = self.chance.choice([len(postings), len(postings) // 2])
        return {posting.seq for posting in postings[:written]}


@dataclass
class Troubled:
    """A database of which one commit in twenty fails."""

    database: object
    chance: Random

    @asynccontextmanager
    async def transaction(self):
        async with self.database.transaction() as transaction:
            yield transaction
            if self.chance.random() < 0.05:
                raise Unavailable("the transaction was rolled back")


async def write(database, writer: int) -> None:
    chance = Random(writer)
    troubled = Troubled(database, chance)
    batch = BatchHandler(SCHEMA, troubled, StandingClock(), ROUTES)
    for number in range(BATCHES):
        ids = range(5 * (writer * BATCHES + number), 5 * (writer * BATCHES + number + 1))
        deliveries = [delivered(add(f"k{chance.randrange(KEYS)}", id)) for id in ids]
        await persistently(
            StandingClock(), UUID(int=writer), lambda d=deliveries: batch.handle(d)
        )
        await asyncio.sleep(0)


async def relay(database, log: Log, *, until_empty: bool = False) -> None:
    """Run relay after relay, each until it crashes."""
    forwarder = Relay(SCHEMA, database, log, StandingClock(), limit=50)
    while True:
        with suppress(Crash, Unavailable):
            async with database.owned() as outbox:
                while True:
                    if not await forwarder.forward(outbox):
                        if until_empty:
                            return
                        await outbox.rest()


async def test_a_relay_that_crashes_loses_and_reorders_nothing(database):
    log = Log(Random(7))
    relaying = asyncio.create_task(relay(database, log))
    await asyncio.gather(*(write(database, writer) for writer in range(WRITERS)))
    relaying.cancel()
    await asyncio.wait([relaying])
    await relay(database, log, until_empty=True)
    first_seen = list({envelope.id: envelope for envelope in log.records}.values())
    assert len(first_seen) == WRITERS * BATCHES * 5
    assert len(log.records) > len(first_seen), "a crash repeats what was not deleted"
    for key in {envelope.key for envelope in first_seen}:
        versions = [e.version for e in first_seen if e.key == key]
        assert versions == list(range(1, len(versions) + 1))


async def test_what_is_deleted_is_gone_and_the_rest_stays(database):
    await handle(database, *(delivered(add("a", n)) for n in range(5)))
    async with database.owned() as outbox:
        first, second, *_ = await outbox.read(2)
        await outbox.delete({first.seq})
        assert (await outbox.read(1))[0].seq == second.seq
        await outbox.delete(set())
        assert len(await outbox.read(10)) == 4


async def test_the_outbox_has_one_owner_and_the_next_takes_over(database):
    async def own(owning: asyncio.Event) -> None:
        async with database.owned():
            owning.set()
            await asyncio.Event().wait()

    first_owns, second_owns = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(own(first_owns))
    await first_owns.wait()
    second = asyncio.create_task(own(second_owns))
    await asyncio.sleep(0.05)
    assert not second_owns.is_set()
    first.cancel()
    async with asyncio.timeout(10):
        await second_owns.wait()
    second.cancel()
    await asyncio.wait([first, second])


async def test_a_new_posting_wakes_the_relay_that_rests(database):
    async with database.owned() as outbox:
        resting = asyncio.create_task(outbox.rest())
        await asyncio.sleep(0)
        await handle(database, delivered(add("a", 1)))
        async with asyncio.timeout(5):
            await resting
        assert len(await outbox.read(10)) == 1
