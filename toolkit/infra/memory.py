"""The database in dictionaries: for tests, for simulators, for a laptop on a plane.

It keeps the promises of the real one (`tests/contracts`), so what runs on it is believed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import Any
from uuid import UUID

from toolkit.core.errors import Conflict, Fenced
from toolkit.core.message import Envelope
from toolkit.core.ports import (
    Cursor,
    DeadLetter,
    Delivery,
    Effects,
    Entry,
    OwnedOutbox,
    Partition,
    Posting,
    Settlement,
    Signal,
    Snapshot,
    Tasks,
    Transaction,
    Versioned,
)


@dataclass(slots=True)
class MemoryTransaction:
    """Stages every write, so that a failed batch leaves no trace."""

    database: MemoryDatabase
    claims: set[UUID] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    writes: list[Effects] = field(default_factory=list)

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        kept = self.database
        fresh = {id for id in ids if id not in kept.claimed}
        self.claims |= fresh
        return Snapshot(
            fresh=set(fresh),
            states={key: kept.states[key] for key in keys if key in kept.states},
            parked={key for key in keys if key in kept.parked and key not in self.released},
        )

    async def begin(self, effects: Effects) -> None:
        """Do nothing ahead: in memory there is nobody to keep busy."""

    async def write(self, effects: Effects) -> None:
        self.writes.append(effects)
        self.database.check(self)

    async def release(self, key: str, letter_id: int | None = None) -> Sequence[Delivery]:
        if letter_id is not None and key not in self.database.parked:
            raise Conflict(f"dead letter {letter_id} was settled meanwhile")
        self.released.add(key)
        return list(self.database.parked.get(key, ()))


@dataclass(slots=True)
class MemoryDatabase:
    """All that one service keeps, in the open: tests and checkers read the fields."""

    tasks: Tasks
    states: dict[str, Versioned] = field(default_factory=dict)
    claimed: set[UUID] = field(default_factory=set)
    events: list[Envelope] = field(default_factory=list)
    outbox: dict[int, Posting] = field(default_factory=dict)
    agenda: dict[UUID, Entry] = field(default_factory=dict)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    parked: dict[str, list[Delivery]] = field(default_factory=dict)
    cursors: dict[Partition, Cursor] = field(default_factory=dict)
    leases: dict[UUID, datetime] = field(default_factory=dict)
    calendar: list[tuple[datetime, int, UUID]] = field(default_factory=list)
    posted: Signal = field(init=False)
    planned: Signal = field(init=False)
    free: Signal = field(init=False)
    held: bool = False
    serial: int = 0
    settled: list[Settlement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.posted, self.planned = self.tasks.signal(), self.tasks.signal()
        self.free = self.tasks.signal()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        transaction = MemoryTransaction(self)
        yield transaction
        self.check(transaction)
        self._commit(transaction)

    async def take_over(self, partitions: Sequence[Partition]) -> Sequence[Cursor]:
        for partition in partitions:
            old = self.cursors.get(partition)
            self.cursors[partition] = Cursor(
                partition=partition,
                epoch=old.epoch + 1 if old else 1,
                offset=old.offset if old else 0,
            )
        return [self.cursors[partition] for partition in partitions]

    @asynccontextmanager
    async def owned(self) -> AsyncIterator[OwnedOutbox]:
        while self.held:
            await self.free.heard()
        self.held = True
        try:
            yield MemoryOutbox(self)
        finally:
            self.held = False
            self.free.ring()

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[Entry]:
        leased: list[Entry] = []
        while self.calendar and self.calendar[0][0] <= now and len(leased) < limit:
            at, _, id = heappop(self.calendar)
            entry = self.agenda.get(id)
            if entry and at == self.leases.get(id, entry.due_at):
                self.leases[id] = until
                self._remind(until, id)
                leased.append(entry)
        return leased

    async def postpone(self, id: UUID, due_at: datetime) -> None:
        if old := self.agenda.get(id):
            self._plan(
                Entry(
                    id=id,
                    due_at=due_at,
                    since=old.since,
                    performs=old.performs,
                    envelope=old.envelope,
                    attempts=old.attempts + 1,
                )
            )

    async def rest(self, now: datetime) -> None:
        due_at = self.calendar[0][0] if self.calendar else None
        await self.planned.heard(due_at - now if due_at else None)

    def check(self, transaction: MemoryTransaction) -> None:
        """Refuse what others have overtaken, as the real database does by its locks."""
        if transaction.claims & self.claimed:
            raise Conflict("a message was handled meanwhile")
        for effects in transaction.writes:
            for key, version in effects.found.items():
                current = self.states[key].version if key in self.states else 0
                if current != version:
                    raise Conflict(f"{key} is at version {current}, not {version}")
            if effects.settled:
                self._check_unsettled(effects)
            for cursor in effects.cursors:
                owner = self.cursors.get(cursor.partition)
                if owner is None or owner.epoch != cursor.epoch:
                    raise Fenced(f"{cursor.partition} is no longer ours")

    def _check_unsettled(self, effects: Effects) -> None:
        done = {s.agreed.request_id for s in self.settled}
        if done & {s.agreed.request_id for s in effects.settled}:
            raise Conflict("this request was settled meanwhile")

    def _commit(self, transaction: MemoryTransaction) -> None:
        self.claimed |= transaction.claims
        for key in transaction.released:
            self.parked.pop(key, None)
        for effects in transaction.writes:
            self._apply(effects)

    def _apply(self, effects: Effects) -> None:
        self.states.update(effects.states)
        self.events.extend(effects.events)
        for envelope in effects.outbox:
            self._post(envelope.message.topic, envelope.key, envelope)
        kept = [e.id for e in effects.answered if self._is_as_leased(e)]
        for id in [*effects.done, *kept]:
            self.agenda.pop(id, None)
            self.leases.pop(id, None)
        for entry in effects.agenda:
            self._plan(entry)
        for letter in effects.dead_letters:
            self.dead_letters.append(letter)
            if letter.key:
                self.parked.setdefault(letter.key, [])
            if letter.topic:
                self._post(letter.topic, letter.key, letter.cargo)
        self.settled.extend(effects.settled)
        for delivery in effects.parked:
            self.parked[delivery.key].append(delivery)
        for cursor in effects.cursors:
            self.cursors[cursor.partition] = cursor
        if effects.outbox or effects.dead_letters:
            self.posted.ring()

    def _post(self, topic: str, key: str, cargo: Any) -> None:
        self.serial += 1
        self.outbox[self.serial] = Posting(
            seq=self.serial, topic=topic, key=key, cargo=cargo
        )

    def _is_as_leased(self, entry: Entry) -> bool:
        """An entry that was moved since is another appointment."""
        current = self.agenda.get(entry.id)
        return current is not None and current.due_at == entry.due_at

    def _plan(self, entry: Entry) -> None:
        self.agenda[entry.id] = entry
        self.leases.pop(entry.id, None)
        self._remind(entry.due_at, entry.id)

    def _remind(self, at: datetime, id: UUID) -> None:
        """Note a moment to look at an entry; one that has moved on is passed over then."""
        self.serial += 1
        heappush(self.calendar, (at, self.serial, id))
        if self.calendar[0][1] == self.serial:  # earlier than whatever is waited for
            self.planned.ring()


@dataclass(slots=True)
class MemoryOutbox:
    """The outbox in the hands of its one relay."""

    database: MemoryDatabase

    async def read(self, limit: int) -> Sequence[Posting]:
        return list(islice(self.database.outbox.values(), limit))

    async def delete(self, seqs: set[int]) -> None:
        for seq in seqs:
            self.database.outbox.pop(seq, None)

    async def rest(self) -> None:
        if not self.database.outbox:
            await self.database.posted.heard()
