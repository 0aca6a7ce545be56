"""A batch of messages in, one transaction out: this is where deciders meet the database."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from toolkit.core.decider import Consequence, Forget, Judgement, Later, Perform
from toolkit.core.errors import Declined
from toolkit.core.message import Command, Envelope, Event, Message, derived
from toolkit.core.ports import (
    Clock,
    Cursor,
    DeadLetter,
    Delivery,
    Effects,
    Entry,
    Partition,
    Snapshot,
    Transaction,
    Transactions,
    Versioned,
)
from toolkit.core.telemetry import SILENCE, Telemetry, told_with

Routes = Mapping[type[Message], Judgement]
Epochs = Mapping[Partition, int]
AHEAD = 64  # messages that are judged while the database writes what others led to
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchHandler:
    """One service's way of handling messages, whatever loop they come from."""

    service: str
    database: Transactions
    clock: Clock
    routes: Routes
    telemetry: Telemetry = SILENCE

    async def handle(
        self,
        deliveries: Sequence[Delivery],
        epochs: Epochs | None = None,
        answered: Sequence[Entry] = (),
    ) -> int:
        """Handle a batch in order, and answer how many of its messages were new.

        `epochs` are those of the partitions whose offsets move along; `answered` are
        of the agenda that this batch answers. Raises Conflict, Unavailable or Fenced, and
        then nothing has happened.
        """
        try:
            return await self._commit(deliveries, epochs or {}, answered)
        except Declined as refusal:
            return await self._isolate(deliveries, epochs or {}, answered, refusal)

    async def resume(self, key: str) -> int:
        """Let a parked key go on with what waited behind it, and answer how many did."""
        async with self.database.transaction() as transaction:
            waiting = await transaction.release(key)
            snapshot = await transaction.open([], [key])
            ids = {d.envelope.id for d in waiting if d.envelope}
            found = Snapshot(fresh=ids, states=snapshot.states, parked=snapshot.parked)
            await self._judge(transaction, waiting, found, {}, ())
        return len(waiting)

    async def _commit(
        self, deliveries: Sequence[Delivery], epochs: Epochs, answered: Sequence[Entry]
    ) -> int:
        ours = [
            d.envelope
            for d in deliveries
            if d.envelope and type(d.envelope.message) in self.routes
        ]
        with self.telemetry.handling(self.service, deliveries) as handling:
            async with self.database.transaction() as transaction:
                snapshot = await transaction.open(
                    list(dict.fromkeys(e.id for e in ours)), sorted({e.key for e in ours})
                )
                count = len(snapshot.fresh)
                effects = await self._judge(
                    transaction, handling.deliveries, snapshot, epochs, answered
                )
            handling.committed(effects, count)
        return count

    async def _isolate(
        self,
        deliveries: Sequence[Delivery],
        epochs: Epochs,
        answered: Sequence[Entry],
        refusal: Declined,
    ) -> int:
        """Halve a batch that the database refuses, until the guilty one stands alone."""
        if len(deliveries) > 1:
            middle = len(deliveries) // 2
            first = await self.handle(deliveries[:middle], epochs)
            return first + await self.handle(deliveries[middle:], epochs, answered)
        if not deliveries:
            raise refusal
        buried = [_refused(d, f"the database refused it: {refusal}") for d in deliveries]
        return await self._commit(buried, epochs, answered)

    async def _judge(
        self,
        transaction: Transaction,
        deliveries: Sequence[Delivery],
        snapshot: Snapshot,
        epochs: Epochs,
        answered: Sequence[Entry],
    ) -> Effects:
        """Judge in order, and keep the database busy with what was said so far."""
        batch = _Batch(self.service, snapshot, self.clock.now())
        for number, delivery in enumerate(deliveries, start=1):
            batch.take(delivery, self.routes)
            if number % AHEAD == 0:
                await transaction.begin(batch.effects)
        effects = batch.settled(_advanced(deliveries, epochs), answered)
        await transaction.write(effects)
        return effects


@dataclass(slots=True)
class _Batch:
    """The state of one batch while it is judged, in memory."""

    service: str
    snapshot: Snapshot
    now: datetime
    effects: Effects = field(default_factory=Effects)
    agenda: dict[UUID, Entry] = field(default_factory=dict)
    forgotten: set[UUID] = field(default_factory=set)

    def take(self, delivery: Delivery, routes: Routes) -> None:
        """Judge one delivery; whatever is wrong with it stays with it and its key."""
        envelope = delivery.envelope
        if envelope is None:
            self._bury(delivery, delivery.problem or "unreadable")
            return
        judgement = routes.get(type(envelope.message))
        if judgement is None or envelope.id not in self.snapshot.fresh:
            return  # Not ours, or said before: the first delivery already did the work.
        self.snapshot.fresh.discard(envelope.id)
        if envelope.key in self.snapshot.parked:
            self.effects.parked.append(delivery)
            return
        if delivery.problem:
            self._bury(delivery, delivery.problem)
            return
        try:
            self._judge(envelope, judgement)
        except (
            Exception
        ) as bug:  # A decider that fails must cost one key, not the partition.
            log.exception(
                "%s cannot handle a message: its key is parked",
                self.service,
                extra=told_with(envelope),
            )
            self._bury(delivery, f"{type(bug).__name__}: {bug}")

    def settled(self, cursors: list[Cursor], answered: Sequence[Entry]) -> Effects:
        self.effects.cursors = cursors
        self.effects.done = list(self.forgotten)
        self.effects.answered = list(answered)
        self.effects.agenda = list(self.agenda.values())
        return self.effects

    def _judge(self, envelope: Envelope, judgement: Judgement) -> None:
        key = envelope.key
        before = self.effects.states.get(key) or self.snapshot.states.get(key)
        state, version = before or Versioned(judgement.initial, 0)
        after, outcome = judgement.step(state, envelope.message, self.now)
        events = sum(isinstance(consequence, Event) for consequence in outcome)
        if after is not state or (events and after is not None):
            self.effects.found.setdefault(key, version)
            self.effects.states[key] = Versioned(after, version + max(events, 1))
        for index, consequence in enumerate(outcome):
            version += isinstance(consequence, Event)
            self._note(envelope, index, consequence, version)

    def _note(
        self, cause: Envelope, index: int, consequence: Consequence, version: int
    ) -> None:
        match consequence:
            case Event():
                said = cause.caused(index, consequence, self.now, version)
                self.effects.events.append(said)
                self.effects.outbox.append(said)
            case Command():
                self.effects.outbox.append(cause.caused(index, consequence, self.now))
            case Perform(command=command):
                self._plan(cause.caused(index, command, self.now), self.now, performs=True)
            case Later(name=name, at=at, command=command):
                id = derived(self.service, cause.key, name)
                self._plan(cause.caused(index, command, self.now), at, id=id)
            case Forget(name=name):
                id = derived(self.service, cause.key, name)
                self.agenda.pop(id, None)
                self.forgotten.add(id)
            case unknown:
                raise AssertionError(f"no consequence: {unknown!r}")

    def _plan(
        self,
        envelope: Envelope,
        due_at: datetime,
        *,
        performs: bool = False,
        id: UUID | None = None,
    ) -> None:
        entry = Entry(
            id=id or envelope.id,
            due_at=due_at,
            since=self.now,
            performs=performs,
            envelope=envelope,
        )
        self.agenda[entry.id] = entry

    def _bury(self, delivery: Delivery, error: str) -> None:
        self.snapshot.parked.add(delivery.key)
        self.effects.dead_letters.append(
            DeadLetter(
                partition=delivery.partition,
                offset=delivery.offset,
                key=delivery.key,
                cargo=delivery.cargo,
                error=error,
                failed_at=self.now,
            )
        )


def _advanced(deliveries: Sequence[Delivery], epochs: Epochs) -> list[Cursor]:
    """Say how far each owned partition has come with this batch."""
    last = {d.partition: d.offset for d in deliveries if d.partition in epochs}
    return [
        Cursor(partition=partition, epoch=epochs[partition], offset=offset + 1)
        for partition, offset in sorted(last.items())
    ]


def _refused(delivery: Delivery, problem: str) -> Delivery:
    return replace(delivery, problem=problem)
