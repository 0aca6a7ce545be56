"""A batch of messages in, one transaction out: this is where deciders meet the database."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from toolkit.core.decider import (
    Consequence,
    Forget,
    Judgement,
    Later,
    Numbered,
    Perform,
    Projection,
    Witness,
)
from toolkit.core.errors import Declined
from toolkit.core.message import Command, Envelope, Event, Message, derived, replace
from toolkit.core.ports import (
    Agreed,
    Clock,
    Cursor,
    DeadLetter,
    Delivery,
    Effects,
    Entry,
    Partition,
    Settlement,
    Snapshot,
    Transaction,
    Transactions,
    Versioned,
)
from toolkit.core.telemetry import SILENCE, Telemetry, told_with
from toolkit.messages.topics import DEAD_LETTERS, INTERNAL

Judge = Judgement | Projection[Any] | Witness[Any]
Routes = Mapping[type[Message], Judge]
Epochs = Mapping[Partition, int]
AHEAD = 125  # messages that are judged while the database writes what others led to
WENT_ON = "that waited went on"  # how the outcome of a replay ends when nothing failed
KEYLESS = ""  # of a record without a key; it stands in no order, so it parks nothing
log = logging.getLogger(__name__)


class _Undone(Exception):  # noqa: N818 - it ends a transaction that was only a trial
    """Nothing went wrong; it was to leave no trace."""


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

    async def resume(self, key: str, agreed: Agreed | None = None) -> int:
        """Let a parked key go on with what waited behind it, and answer how many did.

        What was agreed on is done first, and written down in the same transaction. What
        fails on the way is a dead letter again, and parks what is behind it.
        """
        try:
            return await self._let_go(key, agreed)
        except Declined as refusal:
            guilty = await self._guilty(key, agreed)
            if guilty is None:
                raise
            return await self._let_go(key, agreed, guilty, _complaint(refusal))

    async def _let_go(
        self,
        key: str,
        agreed: Agreed | None,
        guilty: int | None = None,
        complaint: str = "",
    ) -> int:
        async with self.database.transaction() as transaction:
            released = await _released(transaction, key, agreed)
            if guilty is not None:
                released[guilty] = replace(released[guilty], problem=complaint)
            found = await _found(transaction, released)
            await self._judge(transaction, released, found, {}, (), agreed=agreed)
        return len(released) - (agreed is not None and agreed.again is not None)

    async def _guilty(self, key: str, agreed: Agreed | None) -> int | None:
        """Find the first that the database refuses; None when it is none of them."""
        good, bad = 0, await self._tried(key, agreed, 0)
        if not bad:
            return None
        while bad - good > 1:
            middle = (good + bad) // 2
            if await self._tried(key, agreed, middle) is None:
                bad = middle
            else:
                good = middle
        return bad - 1

    async def _tried(self, key: str, agreed: Agreed | None, limit: int) -> int | None:
        """Handle so many and undo it; answer how many there are, None if refused."""
        count = 0
        try:
            async with self.database.transaction() as transaction:
                released = await _released(transaction, key, agreed)
                count = len(released)
                snapshot = await _found(transaction, released)
                await self._judge(transaction, released[:limit], snapshot, {}, ())
                _undo()
        except Declined:
            return None
        except _Undone:
            return count

    async def _commit(
        self, deliveries: Sequence[Delivery], epochs: Epochs, answered: Sequence[Entry]
    ) -> int:
        ours = [
            d.envelope
            for d in deliveries
            if d.envelope and type(d.envelope.message) in self.routes
        ]
        keys = {e.key for e in ours} | {d.key for d in deliveries if not d.envelope}
        with self.telemetry.handling(self.service, deliveries) as handling:
            async with self.database.transaction() as transaction:
                snapshot = await transaction.open(
                    list(dict.fromkeys(e.id for e in ours)), sorted(keys - {KEYLESS})
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
        buried = [replace(d, problem=_complaint(refusal)) for d in deliveries]
        return await self._commit(buried, epochs, answered)

    async def _judge(
        self,
        transaction: Transaction,
        deliveries: Sequence[Delivery],
        snapshot: Snapshot,
        epochs: Epochs,
        answered: Sequence[Entry],
        *,
        agreed: Agreed | None = None,
    ) -> Effects:
        """Judge in order, and keep the database busy with what was said so far."""
        batch = _Batch(self.service, snapshot, self.clock.now())
        for number, delivery in enumerate(deliveries, start=1):
            batch.take(delivery, self.routes)
            if number % AHEAD == 0:
                await transaction.begin(batch.effects)
        effects = batch.settled(_advanced(deliveries, epochs), answered)
        if agreed:
            outcome = _outcome(agreed, deliveries, effects)
            effects.settled = [Settlement(agreed=agreed, outcome=outcome)]
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
            if delivery.key in self.snapshot.parked:
                self.effects.parked.append(delivery)
            else:
                self._bury(delivery, delivery.problem or "unreadable")
            return
        judgement = routes.get(type(envelope.message))
        if judgement is None or not (
            delivery.claimed or envelope.id in self.snapshot.fresh
        ):
            return  # Not ours, or said before: the first delivery already did the work.
        self.snapshot.fresh.discard(envelope.id)
        if envelope.key in self.snapshot.parked:
            self.effects.parked.append(replace(delivery, claimed=True))
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

    def _judge(self, envelope: Envelope, judgement: Judge) -> None:
        key = envelope.key
        before = self.effects.states.get(key) or self.snapshot.states.get(key)
        state, version = before or Versioned(judgement.initial, 0)
        after, outcome = judged(judgement, state, envelope, self.now)
        events = sum(isinstance(consequence, Event) for consequence in outcome)
        if after is not state or (events and after is not None):
            self.effects.found.setdefault(key, version)
            self.effects.states[key] = Versioned(after, version + max(events, 1))
        # A witness hears what others answer too: its answers must not have their ids.
        apart = f"{self.service}/" if isinstance(judgement, Witness) else ""
        for index, consequence in enumerate(outcome):
            version += isinstance(consequence, Event)
            place = f"{apart}{index}" if apart else index
            self._note(envelope, place, consequence, version)

    def _note(
        self, cause: Envelope, index: int | str, consequence: Consequence, version: int
    ) -> None:
        match consequence:
            case Event():
                said = cause.caused(index, consequence, self.now, version)
                self.effects.events.append(said)
                self.effects.outbox.append(said)
            case Numbered(event=event, number=number):
                told = cause.caused(index, event, self.now, number)
                self.effects.events.append(told)
                self.effects.outbox.append(told)
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
        envelope = delivery.envelope
        topic = envelope.message.topic if envelope else delivery.partition.topic
        if delivery.key != KEYLESS:
            self.snapshot.parked.add(delivery.key)
        self.effects.dead_letters.append(
            DeadLetter(
                topic=None if topic in INTERNAL else f"{topic}{DEAD_LETTERS}",
                service=self.service,
                claimed=envelope is not None,
                partition=delivery.partition,
                offset=delivery.offset,
                key=delivery.key,
                cargo=delivery.cargo,
                error=error,
                failed_at=self.now,
                attempts=delivery.attempts + 1,
            )
        )


def judged(
    judgement: Judge, state: Any, envelope: Envelope, now: datetime
) -> tuple[Any, Sequence[Consequence]]:
    """Let a decider decide now, and a projection add what happened when it did."""
    if isinstance(judgement, Projection):
        return judgement.fold(state, envelope), ()
    if isinstance(judgement, Witness):
        return judgement.hear(state, envelope, now)
    return judgement.step(state, envelope.message, now)


def _advanced(deliveries: Sequence[Delivery], epochs: Epochs) -> list[Cursor]:
    """Say how far each owned partition has come with this batch."""
    last = {d.partition: d.offset for d in deliveries if d.partition in epochs}
    return [
        Cursor(partition=partition, epoch=epochs[partition], offset=offset + 1)
        for partition, offset in sorted(last.items())
    ]


def _undo() -> NoReturn:
    raise _Undone


def _complaint(refusal: Declined) -> str:
    return f"the database refused it: {refusal}"


async def _released(
    transaction: Transaction, key: str, agreed: Agreed | None
) -> list[Delivery]:
    """Let a key go, and answer what is to be handled now, in order."""
    waiting = await transaction.release(key, agreed.letter_id if agreed else None)
    again = [agreed.again] if agreed and agreed.again else []
    return [*again, *waiting]


async def _found(transaction: Transaction, released: Sequence[Delivery]) -> Snapshot:
    """Claim those that could not be read when they came, and lock the aggregates of all."""
    envelopes = [(d.envelope, d.claimed) for d in released if d.envelope]
    unclaimed = dict.fromkeys(e.id for e, claimed in envelopes if not claimed)
    keys = {d.key for d in released} | {e.key for e, _ in envelopes}
    return await transaction.open(list(unclaimed), sorted(keys - {KEYLESS}))


def _outcome(agreed: Agreed, released: Sequence[Delivery], effects: Effects) -> str:
    """Say in a line what came of it."""
    done = "handled again" if agreed.again else "discarded"
    failed = effects.dead_letters[0] if effects.dead_letters else None
    if failed is None:
        waited = len(released) - (agreed.again is not None)
        return f"{done}; {waited} {WENT_ON}"
    if agreed.again and agreed.again.cargo is failed.cargo:
        return f"failed again and is a new dead letter: {failed.error}"
    parked = len(effects.parked)
    return f"{done}; then another one failed, and {parked} wait behind it: {failed.error}"
