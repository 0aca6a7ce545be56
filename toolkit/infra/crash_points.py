"""Named places between two durable steps, at which a fault test lets a process die.

They are reached by what stands around a world's ports, so the shell knows nothing of them,
and production has none: only `ESCROW_CRASH_AT` puts them there. A simulator may stand
around its own ports in the same way, and strike by what is death in its world.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from toolkit.core.ports import (
    Consumer,
    Cursor,
    Database,
    Delivery,
    Effects,
    Entry,
    OwnedOutbox,
    Partition,
    Polled,
    Posting,
    Producer,
    Snapshot,
    Transaction,
)


class CrashPoint(StrEnum):
    """What has just been done when the process dies."""

    CONSUMER_POLLED = "consumer.polled"  # records are in hand
    CONSUMER_WRITTEN = "consumer.written"  # their effects are, and not committed
    CONSUMER_COMMITTED = "consumer.committed"
    RELAY_READ = "relay.read"  # from the outbox
    RELAY_PRODUCED = "relay.produced"  # handed to the client, and not confirmed
    RELAY_CONFIRMED = "relay.confirmed"  # and still in the outbox
    RELAY_DELETED = "relay.deleted"
    AGENDA_LEASED = "agenda.leased"
    AGENDA_ASKED = "agenda.asked"  # the provider has answered, and nobody knows
    AGENDA_WRITTEN = "agenda.written"  # its answer, or what a timer says; not committed
    AGENDA_COMMITTED = "agenda.committed"
    INTAKE_WRITTEN = "intake.written"  # news from outside; not committed
    INTAKE_COMMITTED = "intake.committed"  # and its teller has had no answer


def die() -> None:
    """End as from a power cut: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Fuse:
    """Strikes once, the `left`-th time its point is reached."""

    point: CrashPoint
    left: int = 1
    strike: Callable[[], None] = die

    def burns_at(self, point: CrashPoint) -> bool:
        """Whether this point is the one, and this time the last."""
        return point is self.point and self.left == 1

    def reach(self, point: CrashPoint) -> None:
        if point is self.point:
            self.left -= 1
            if self.left == 0:
                self.strike()


def fuse(text: str) -> Fuse:
    """Read `NAME` or `NAME:TIMES`; raises ValueError with the names there are."""
    name, _, times = text.partition(":")
    if name not in set(CrashPoint) or not (times or "1").isdecimal() or times == "0":
        names = ", ".join(CrashPoint)
        raise ValueError(f"{text!r} is no crash point: write NAME or NAME:TIMES of {names}")
    return Fuse(CrashPoint(name), int(times or 1))


@dataclass(frozen=True, slots=True)
class MortalConsumer:
    """A consumer whose process may die with records in its hands."""

    inner: Consumer
    fuse: Fuse

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        polled = await self.inner.poll(records_max, wait)
        if polled.deliveries:
            self.fuse.reach(CrashPoint.CONSUMER_POLLED)
        return polled

    async def start(self, cursors: Sequence[Cursor]) -> None:
        await self.inner.start(cursors)


@dataclass(frozen=True, slots=True)
class MortalProducer:
    """A producer whose process may die before or after the broker's word."""

    inner: Producer
    fuse: Fuse

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        sending = self.inner.publish(postings)
        if self.fuse.burns_at(CrashPoint.RELAY_PRODUCED):
            next(iter(sending.__await__()))  # the client has it all, and begins to wait
        self.fuse.reach(CrashPoint.RELAY_PRODUCED)
        confirmed = await sending
        self.fuse.reach(CrashPoint.RELAY_CONFIRMED)
        return confirmed


@dataclass(frozen=True, slots=True)
class MortalTransaction:
    """A transaction that tells by its effects whose it is."""

    inner: Transaction
    fuse: Fuse
    owner: list[str]  # of the loop, once it is known

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        return await self.inner.open(ids, keys)

    async def begin(self, effects: Effects) -> None:
        await self.inner.begin(effects)

    async def write(self, effects: Effects) -> None:
        if any(entry.performs for entry in effects.answered):
            self.fuse.reach(CrashPoint.AGENDA_ASKED)
        if effects.answered:
            self.owner.append("agenda")
        else:
            self.owner.append("consumer" if effects.cursors else "intake")
        await self.inner.write(effects)

    async def release(self, key: str, letter_id: int | None = None) -> Sequence[Delivery]:
        return await self.inner.release(key, letter_id)


@dataclass(frozen=True, slots=True)
class MortalOutbox:
    """An outbox whose relay may die with what it has read, or has deleted."""

    inner: OwnedOutbox
    fuse: Fuse

    async def read(self, limit: int) -> Sequence[Posting]:
        postings = await self.inner.read(limit)
        if postings:
            self.fuse.reach(CrashPoint.RELAY_READ)
        return postings

    async def delete(self, seqs: set[int]) -> None:
        await self.inner.delete(seqs)
        self.fuse.reach(CrashPoint.RELAY_DELETED)

    async def rest(self) -> None:
        await self.inner.rest()


@dataclass(frozen=True, slots=True)
class MortalDatabase:
    """A database whose users may die around each of its durable steps."""

    inner: Database
    fuse: Fuse

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        owner: list[str] = []
        async with self.inner.transaction() as transaction:
            yield MortalTransaction(transaction, self.fuse, owner)
            self._reach(owner, "written")
        self._reach(owner, "committed")

    async def take_over(self, partitions: Sequence[Partition]) -> Sequence[Cursor]:
        return await self.inner.take_over(partitions)

    @asynccontextmanager
    async def owned(self) -> AsyncIterator[OwnedOutbox]:
        async with self.inner.owned() as outbox:
            yield MortalOutbox(outbox, self.fuse)

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[Entry]:
        entries = await self.inner.lease(now, until, limit)
        if entries:
            self.fuse.reach(CrashPoint.AGENDA_LEASED)
        return entries

    async def postpone(self, id: UUID, due_at: datetime) -> None:
        await self.inner.postpone(id, due_at)

    async def rest(self, now: datetime) -> None:
        await self.inner.rest(now)

    def _reach(self, owner: list[str], what: str) -> None:
        for name in owner[:1]:
            self.fuse.reach(CrashPoint(f"{name}.{what}"))
