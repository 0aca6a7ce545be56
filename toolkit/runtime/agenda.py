"""The agenda worker: timers speak when they are due, and providers are asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from toolkit.core.errors import Conflict, Unavailable, Unfinished
from toolkit.core.message import Envelope, Message, record
from toolkit.core.ports import Agenda, Clock, Delivery, Effects, Entry, Partition, Tasks
from toolkit.core.telemetry import SILENCE, Telemetry, told_with
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import backoff, persistently

log = logging.getLogger(__name__)

HERE = Partition("agenda", 0)  # where answers come from: no broker's partition
LEASE = timedelta(
    minutes=2
)  # longer than a provider call takes; a second one has the same key


@record
class Attempt:
    """What a performer may know of the try: its idempotency key, and how old that is.

    `cause` is the message that led to the intent.
    """

    key: UUID
    since: datetime
    now: datetime
    number: int
    cause: UUID | None = None


Performer = Callable[[Any, Attempt], Coroutine[Any, Any, Sequence[Message]]]


async def nothing_to_perform(command: Message, attempt: Attempt) -> Sequence[Message]:
    """Stand where a service asks no provider for anything."""
    raise AssertionError(f"nobody performs {command!r} ({attempt.key})")


@dataclass(slots=True)
class AgendaWorker:
    """Perform what is due, so many at a time. A lease that runs out is taken up again."""

    agenda: Agenda
    handler: BatchHandler
    perform: Performer
    clock: Clock
    tasks: Tasks
    limit: int = 32
    telemetry: Telemetry = SILENCE
    busy: int = 0
    relief: Any = field(init=False)

    def __post_init__(self) -> None:
        self.relief = self.tasks.signal()

    async def run(self) -> None:
        attempts = 0
        while True:
            self.telemetry.beat(self.handler.service, "agenda")
            try:
                await self._round()
                attempts = 0
            except (Conflict, Unavailable) as obstacle:
                log.warning("%s agenda: %r", self.handler.service, obstacle)
                await self.clock.sleep(backoff(attempts, UUID(int=attempts)))
                attempts += 1

    async def _round(self) -> None:
        now = self.clock.now()
        if self.busy >= self.limit:
            await self.relief.heard()
            return
        entries = await self.agenda.lease(now, now + LEASE, self.limit - self.busy)
        if not entries:
            await self.agenda.rest(now)
            return
        await self._say([entry for entry in entries if not entry.performs])
        for entry in entries:
            if entry.performs:
                self.busy += 1
                self.tasks.spawn(self._ask(entry))

    async def _say(self, entries: Sequence[Entry]) -> None:
        """Speak the commands of timers; they come back through the broker, in order."""
        if entries:
            async with self.handler.database.transaction() as transaction:
                await transaction.write(
                    Effects(outbox=[e.envelope for e in entries], answered=list(entries))
                )

    async def _ask(self, entry: Entry) -> None:
        try:
            await self._settle(entry)
        except Unavailable as obstacle:
            log.log(
                logging.INFO if isinstance(obstacle, Unfinished) else logging.WARNING,
                "%s: a call waits: %s",
                self.handler.service,
                obstacle,
                extra=told_with(entry.envelope),
            )
            await self._postpone(entry, obstacle.retry_after)
        except Exception:  # A bug in one adapter must not stop the others' money.
            log.exception(
                "%s: a call failed", self.handler.service, extra=told_with(entry.envelope)
            )
            await self._postpone(entry)
        finally:
            self.busy -= 1
            self.relief.ring()

    async def _settle(self, entry: Entry) -> None:
        attempt = Attempt(
            key=entry.id,
            since=entry.since,
            now=self.clock.now(),
            number=entry.attempts,
            cause=entry.envelope.causation_id,
        )
        with self.telemetry.performing(self.handler.service, entry) as asked:
            facts = await self.perform(asked.message, attempt)
        deliveries = [self._delivery(asked, i, fact) for i, fact in enumerate(facts)]
        await persistently(
            self.clock, entry.id, lambda: self.handler.handle(deliveries, answered=[entry])
        )

    def _delivery(self, asked: Envelope, index: int, fact: Message) -> Delivery:
        envelope = asked.caused(index, fact, self.clock.now())
        return Delivery(
            partition=HERE, offset=0, key=envelope.key, envelope=envelope, cargo=envelope
        )

    async def _postpone(self, entry: Entry, at_least: timedelta = timedelta()) -> None:
        delay = backoff(entry.attempts, entry.id, timedelta(seconds=1))
        due_at = self.clock.now() + max(delay, at_least)
        await persistently(
            self.clock, entry.id, lambda: self.agenda.postpone(entry.id, due_at)
        )
