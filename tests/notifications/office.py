"""The notifications service in virtual time, with Discord's model in front of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import simpy

from sims.world.discord import DiscordModel
from sims.world.messenger import SimDiscord
from sims.world.time import SimClock, SimTasks
from toolkit.core.message import derived, first
from toolkit.core.money import Money
from toolkit.core.ports import Delivery, Partition
from toolkit.infra.memory import MemoryDatabase
from toolkit.messages.escrow import EscrowCreated, EscrowFundsHeld, Rail
from toolkit.messages.notifications import Channel, SetPreference
from toolkit.notifications.service import post, wire
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import BatchHandler

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
LOG = Partition("escrow.events.v1", 0)
ADA, BOB = "80351110224678912", "80351110224671111"
CLOSED, STRANGER = "80351110224670007", "80351110224670013"
CREATED = EscrowCreated(
    escrow_id="E1",
    contract_id="C1",
    buyer_id="ada",
    seller_id="bob",
    amount=Money(1_250_00),
    rail=Rail.STRIPE,
)
HELD = EscrowFundsHeld(
    escrow_id="E1",
    payment_id="P1",
    amount=Money(1_250_00),
    held_at=NOW,
    provider_ref="ch_1",
)


def delivered(event, name):
    """An event as the broker brings it; the name tells one from another."""
    envelope = first(event, derived("test", name), NOW)
    return Delivery(
        partition=LOG, offset=0, key=envelope.key, envelope=envelope, cargo=envelope
    )


def wish(person_id, address, *, is_enabled=True, muted=()):
    return SetPreference(
        recipient_id=person_id,
        actor_id=person_id,
        channel=Channel.DISCORD,
        address=address,
        is_enabled=is_enabled,
        muted=muted,
    )


@dataclass
class Office:
    """Hears events, keeps appointments, and sends letters."""

    env: simpy.Environment = field(default_factory=simpy.Environment)
    is_connected: bool = True

    def __post_init__(self):
        self.clock = SimClock(self.env, NOW)
        self.database = MemoryDatabase(SimTasks(self.env))
        self.handler = BatchHandler("notifications", self.database, self.clock, wire())
        self.discord = DiscordModel(now=self.clock.now)
        self.start()

    def start(self):
        self.tasks = SimTasks(self.env)
        api = SimDiscord(self.env, Random(7), self.discord) if self.is_connected else None
        self.breaker = Breaker("discord", self.clock)
        perform = post(self.database, self.clock, api, self.breaker).perform
        worker = AgendaWorker(self.database, self.handler, perform, self.clock, self.tasks)
        self.tasks.spawn(worker.run())

    def hears(self, *deliveries):
        return self.run(self.handler.handle(deliveries))

    def wishes(self, *asked):
        self.hears(*(delivered(ask, f"wish {ask}") for ask in asked))

    def run(self, work):
        return self.env.run(until=self.env.process(work))

    def passes(self, **amount):
        self.env.run(until=self.env.now + timedelta(**amount).total_seconds())

    @property
    def letters(self):
        return [(m.recipient_id, m.content.splitlines()[0]) for m in self.discord.sent()]

    def said(self, type_):
        return [e.message for e in self.database.events if type(e.message) is type_]

    def preference(self, person_id):
        return self.database.states[person_id].state.preference(Channel.DISCORD)


def opened():
    """An office in which Ada and Bob are on Discord, and have an escrow."""
    office = Office()
    office.wishes(wish("ada", ADA), wish("bob", BOB))
    office.hears(delivered(CREATED, "created"))
    return office


def held(number=1):
    return delivered(HELD, f"held {number}")


def cause(number=1) -> UUID:
    return derived("test", f"held {number}")
