"""The house at a coarse resolution: the deciders of production, and no machinery between.

Messages are judged the moment they are said. There is no broker, no database, no relay and
no agenda worker; timers, retries and the providers' own models are there, so that a story
takes as long, and moves the same money, as on the whole platform.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import simpy

from sims.world.card_provider import SimStripe
from sims.world.custodian.model import CustodianModel
from sims.world.custodian_provider import SimSend
from sims.world.faults import CALM, Faults
from sims.world.outside import pays
from sims.world.people import Page
from sims.world.postman import SECRET
from sims.world.screening import CALM as CLEAR
from sims.world.screening import Faults as ScreeningFaults
from sims.world.screening import ScreeningModel, SimScreener, Vendor
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.model import StripeModel
from sims.world.time import SimClock, SimSignal, SimTasks
from toolkit.core.decider import Forget, Later, Perform
from toolkit.core.errors import Unavailable
from toolkit.core.message import Command, Envelope, Event, derived, first
from toolkit.escrow import service as escrow
from toolkit.escrow.policy import WINDOWS, Windows
from toolkit.infra.circle import Circle
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import Rail
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments import service as payments
from toolkit.payments.custodian import CustodianRail
from toolkit.payments.screening import screening
from toolkit.payments.stripe import StripeRail
from toolkit.projections import service as projections
from toolkit.projections.model import EscrowView
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker, Guarded
from toolkit.runtime.handler import Routes, judged
from toolkit.runtime.retry import backoff
from toolkit.topology import (
    CONTRACTS,
    ESCROW_COMMANDS,
    ESCROW_EVENTS,
    PAYMENTS_COMMANDS,
    PAYMENTS_EVENTS,
    WEBHOOKS,
)

HEARS = {  # as in the topology: who listens to what
    "escrow": {ESCROW_COMMANDS, PAYMENTS_EVENTS, CONTRACTS},
    "payments": {PAYMENTS_COMMANDS, WEBHOOKS},
    "projections": {ESCROW_EVENTS, PAYMENTS_EVENTS},
}
TRY_AGAIN = timedelta(seconds=1)


@dataclass(slots=True)
class Known:
    """What a service remembers of one key, and how many events it has said of it."""

    state: Any
    version: int = 0


@dataclass(slots=True)
class Coarse:
    """One house, its providers and its people's page. Equal seeds tell equal stories."""

    seed: int
    start_at: datetime
    windows: Windows = WINDOWS
    faults: Faults = CALM
    custodian_faults: Faults = CALM
    screening_faults: ScreeningFaults = CLEAR
    env: simpy.Environment = field(default_factory=simpy.Environment)
    clock: SimClock = field(init=False)
    stripe: StripeModel = field(init=False)
    client: InProcessStripe = field(init=False)
    called: SimSignal = field(init=False)
    custodian: CustodianModel = field(init=False)
    custodian_called: SimSignal = field(init=False)
    screening: ScreeningModel = field(init=False)
    rails: payments.Rails = field(init=False)
    routes: dict[str, Routes] = field(init=False)
    known: dict[str, dict[str, Known]] = field(init=False)
    events: dict[str, list[Envelope]] = field(init=False)
    timers: dict[UUID, int] = field(default_factory=dict)  # which of a name is the last
    waiting: deque[tuple[str, Envelope]] = field(default_factory=deque)
    heard: set[UUID] = field(default_factory=set)  # webhooks, which may come twice
    set_timers: int = 0
    is_judging: bool = False

    def __post_init__(self) -> None:
        self.clock = SimClock(self.env, self.start_at)
        self.called, self.custodian_called = SimSignal(self.env), SimSignal(self.env)
        now, seed = self.clock.now, self.seed
        self.stripe = StripeModel(
            now=now, seed=seed, faults=self.faults, webhook_secret=SECRET
        )
        self.client = InProcessStripe(self.stripe)
        self.custodian = CustodianModel(now=now, seed=seed, faults=self.custodian_faults)
        self.screening = ScreeningModel(now=now, seed=seed, faults=self.screening_faults)
        self.rails = self._rails()
        self.routes = {
            "escrow": escrow.wire(self.windows),
            "payments": payments.wire(),
            "projections": projections.wire(),
        }
        self.known = {service: {} for service in self.routes}
        self.events = {"escrow": [], "payments": []}
        for provider, called in (
            (self.stripe, self.called),
            (self.custodian, self.custodian_called),
        ):
            SimTasks(self.env).spawn(self._deliver_webhooks(provider, called))

    def stream(self, name: str) -> Random:
        """Give each source of chance its own, named as on the whole platform."""
        return Random(f"{self.seed}:{name}")

    def run(self, until: datetime) -> None:
        self.env.run(until=(until - self.start_at).total_seconds())

    async def introduce(self, person_id: str) -> None:
        """Nobody is told of anything here."""

    async def tell(self, contract: ContractExecuted, random: Random) -> None:
        self._enter(contract, UUID(int=random.getrandbits(128), version=4))

    async def send(self, command: Command, random: Random) -> None:
        self._enter(command, UUID(int=random.getrandbits(128), version=4))

    async def pay(self, intent: str, method: str) -> bool:
        return pays(self.client, self.called, intent, method)

    async def look(self, escrow_id: str) -> Page | None:
        found = self.known["projections"].get(escrow_id)
        view: EscrowView | None = found.state if found else None
        return Page.of(view) if view else None

    def _enter(self, message: Any, id: UUID) -> None:
        self._say(first(message, id, self.clock.now()))

    def _say(self, envelope: Envelope) -> None:
        """Bring a message to all who listen, after those that were said before it."""
        topic = envelope.message.topic
        for service, topics in HEARS.items():
            if topic in topics and type(envelope.message) in self.routes[service]:
                self.waiting.append((service, envelope))
        self._settle()

    def _settle(self) -> None:
        """Judge whatever waits, unless that is going on already."""
        if self.is_judging:
            return
        self.is_judging = True
        while self.waiting:
            self._judge(*self.waiting.popleft())
        self.is_judging = False

    def _judge(self, service: str, envelope: Envelope) -> None:
        judgement = self.routes[service][type(envelope.message)]
        known = self.known[service].setdefault(envelope.key, Known(judgement.initial))
        known.state, outcome = judged(judgement, known.state, envelope, self.clock.now())
        for index, consequence in enumerate(outcome):
            self._follow(service, known, envelope, index, consequence)

    def _follow(
        self, service: str, known: Known, cause: Envelope, index: int, consequence: Any
    ) -> None:
        now = self.clock.now()
        match consequence:
            case Event():
                known.version += 1
                said = cause.caused(index, consequence, now, known.version)
                self.events[service].append(said)
                self._say(said)
            case Command():
                self._say(cause.caused(index, consequence, now))
            case Perform(command=command):
                asked = cause.caused(index, command, now)
                SimTasks(self.env).spawn(self._perform(asked))
            case Later(name=name, at=at, command=command):
                id = derived(service, cause.key, name)
                self._remind(id, at, cause.caused(index, command, now))
            case Forget(name=name):
                self.timers.pop(derived(service, cause.key, name), None)

    def _remind(self, id: UUID, at: datetime, envelope: Envelope) -> None:
        """Say something later, unless it is forgotten or set anew before."""
        self.set_timers += 1
        number = self.timers[id] = self.set_timers

        def due(_: simpy.Event) -> None:
            if self.timers.get(id) == number:
                del self.timers[id]
                self._say(envelope)

        delay_s = max((at - self.clock.now()).total_seconds(), 0.0)
        timeout = self.env.timeout(delay_s)
        assert timeout.callbacks is not None
        timeout.callbacks.append(due)

    async def _perform(self, asked: Envelope) -> None:
        """Ask a provider until it answers, as patiently as the agenda worker."""
        since, number = self.clock.now(), 0
        while True:
            attempt = Attempt(
                key=asked.id,
                since=since,
                now=self.clock.now(),
                number=number,
                cause=asked.causation_id,
            )
            try:
                facts = await self.rails.perform(asked.message, attempt)
                break
            except Unavailable as obstacle:
                delay = backoff(number, asked.id, TRY_AGAIN)
                await self.clock.sleep(max(delay, obstacle.retry_after))
                number += 1
        self._answered(asked, facts)

    def _answered(self, asked: Envelope, facts: Sequence[Any]) -> None:
        """Facts come from the rails to payments alone, which says what is news."""
        for index, fact in enumerate(facts):
            said = asked.caused(index, fact, self.clock.now())
            self.waiting.append(("payments", said))
        self._settle()

    async def _deliver_webhooks(
        self, provider: StripeModel | CustodianModel, called: SimSignal
    ) -> None:
        name = "stripe" if isinstance(provider, StripeModel) else "custodian"
        while True:
            due_at = provider.next_due_at()
            if due_at is None or due_at > self.clock.now():
                await called.heard(due_at - self.clock.now() if due_at else None)
                continue
            for delivery in provider.due_webhooks():
                id = derived(name, delivery.event.id)
                provider.webhook_delivered(delivery)  # type: ignore[arg-type]  # its own
                if id not in self.heard:
                    self.heard.add(id)
                    self._enter(
                        WebhookReceived(
                            provider=name,
                            provider_event_id=delivery.event.id,
                            provider_event_type=delivery.event.type,
                            payload=delivery.payload.decode(),
                            received_at=self.clock.now(),
                        ),
                        id,
                    )

    def _rails(self) -> payments.Rails:
        breakers: dict[str, Breaker] = {}

        def breaker(name: str) -> Breaker:
            return breakers.setdefault(name, Breaker(name, self.clock))

        env, screeners = self.env, self.screening
        card = SimStripe(
            env, self.stream("calls to the provider"), self.client, self.called
        )
        send = SimSend(
            env,
            self.stream("calls to the custodian"),
            self.custodian,
            self.custodian_called,
        )
        asked: Mapping[str, Any] = {
            vendor.value: SimScreener(
                env, self.stream(f"screening {vendor}"), screeners, vendor
            )
            for vendor in Vendor
        }
        return payments.Rails(
            rails={
                Rail.STRIPE: Guarded(StripeRail(api=card), breaker("stripe")),
                Rail.CUSTODIAN: Guarded(
                    CustodianRail(api=Circle(send)), breaker("custodian")
                ),
            },
            screening=screening(asked, breaker),
        )
