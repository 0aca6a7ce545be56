"""One batch in PostgreSQL: few round trips, however many messages it holds."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor, AsyncPipeline
from psycopg.abc import Params

from toolkit.core.errors import Conflict, Declined, Fenced
from toolkit.core.message import Envelope
from toolkit.core.ports import (
    Cursor,
    DeadLetter,
    Delivery,
    Effects,
    Entry,
    Partition,
    Settlement,
    Snapshot,
)
from toolkit.infra.postgres import statements
from toolkit.infra.postgres.columns import (
    Column,
    bigints,
    blobs,
    booleans,
    moments,
    names,
    texts,
    uuids,
)
from toolkit.infra.postgres.failures import translated
from toolkit.infra.postgres.store import Connection, Store
from toolkit.infra.postgres.wires import (
    Decode,
    Encode,
    delivered,
    legible,
    pack,
    wire,
    wire_of,
)
from toolkit.messages.dead_letters import dead
from toolkit.messages.topics import RECORD_BYTES_MAX

Packed = tuple[bytes, bytes]  # a message's value, and its headers in one
Rows = AsyncCursor[tuple[Any, ...]]


@dataclass(slots=True)
class PostgresTransaction:
    """Statements are queued in the connection's pipeline until an answer is needed.

    Each call but `begin` ends in a `sync`. Only then does the server count the session as
    idle in its transaction, and end it, locks and all, when a frozen process leaves it so;
    one that froze before is ended by whoever it holds up. Once something has failed, the
    transaction is doomed and cannot be committed any more.
    """

    connection: Connection
    pipeline: AsyncPipeline
    store: Store
    encode: Encode
    decode: Decode
    doomed: Exception | None = None
    has_posted: bool = False
    has_planned: bool = False
    sent: int = 0  # how much of the outbox and of the events has begun to be written
    recorded: int = 0

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        async with self._watched():
            known = await self._execute(statements.CLAIM, {"ids": uuids(ids)})
            names = {legible(key): key for key in keys}
            parked = await self._execute(statements.PARKED, [texts(names)])
            states = await self.store.load(self.connection, sorted(names)) if names else {}
            return Snapshot(
                fresh=set(ids).difference([id for (id,) in await known.fetchall()]),
                states=states,
                parked={names[name] for (name,) in await parked.fetchall()},
            )

    async def begin(self, effects: Effects) -> None:
        """Send and wait for no answer: `write` sees what became of it."""
        async with self._watched(syncs=False), _written():
            await self._say(effects)

    async def write(self, effects: Effects) -> None:
        async with self._watched(), _written():
            await self._say(effects)
            await self._finish(effects.done, effects.answered)
            await self._plan(effects.agenda)
            await self._bury(effects.dead_letters)
            await self._park(effects.parked)
            settled = await self._settle(effects.settled)
            moved = await self._advance(effects.cursors)
            if effects.states:
                states = dict(sorted(effects.states.items()))
                await self.store.save(
                    self.connection, states, effects.found, effects.events
                )
            if await _count(moved) < len(effects.cursors):
                raise Fenced("a partition of this batch has a newer owner")
            if settled and await _count(settled) < len(effects.settled):
                raise Conflict("what was agreed on has been decided meanwhile")

    async def release(self, key: str, letter_id: int | None = None) -> Sequence[Delivery]:
        async with self._watched():
            given = {"key": legible(key), "id": letter_id}
            resolved = await self._execute(statements.RESOLVE, given)
            waiting = await self._execute(statements.UNPARK, [legible(key)])
            if letter_id is not None and not await resolved.fetchall():
                raise Conflict(f"dead letter {letter_id} was settled meanwhile")
            return [
                replace(
                    delivered(
                        Partition(topic, number), offset, key, wire(*cargo), self.decode
                    ),
                    claimed=claimed,
                )
                for topic, number, offset, claimed, *cargo in await waiting.fetchall()
            ]

    async def _say(self, effects: Effects) -> None:
        """Send what was said since the last time; events go down for good as well."""
        sent = await self._send(effects.outbox[self.sent :])
        await self._record(effects.events[self.recorded :], sent)
        self.sent, self.recorded = len(effects.outbox), len(effects.events)

    async def _send(self, outbox: Sequence[Envelope]) -> dict[int, Packed]:
        """Put messages into the outbox, and answer them packed, by their identity."""
        if not outbox:
            return {}
        self.has_posted = True
        wires = [self._packed(envelope) for envelope in outbox]
        await self._execute(
            statements.SEND,
            [
                names([e.message.topic for e in outbox]),
                texts([e.key for e in outbox]),
                blobs([value for value, _ in wires]),
                blobs([headers for _, headers in wires]),
            ],
        )
        return dict(zip(map(id, outbox), wires, strict=True))

    async def _record(self, events: Sequence[Envelope], sent: Mapping[int, Packed]) -> None:
        """Write events down for good; those that were sent are packed already."""
        if not events:
            return
        wires = [sent.get(id(e)) or self._packed(e) for e in events]
        await self._execute(
            statements.RECORD,
            [
                names([e.message.topic for e in events]),
                texts([e.key for e in events]),
                bigints([e.version for e in events]),
                uuids([e.id for e in events]),
                names([e.type for e in events]),
                moments([e.occurred_at for e in events]),
                uuids([e.correlation_id for e in events]),
                uuids([e.causation_id for e in events]),
                texts([e.traceparent for e in events]),
                blobs([value for value, _ in wires]),
                blobs([headers for _, headers in wires]),
            ],
        )

    def _packed(self, envelope: Envelope) -> Packed:
        """Lay a message out, unless it is more than its topic would ever take.

        In the outbox it would stop all that stands behind it. Declined, its cause is a dead
        letter, nothing of what it led to has happened, and only its own key waits.
        """
        wire = self.encode(envelope)
        headers = pack(wire)
        size_bytes = len(wire.value) + len(headers) + len(envelope.key)
        if size_bytes > RECORD_BYTES_MAX:
            raise Declined(
                f"a {envelope.type} of {size_bytes} bytes is more than a topic takes: "
                f"{RECORD_BYTES_MAX} at most"
            )
        return wire.value, headers

    async def _finish(self, done: Sequence[UUID], answered: Sequence[Entry]) -> None:
        if done:
            await self._execute(statements.FINISH, [uuids(done)])
        if answered:
            columns = [uuids(e.id for e in answered), moments(e.due_at for e in answered)]
            await self._execute(statements.ANSWER, columns)

    async def _plan(self, agenda: Sequence[Entry]) -> None:
        if agenda:
            self.has_planned = True
            entries = list({entry.id: entry for entry in agenda}.values())
            wires = [self._packed(entry.envelope) for entry in entries]
            await self._execute(
                statements.PLAN,
                [
                    uuids([entry.id for entry in entries]),
                    moments([entry.due_at for entry in entries]),
                    moments([entry.since for entry in entries]),
                    booleans([entry.performs for entry in entries]),
                    bigints([entry.attempts for entry in entries]),
                    names([entry.envelope.message.topic for entry in entries]),
                    names([entry.envelope.type for entry in entries]),
                    blobs([value for value, _ in wires]),
                    blobs([headers for _, headers in wires]),
                ],
            )

    async def _bury(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            await self._execute(
                statements.BURY,
                [
                    *self._cargo(letters),
                    booleans([letter.claimed for letter in letters]),
                    texts([legible(letter.error) for letter in letters]),
                    moments([letter.failed_at for letter in letters]),
                    bigints([letter.attempts for letter in letters]),
                ],
            )
            await self._say_dead(letters)

    async def _say_dead(self, letters: Sequence[DeadLetter]) -> None:
        """Put dead letters into the outbox too, as they go to their topics."""
        said = [(letter.topic, letter) for letter in letters if letter.topic]
        wires = [dead(wire_of(each.cargo, self.encode), each) for _, each in said]
        if said:
            self.has_posted = True
            await self._execute(
                statements.SEND,
                [
                    names([topic for topic, _ in said]),
                    texts([legible(letter.key) for _, letter in said]),
                    blobs([wire.value for wire in wires]),
                    blobs([pack(wire) for wire in wires]),
                ],
            )

    async def _settle(self, settled: Sequence[Settlement]) -> Rows | None:
        if not settled:
            return None
        return await self._execute(
            statements.SETTLE,
            [
                bigints([each.agreed.request_id for each in settled]),
                texts([each.agreed.approved_by for each in settled]),
                moments([each.agreed.approved_at for each in settled]),
                texts([legible(each.outcome) for each in settled]),
            ],
        )

    async def _park(self, waiting: Sequence[Delivery]) -> None:
        """Put deliveries behind their dead letters, unless those are resolved by now."""
        if waiting:
            keys = {legible(d.key) for d in waiting}
            held = await self._execute(statements.HOLD, [texts(keys)])
            columns = [*self._cargo(waiting), booleans([d.claimed for d in waiting])]
            await self._execute(statements.PARK, columns)
            if await _count(held) < len(keys):
                raise Conflict("a parked key was let go meanwhile")

    def _cargo(self, items: Sequence[Delivery | DeadLetter]) -> list[Column]:
        """Lay out what the broker carried, and where it lay."""
        wires = [wire_of(item.cargo, self.encode) for item in items]
        return [
            texts([item.partition.topic for item in items]),
            bigints([item.partition.number for item in items]),
            bigints([item.offset for item in items]),
            texts([legible(item.key) for item in items]),
            blobs([w.value for w in wires]),
            blobs([pack(w) for w in wires]),
        ]

    async def _advance(self, cursors: Sequence[Cursor]) -> Rows:
        return await self._execute(
            statements.ADVANCE,
            [
                texts([cursor.partition.topic for cursor in cursors]),
                bigints([cursor.partition.number for cursor in cursors]),
                bigints([cursor.epoch for cursor in cursors]),
                bigints([cursor.offset for cursor in cursors]),
            ],
        )

    async def _execute(self, statement: str, values: Params) -> Rows:
        return await self.connection.execute(statement, values, binary=True)

    @asynccontextmanager
    async def _watched(self, *, syncs: bool = True) -> AsyncIterator[None]:
        """Remember a failure: whoever swallows it must not commit what is half done."""
        try:
            with translated():
                yield
                if syncs:
                    await self.pipeline.sync()
        except Exception as failure:
            self.doomed = failure
            raise


@asynccontextmanager
async def _written() -> AsyncIterator[None]:
    """Decline what cannot be laid out: a number too large, a text that is no text."""
    try:
        yield
    except (ValueError, TypeError, OverflowError, AttributeError, struct.error) as wrong:
        raise Declined(
            f"this cannot be written: {type(wrong).__name__}: {wrong}"
        ) from wrong


async def _count(answer: Rows) -> int:
    row = await answer.fetchone()
    assert row is not None, "an aggregate always answers"
    count: int = row[0]
    return count
