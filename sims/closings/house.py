"""A closing platform on one virtual clock: the real service and models of its providers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import simpy

from sims.world.agentic import WalletModel
from sims.world.agentic.model import SIGNATURE as WALLETS_SIGNATURE
from sims.world.broker import SimBroker
from sims.world.dangers import Dangers
from sims.world.database import SimDatabase
from sims.world.faults import CALM, Faults
from sims.world.reader import AT_ONCE, SimConsumer, gathering
from sims.world.recovery import Recovery
from sims.world.time import SimClock, SimSignal, SimTasks, Wait
from sims.world.vendor_calls import SimCall
from sims.world.verifiers import VerifierModel
from sims.world.verifiers.habits import Habits
from sims.world.verifiers.model import SIGNATURE as AGENTS_SIGNATURE
from sims.world.webhooks import Delivery
from toolkit.closing.policy import PRACTICE, Practice
from toolkit.closing.state import Transaction
from toolkit.closing.webhooks import AGENTS, WALLETS
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import Command, derived, first
from toolkit.gateway.signatures import SignatureRefused, verify
from toolkit.infra.agents import AgentClient
from toolkit.infra.wallets import WalletClient
from toolkit.messages.closing import VerificationType
from toolkit.messages.topics import PARTITIONS
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.intake import Intake, intake
from toolkit.topology import World, loops

SERVICES = ("gateway", "closing", "archive")
DATABASES = ("intake", "gateway", "closing")
FETCHES = {"archive": gathering(1_800.0)}
SECRET = "whsec_simulated"  # noqa: S105 - of a simulated endpoint
RESTARTS_WITHIN_S = 120.0
Model = WalletModel | VerifierModel
# Where a process of closings may die: between two of its durable steps.
CRASH_POINTS = (
    *(("gateway", f"relay: {step}") for step in ("before the broker has it",)),
    ("gateway", "relay: before the broker's word arrives"),
    ("closing", "consumer: before the records arrive"),
    ("closing", "consumer: before the commit"),
    ("closing", "consumer: after the commit"),
    ("closing", "relay: before the broker has it"),
    ("closing", "relay: before the broker's word arrives"),
    ("closing", "timers: before the commit"),
    ("closing", "timers: after the commit"),
    ("closing", "call: before a call arrives"),
    ("closing", "call: before its answer arrives"),
    ("closing", "call: before the commit"),
    ("closing", "call: after the commit"),
    ("closing", "poller: before the commit"),
    ("closing", "poller: after the commit"),
)


@dataclass(slots=True)
class House:
    """One simulated house for closings. Equal seeds tell equal stories."""

    seed: int
    start_at: datetime
    archive_root: Path
    faults: Faults = CALM
    agents_faults: Faults = CALM
    duplicate_probability: float = 0.0
    habits: Habits = field(default_factory=Habits)
    practice: Practice = PRACTICE
    poll_every: timedelta = timedelta(hours=2)
    env: simpy.Environment = field(default_factory=simpy.Environment)
    clock: SimClock = field(init=False)
    broker: SimBroker = field(init=False)
    wallets: WalletModel = field(init=False)
    wallets_called: SimSignal = field(init=False)
    agents: VerifierModel = field(init=False)
    agents_called: SimSignal = field(init=False)
    databases: dict[str, SimDatabase] = field(init=False)
    door: Intake = field(init=False)
    dangers: Dangers = field(init=False)
    chance: Random = field(init=False)
    processes: dict[str, SimTasks] = field(default_factory=dict)
    consumers: dict[str, list[SimConsumer]] = field(default_factory=dict)
    crashes: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # webhooks, by provider
    violations: list[str] = field(default_factory=list)
    recovery: Recovery | None = None

    def __post_init__(self) -> None:
        self.clock = SimClock(self.env, self.start_at)
        self.chance = self.stream("restarts")
        self.dangers = Dangers(self.env, self.chance, self.processes, self.restart)
        self.broker = SimBroker(
            self.env,
            self.stream("broker"),
            PARTITIONS,
            duplicate_probability=self.duplicate_probability,
            danger=self.dangers.look,
        )
        self.wallets_called = SimSignal(self.env)
        self.wallets = WalletModel(
            now=self.clock.now,
            seed=self.seed,
            faults=self.faults,
            webhook_secret=SECRET,
            webhook_latency_mean_s=2.0,
        )
        self.agents_called = SimSignal(self.env)
        self.agents = VerifierModel(
            now=self.clock.now,
            seed=self.seed,
            faults=self.agents_faults,
            habits=self.habits,
            webhook_secret=SECRET,
            webhook_latency_mean_s=5.0,
        )
        self.databases = {
            name: SimDatabase(
                SimTasks(self.env),
                env=self.env,
                random=self.stream(f"database {name}"),
                danger=self.dangers.look,
            )
            for name in DATABASES
        }
        self.door = intake(self.databases["intake"], self.clock)
        post = SimTasks(self.env)
        post.spawn(self._deliver(self.wallets, self.wallets_called))
        post.spawn(self._deliver(self.agents, self.agents_called))
        for name in SERVICES:
            self.start(name)

    def stream(self, name: str) -> Random:
        """Give each source of chance its own, so that one more draw disturbs no other."""
        return Random(f"{self.seed}:{name}")

    def start(self, service: str) -> None:
        tasks = self.processes[service] = SimTasks(self.env)
        self.consumers[service] = []
        for loop in loops(self._world(service, tasks), service):
            tasks.spawn(loop)

    def crash(self, service: str) -> None:
        """Kill a service where it stands. What it had committed is all that is left."""
        self.crashes += 1
        self.processes[service].kill()
        for consumer in self.consumers[service]:
            self.broker.lose(consumer)

    async def restart(self, service: str, after_s: float = 0.0) -> None:
        """Crash a service that is up, after a while, and start it again a little later."""
        await Wait(self.env.timeout(after_s))
        if self.processes[service].alive:
            self.crash(service)
            await Wait(self.env.timeout(self.chance.uniform(1.0, RESTARTS_WITHIN_S)))
            self.start(service)

    def ambush(self) -> None:
        """Kill a service at the point at which services have died least often."""
        died = self.dangers.died_at
        least = min(died[point] for point in CRASH_POINTS)
        service, step = self.chance.choice([p for p in CRASH_POINTS if died[p] == least])
        self.dangers.ambush(service, step)

    def send(self, command: Command, random: Random) -> None:
        """Put a command on the broker, as the gateway does for a person."""
        id = UUID(int=random.getrandbits(128), version=4)
        envelope = first(command, id, self.clock.now())
        self.broker.append(command.topic, envelope.key, envelope)

    def look(self, transaction_id: str) -> Transaction | None:
        """Show a closing as it is kept."""
        found = self.databases["closing"].states.get(transaction_id)
        return found.state if found and isinstance(found.state, Transaction) else None

    def deposit(self, account: str, payer: str, amount: str, hold_s: float) -> None:
        """Let somebody pay in at the bank, where no platform sees it."""
        asked = {"account": account, "payer": payer, "amount": amount, "hold_s": hold_s}
        answer = self.wallets.handle("POST", "/_sandbox/deposits", asked)
        assert answer.status == 200, answer.body
        self.wallets_called.ring()

    def run(self, until: datetime) -> None:
        self.env.run(until=(until - self.start_at).total_seconds())

    async def _deliver(self, model: Model, called: SimSignal) -> None:
        """Deliver whatever a provider has to tell, for ever."""
        while True:
            due_at = model.next_due_at()
            if due_at is None or due_at > self.clock.now():
                await called.heard(due_at - self.clock.now() if due_at else None)
                continue
            for delivery in model.due_webhooks():
                await self._post(model, delivery)

    async def _post(self, model: Any, delivery: Delivery[Any]) -> None:
        """Knock as a provider does: whoever is down hears it at a later try."""
        event, is_money = delivery.event, isinstance(model, WalletModel)
        provider = WALLETS if is_money else f"{AGENTS}{event.order['type']}"
        header = delivery.headers[WALLETS_SIGNATURE if is_money else AGENTS_SIGNATURE]
        told = WebhookReceived(
            provider=provider,
            provider_event_id=event.id,
            provider_event_type=event.type,
            payload=delivery.payload.decode(),
            received_at=self.clock.now(),
        )
        is_taken = bool(self.processes["gateway"].alive)
        if is_taken:
            id = derived(provider, event.id)
            try:
                verify(delivery.payload, header, [SECRET], self.clock.now())
                await self.door.receive(told, id)
            except (SignatureRefused, Conflict, Unavailable):
                is_taken = False
        if is_taken:
            model.webhook_delivered(delivery)
        else:
            self.refused[provider] += 1
            model.webhook_failed(delivery)

    def _world(self, service: str, tasks: SimTasks) -> World:
        def consumer(group: str, topics: Sequence[str]) -> SimConsumer:
            joined = self.broker.consumer(group, topics, FETCHES.get(service, AT_ONCE))
            self.consumers[service].append(joined)
            return joined

        return World(
            clock=self.clock,
            tasks=tasks,
            database=lambda name: self.databases[name],
            consumer=consumer,
            producer=self.broker,
            stripe=None,
            discord=None,
            archive_root=self.archive_root,
            archive_every=timedelta(days=1),
            poll_every=self.poll_every,
            wallets=WalletClient(self._calls(self.wallets, self.wallets_called)),
            agents={
                agent_id: AgentClient(type, self._calls(self.agents, self.agents_called))
                for type, agent_id in self.practice.panel.items()
            },
            practice=self.practice,
        )

    def _calls(self, model: Model, called: SimSignal) -> SimCall:
        name = type(model).__name__
        random = self.stream(f"calls to {name}")
        return SimCall(self.env, random, model, called, danger=self.dangers.look)


PANEL = {type: f"agent-{type.lower()}" for type in VerificationType}
