"""Postgres in virtual time: the memory database, with waits where the real one has them.

Sessions come from a pool, aggregates are locked until the end of a transaction, and what
fails as the real one does, fails here: a commit may be refused, may succeed without a word,
and a failover ends every session and refuses new ones for a while.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import simpy

from sims.world.tally import Tally
from sims.world.time import Danger, Wait, no_danger, wakes
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import record
from toolkit.core.ports import (
    Cursor,
    Effects,
    Entry,
    OwnedOutbox,
    Partition,
    Snapshot,
    Transaction,
)
from toolkit.infra.memory import MemoryDatabase, MemoryOutbox, MemoryTransaction

Lasts = Callable[[Random, int], float]  # how long a transaction of so many messages takes
Watcher = Callable[[MemoryTransaction], None]
POOL = 16  # sessions of a service; who comes when all are taken waits
HELD_UP_S = 10.0  # whoever waits so long for a lock ends the session that has it


def brief(random: Random, _messages: int) -> float:
    """Take four milliseconds in the mean, however many messages there are."""
    return random.expovariate(1 / 0.004)


@record
class Ailments:
    """What goes wrong with a database, by chance at each commit; the default is nothing."""

    refuses: float = 0.0  # a serialization failure: nothing was written
    is_silent_after: float = 0.0  # it is written, and the word of it is lost
    slowness: float = 1.0  # so many times slower than usual: a full disk, a noisy neighbour


WELL = Ailments()


@dataclass(slots=True, eq=False)
class SimTransaction(MemoryTransaction):
    """One session's transaction: it holds its aggregates until it is over."""

    held: list[str] = field(default_factory=list)
    is_ended: bool = False  # by a failover, or by somebody who was held up

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        database: Any = self.database
        if database.locks_rows:
            for key in keys:
                if key not in self.held:
                    await database.lock(key, self)
        return await MemoryTransaction.open(self, ids, keys)

    async def write(self, effects: Effects) -> None:
        self.check_alive()
        await MemoryTransaction.write(self, effects)

    def check_alive(self) -> None:
        """Raise Unavailable where the session was ended meanwhile."""
        if self.is_ended:
            raise Unavailable("the session was ended: nothing of it was written")


@dataclass(slots=True)
class SimDatabase(MemoryDatabase):
    """A process that dies while it waits has committed, or has not: both happen here."""

    env: Any = None
    random: Any = None
    lasts: Lasts = brief
    danger: Danger = no_danger
    told: Callable[[Effects], None] | None = None  # hears what was committed
    watchers: list[Watcher] = field(default_factory=list)
    ailments: Ailments = WELL
    pool: int = POOL
    locks_rows: bool = True  # without, two that change one aggregate meet at the commit
    sessions: dict[int, SimTransaction] = field(default_factory=dict)
    queue: deque[simpy.Event] = field(default_factory=deque)
    locks: dict[str, SimTransaction] = field(default_factory=dict)
    waiting: dict[str, list[simpy.Event]] = field(default_factory=dict)
    taken_over: dict[Partition, Cursor] = field(default_factory=dict)  # newest owners
    takes: Counter[Partition] = field(default_factory=Counter)  # how often each was taken
    struck: Tally = field(default_factory=Tally)
    refused_until_s: float = -1.0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        transaction = await self._session()
        try:
            yield transaction
            messages = len(transaction.claims)
            await self._wait(messages, "before the commit")
            self._may_commit(transaction)
            self.check(transaction)
            self._commit(transaction)
            for watcher in self.watchers:
                watcher(transaction)
            if self.told:
                for effects in transaction.writes:
                    self.told(effects)
            self._end(transaction)
            await self._wait(messages, "after the commit")
            if self._strikes("is_silent_after") or transaction.is_ended:
                raise Unavailable("the session ended before it said how the commit went")
        finally:
            self._end(transaction)

    def fail_over(self, for_s: float) -> None:
        """End every session and refuse new ones: what was not committed is undone."""
        self.struck.strike("failover", f"for {for_s:.0f} s")
        self.refused_until_s = self.env.now + for_s
        for transaction in list(self.sessions.values()):
            transaction.is_ended = True
            self._end(transaction)

    async def take_over(self, partitions: Sequence[Partition]) -> Sequence[Cursor]:
        self._reachable()
        cursors = await MemoryDatabase.take_over(self, partitions)
        self.taken_over.update({cursor.partition: cursor for cursor in cursors})
        self.takes.update(partitions)
        return cursors

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[Entry]:
        self._reachable()
        return await MemoryDatabase.lease(self, now, until, limit)

    async def postpone(self, id: UUID, due_at: datetime) -> None:
        self._reachable()
        await MemoryDatabase.postpone(self, id, due_at)

    @asynccontextmanager
    async def owned(self) -> AsyncIterator[OwnedOutbox]:
        self._reachable()
        async with MemoryDatabase.owned(self):
            yield SimOutbox(self)

    async def lock(self, key: str, transaction: SimTransaction) -> None:
        """Wait until nobody else holds an aggregate; who holds it for too long is ended."""
        while (holder := self.locks.get(key)) is not None:
            self.struck["lock_wait"] += 1
            free = self.env.event()
            self.waiting.setdefault(key, []).append(free)
            await Wait(free | self.env.timeout(HELD_UP_S))
            if not free.triggered and self.locks.get(key) is holder:
                holder.is_ended = True
                self._end(holder)
        transaction.check_alive()
        self.locks[key] = transaction
        transaction.held.append(key)

    async def _session(self) -> SimTransaction:
        """Take a session of the pool, or wait for one."""
        self._reachable()
        while len(self.sessions) >= self.pool:
            self.struck["pool_wait"] += 1
            free = self.env.event()
            self.queue.append(free)
            await Wait(free)
            self._reachable()
        transaction = SimTransaction(self)
        self.sessions[id(transaction)] = transaction
        return transaction

    def _end(self, transaction: SimTransaction) -> None:
        """Let go of everything that a session had."""
        if self.sessions.pop(id(transaction), None) is not None:
            while self.queue:
                if wakes(self.queue.popleft()):
                    break
        for key in transaction.held:
            del self.locks[key]
            for free in self.waiting.pop(key, ()):
                wakes(free)
        transaction.held.clear()

    def _may_commit(self, transaction: SimTransaction) -> None:
        transaction.check_alive()
        if self._strikes("refuses"):
            raise Conflict("could not serialize access due to concurrent update")

    def _reachable(self) -> None:
        if self.env.now < self.refused_until_s:
            raise Unavailable("the database is failing over")

    def _strikes(self, name: str) -> bool:
        chance: float = getattr(self.ailments, name)
        if not chance or self.random.random() >= chance:
            return False
        self.struck.strike(name)
        return True

    async def _wait(self, messages: int, step: str) -> None:
        """Let half of a transaction's time pass: before the commit, or its answer."""
        env: simpy.Environment = self.env
        latency_s = self.lasts(self.random, messages) / 2 * self.ailments.slowness
        self.danger(latency_s, step)
        await Wait(env.timeout(latency_s))


@dataclass(slots=True)
class SimOutbox(MemoryOutbox):
    """The outbox in the hands of a relay whose session may end."""

    async def read(self, limit: int) -> Sequence[Any]:
        self._reachable()
        return await MemoryOutbox.read(self, limit)

    async def delete(self, seqs: set[int]) -> None:
        self._reachable()
        await MemoryOutbox.delete(self, seqs)

    def _reachable(self) -> None:
        database: Any = self.database
        database._reachable()  # noqa: SLF001 - the outbox is a table of it
