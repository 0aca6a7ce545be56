"""The worlds in which a database may live, and what the tests need around one."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.contracts.counter import (
    FOLDER,
    ROUTES,
    SCHEMA,
    Add,
    CounterStore,
    decode,
    encode,
)
from toolkit.core.message import Envelope, first
from toolkit.core.ports import Delivery, Effects, Partition, Snapshot
from toolkit.infra.memory import MemoryDatabase
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.messages.topics import DEAD_LETTERS
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import persistently

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOG = Partition("counters.commands.v1", 0)


class StandingClock:
    """It is always the same moment, and waiting takes hardly any time."""

    def now(self) -> datetime:
        return NOW

    async def sleep(self, delay: timedelta) -> None:
        await asyncio.sleep(min(delay.total_seconds(), 0.002))


class LoopSignal:
    """Wakes a task of this loop."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def ring(self) -> None:
        self.event.set()

    async def heard(self, within: timedelta | None = None) -> None:
        try:
            async with asyncio.timeout(within.total_seconds() if within else None):
                await self.event.wait()
        except TimeoutError:
            return
        self.event.clear()


class LoopTasks:
    """Tasks of this loop. The contracts spawn none."""

    def spawn(self, work):
        raise NotImplementedError

    def signal(self) -> LoopSignal:
        return LoopSignal()


@asynccontextmanager
async def memory():
    yield MemoryDatabase(LoopTasks())


@asynccontextmanager
async def postgres(dsn: str, size_max: int = 12):
    migrate(dsn, {SCHEMA: FOLDER})
    async with open_pool(dsn, SCHEMA, size_max=size_max) as pool:
        yield PostgresDatabase(pool, SCHEMA, CounterStore(), encode, decode)


def handler(database) -> BatchHandler:
    return BatchHandler(SCHEMA, database, StandingClock(), ROUTES)


def add(key: str, number: int, amount: int = 1) -> Envelope:
    """Ask a counter to count; `number` tells one message from another."""
    return first(Add(counter_id=key, amount=amount), UUID(int=number), NOW, "00-1-1-01")


def delivered(envelope: Envelope, offset: int = 0, partition: Partition = LOG) -> Delivery:
    return Delivery(
        partition=partition,
        offset=offset,
        key=envelope.key,
        envelope=envelope,
        cargo=encode(envelope),
    )


async def handle(database, *deliveries: Delivery, epochs=None) -> int:
    """Handle a batch as a consumer would: again and again until nothing is in the way."""
    batch = handler(database)
    return await persistently(
        StandingClock(), UUID(int=1), lambda: batch.handle(deliveries, epochs)
    )


async def commit(database, effects: Effects, ids=(), keys=(), trouble=None) -> Snapshot:
    """Run one transaction, and let some trouble befall it just before the end."""
    async with database.transaction() as transaction:
        snapshot = await transaction.open(ids, keys)
        await transaction.write(effects)
        if trouble:
            raise trouble
    return snapshot


async def said(database) -> list[Envelope]:
    """Read what waits in the outbox, oldest first, in whatever form its world keeps it."""
    async with database.owned() as outbox:
        return [
            p.cargo if isinstance(p.cargo, Envelope) else decode(p.topic, p.cargo)
            for p in await outbox.read(100_000)
            if not p.topic.endswith(DEAD_LETTERS)
        ]


async def total(database, key: str) -> int:
    async with database.transaction() as transaction:
        found = (await transaction.open([], [key])).states.get(key)
        return found.state if found else 0
