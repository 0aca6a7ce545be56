"""The audit service on a real database, with a broker of a few lines."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.audit.logbook import NOW, SIGNER, salt
from toolkit.audit.decider import Policy
from toolkit.audit.reader import TrailReader
from toolkit.audit.service import Notary, wire
from toolkit.audit.store import AuditStore
from toolkit.core.errors import Unavailable
from toolkit.core.ports import Delivery, Effects, Partition
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.messages.wire import WireFormat
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import BatchHandler

TOOLKIT = Path(__file__).parents[2] / "toolkit"
WIRE = WireFormat()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Clock:
    now_at = NOW

    def now(self):
        return self.now_at


@dataclass
class Office:
    """Hears what it is told, and what it says to itself, until nothing is left to do."""

    database: PostgresDatabase
    reader: TrailReader
    anchor: object = None
    policy: Policy = field(default_factory=lambda: Policy(leaves_max=4, anchor_every=None))
    clock: Clock = field(default_factory=Clock)
    said: list = field(default_factory=list)
    pending: list = field(default_factory=list)

    def __post_init__(self):
        routes = wire(salt, self.policy)
        self.handler = BatchHandler("audit", self.database, self.clock, routes)
        self.notary = Notary(SIGNER, self.anchor, Breaker("chain", self.clock))

    async def hear(self, *envelopes):
        deliveries = [
            Delivery(
                partition=Partition(e.message.topic, 0),
                offset=0,
                key=e.key,
                envelope=e,
                cargo=e,
            )
            for e in envelopes
        ]
        return await self.handler.handle(deliveries)

    async def rest(self):
        """Carry what is in the outbox back in, and do what is due, until all is quiet."""
        while await self._carry() or await self._perform():
            pass

    async def _carry(self):
        async with self.database.owned() as outbox:
            found = await outbox.read(1_000)
            told = [WIRE.decode(p.topic, p.cargo) for p in found]
            self.said += [e.message for e in told]
            await self.hear(*told)
            await outbox.delete({p.seq for p in found})
            return len(found)

    async def _perform(self):
        now = self.clock.now()
        entries = await self.database.lease(now, now + HOUR, 10)
        await self._speak([e for e in entries if not e.performs])
        for entry in (e for e in entries if e.performs):
            attempt = Attempt(
                key=entry.id, since=entry.since, now=now, number=entry.attempts
            )
            try:
                facts = await self.notary.perform(entry.envelope.message, attempt)
            except Unavailable:
                self.pending.append(entry.envelope.message)
                await self.database.postpone(entry.id, now + MINUTE)
                continue
            told = [entry.envelope.caused(i, fact, now) for i, fact in enumerate(facts)]
            deliveries = [
                Delivery(
                    partition=Partition("agenda", 0),
                    offset=0,
                    key=e.key,
                    envelope=e,
                    cargo=e,
                )
                for e in told
            ]
            await self.handler.handle(deliveries, answered=[entry])
        return len(entries)

    async def _speak(self, entries):
        """Say what timers were set for."""
        if entries:
            await self.hear(*(entry.envelope for entry in entries))
            async with self.database.transaction() as transaction:
                await transaction.write(Effects(answered=list(entries)))


@asynccontextmanager
async def office(dsn, **more):
    migrate(dsn, {"audit": TOOLKIT / "audit"})
    async with open_pool(dsn, "audit") as pool:
        database = PostgresDatabase(pool, "audit", AuditStore(), WIRE.encode, WIRE.decode)
        yield Office(database, TrailReader(pool, SIGNER), **more)
