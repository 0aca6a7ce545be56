"""The platform on one virtual clock, wired from the very same topology."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from uuid import UUID

import simpy

from sims.world.abuse import abused
from sims.world.broker import SimBroker
from sims.world.card_provider import SimStripe
from sims.world.chain import ChainModel, SimAnchor
from sims.world.custodian.model import CustodianModel
from sims.world.custodian_provider import SimSend
from sims.world.dangers import CrashPoint, Dangers
from sims.world.database import Lasts, SimDatabase, brief
from sims.world.discord import DiscordModel
from sims.world.faults import CALM, Faults
from sims.world.groups import Protocol
from sims.world.messenger import SimDiscord
from sims.world.outside import pays
from sims.world.people import Page
from sims.world.post_office import PostOffice, letters_of, opened
from sims.world.postman import SECRET, Postman
from sims.world.reached import wishes
from sims.world.reader import AT_ONCE, Fetching, SimConsumer, gathering
from sims.world.recovery import Recovery
from sims.world.screening import CALM as CLEAR
from sims.world.screening import Faults as ScreeningFaults
from sims.world.screening import ScreeningModel, SimScreener, Vendor
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.model import StripeModel
from sims.world.tally import Tally
from sims.world.time import SimClock, SimSignal, SimTasks, Wait, WrongClock
from toolkit.audit.note import Signer
from toolkit.core.message import Command, derived, first
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.escrow.policy import WINDOWS, Windows
from toolkit.infra.circle import Circle
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.topics import ALL_TOPICS, PARTITIONS
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.projections.model import EscrowView
from toolkit.runtime.intake import Intake, intake
from toolkit.runtime.retry import persistently
from toolkit.topology import SERVICES, Auditing, World, loops

DATABASES = (
    *("intake", "gateway", "escrow", "payments", "projections", "notifications"),
    "audit",
)
# They run where they are asked for: nobody waits for them here.
ASIDE = frozenset({"audit", "closing"})
NOTARY = Signer(name="simulated/audit", seed=bytes(32))
# Nobody waits for the archive, nor for the second at which a message comes.
FETCHES = {"archive": gathering(1_800.0), "notifications": gathering(600.0)}
RETENTION_S = {topic.name: topic.retention.total_seconds() for topic in ALL_TOPICS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast things are: by service, and of the calls to a provider, in seconds."""

    transactions: Mapping[str, Lasts] = field(default_factory=dict)
    call_mean_s: float = 0.4
    partitions: Mapping[str, int] = field(default_factory=lambda: PARTITIONS)
    fetches: Mapping[str, Fetching] = field(default_factory=lambda: FETCHES)
    retention_s: Mapping[str, float] = field(default_factory=lambda: RETENTION_S)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong, at a moment."""

    at: datetime
    what: str
    whom: str
    details: str = ""


@dataclass(slots=True)
class Platform:
    """One simulated house, its provider and its broker. Equal seeds tell equal stories."""

    seed: int
    start_at: datetime
    archive_root: Path
    faults: Faults = CALM
    screening_faults: ScreeningFaults = CLEAR
    custodian_faults: Faults = CALM
    duplicate_probability: float = 0.0
    archive_every: timedelta = timedelta(days=1)
    poll_every: timedelta = timedelta(minutes=30)
    instances: Mapping[str, int] = field(default_factory=dict)  # of a service, if not one
    protocol: Protocol = Protocol.COOPERATIVE
    pace: Pace = field(default_factory=Pace)
    windows: Windows = WINDOWS
    telemetry: Telemetry = SILENCE
    env: simpy.Environment = field(default_factory=simpy.Environment)
    clock: SimClock = field(init=False)
    broker: SimBroker = field(init=False)
    stripe: StripeModel = field(init=False)
    client: InProcessStripe = field(init=False)
    screening: ScreeningModel = field(init=False)
    custodian: CustodianModel = field(init=False)
    called: SimSignal = field(init=False)
    discord: DiscordModel = field(init=False)
    desk: PreferenceDesk = field(init=False)
    introduced: set[str] = field(default_factory=set)
    custodian_called: SimSignal = field(init=False)
    chain: ChainModel = field(init=False)
    door: Intake = field(init=False)
    chance: Random = field(init=False)
    databases: dict[str, SimDatabase] = field(init=False)
    processes: dict[str, SimTasks] = field(default_factory=dict)
    consumers: dict[str, list[SimConsumer]] = field(default_factory=dict)
    postman: Postman = field(init=False)
    dangers: Dangers = field(init=False)
    clocks: dict[str, WrongClock] = field(default_factory=dict)  # of each process
    skew_max: timedelta = timedelta()
    has_post_office: bool = False  # are people told by e-mail, SMS and webhooks, too?
    post_office: PostOffice | None = field(init=False, default=None)
    abuses: float = 0.0  # how often a command comes with others that should not
    abuse: Random = field(init=False)
    abused: set[UUID] = field(default_factory=set)
    crashes: int = 0
    freezes: int = 0
    struck: Tally = field(default_factory=Tally)  # trouble, by name
    by_hand: set[str] = field(default_factory=set)  # escrows refunded behind our back
    poisoned: set[UUID] = field(default_factory=set)  # what nobody can handle
    recovery: Recovery | None = None  # once the trouble is over
    violations: list[str] = field(default_factory=list)  # of laws, seen while it runs
    troubles: list[Trouble] = field(default_factory=list)  # all that struck, in order

    def __post_init__(self) -> None:
        self.clock = SimClock(self.env, self.start_at)
        self.chance, self.abuse = self.stream("restarts"), self.stream("abuse")
        self.dangers = Dangers(self.env, self.chance, self.processes, self.restart)
        self.broker = SimBroker(
            self.env,
            self.stream("broker"),
            self.pace.partitions,
            duplicate_probability=self.duplicate_probability,
            retention_s=self.pace.retention_s,
            danger=self.dangers.look,
            protocol=self.protocol,
        )
        self.called = SimSignal(self.env)
        self.stripe = StripeModel(
            now=self.clock.now,
            seed=self.seed,
            faults=self.faults,
            webhook_secret=SECRET,
            webhook_latency_mean_s=2.0,
        )
        self.client = InProcessStripe(self.stripe)
        self.screening = ScreeningModel(
            now=self.clock.now, seed=self.seed, faults=self.screening_faults
        )
        self.discord = DiscordModel(now=self.clock.now, seed=self.seed, faults=self.faults)
        self.custodian_called = SimSignal(self.env)
        self.custodian = CustodianModel(
            now=self.clock.now,
            seed=self.seed,
            faults=self.custodian_faults,
            webhook_latency_mean_s=2.0,
        )
        self.chain = ChainModel(self.clock.now, self.seed, self.faults)
        self.databases = {
            name: SimDatabase(
                SimTasks(self.env),
                env=self.env,
                random=self.stream(f"database {name}"),
                danger=self.dangers.look,
                lasts=self.pace.transactions.get(name, brief),
            )
            for name in DATABASES
        }
        self.door = intake(self.databases["intake"], self.clock)
        self.desk, self.post_office = opened(self)
        strangers = self.stream("strangers")
        self.postman = Postman(self.env, self.clock, self, self.door, strangers)
        SimTasks(self.env).spawn(self.postman.deliver(self.stripe, self.called))
        custody = self.postman.deliver(self.custodian, self.custodian_called)
        SimTasks(self.env).spawn(custody)
        self._listen()
        for name in self.instance_names():
            self.start(name)

    def _listen(self) -> None:
        """Have all that strikes noted with its moment."""
        tallies = {
            "house": self.struck,
            "broker": self.broker.struck,
            "card provider": self.stripe.books.dice.struck,
            "custodian": self.custodian.books.dice.struck,
            "Discord": self.discord.dice.struck,
            "screening": self.screening.dice.struck,
            **{f"database {name}": kept.struck for name, kept in self.databases.items()},
        }
        for whom, tally in tallies.items():
            tally.told = partial(self.note, whom)

    def note(self, whom: str, what: str, details: str = "") -> None:
        """Write down that something struck."""
        told = what.replace("_", " ")
        self.troubles.append(Trouble(self.clock.now(), told, whom, details))

    def instance_names(self) -> list[str]:
        """Name every process: `escrow`, and `escrow#2` where there are two."""
        return [
            f"{service}#{number}" if number > 1 else service
            for service in SERVICES
            for number in range(1, self.instances.get(service, service not in ASIDE) + 1)
        ]

    def stream(self, name: str) -> Random:
        """Give each source of chance its own, so that one more draw disturbs no other."""
        return Random(f"{self.seed}:{name}")

    def start(self, name: str) -> None:
        """Start a process of a service."""
        tasks = self.processes[name] = SimTasks(self.env)
        self.consumers[name] = []
        service = name.partition("#")[0]
        for loop in loops(self._world(service, name, tasks), service):
            tasks.spawn(loop)

    def crash(self, service: str) -> None:
        """Kill a service where it stands. What it had committed is all that is left."""
        self.crashes += 1
        self.note(service, "killed")
        self.processes[service].kill()
        for consumer in self.consumers[service]:
            self.broker.lose(consumer)

    def stop(self, name: str) -> None:
        """End a process as one that is told to: it says goodbye to its groups."""
        self.processes[name].kill()
        for consumer in self.consumers[name]:
            self.broker.dismiss(consumer)

    async def suspend(self, name: str, for_s: float) -> None:
        """Stop a process for a while, and let it go on as if nothing had been."""
        tasks = self.processes[name]
        tasks.freeze()
        self.freezes += 1
        self.note(name, "frozen", f"for {for_s:.0f} s")
        for consumer in self.consumers[name]:
            if for_s > consumer.group.timing.session_s:
                consumer.group.lose(consumer.member)
        await Wait(self.env.timeout(for_s))
        tasks.thaw()

    def ambush(self, service: str, step: str | None = None) -> None:
        """Kill a service in the middle of one of its next steps, or of the named one."""
        self.dangers.ambush(service, step)

    @property
    def died_at(self) -> Mapping[CrashPoint, int]:
        """Where processes died between two durable steps, and how often."""
        return self.dangers.died_at

    @property
    def knocked(self) -> set[UUID]:
        """The webhooks that came through the door."""
        return self.postman.knocked

    async def restart(self, service: str, after_s: float = 0.0) -> None:
        """Crash a service that is up, after a while, and start it again a little later."""
        await Wait(self.env.timeout(after_s))
        if self.processes[service].alive:
            self.crash(service)
            await Wait(self.env.timeout(self.chance.uniform(1.0, 120.0)))
            self.start(service)

    async def send(self, command: Command, random: Random) -> None:
        """Put a command on the broker, as the gateway does for a person."""
        asked = [(_uuid(random), command)]
        if self.abuses and self.abuse.random() < self.abuses:
            self.struck.strike("abuse", f"{type(command).__name__} {command.key}")
            asked = list(abused(command, asked[0][0], self.abuse))
            self.abused.update(id for id, _ in asked)
        for id, each in asked:
            envelope = first(each, id, self.clock.now())
            self.broker.append(each.topic, envelope.key, envelope)

    async def tell(self, contract: ContractExecuted, random: Random) -> None:
        """Bring an executed contract to the intake, as the gateway does."""
        id = _uuid(random)
        await persistently(self.clock, id, lambda: self.door.receive(contract, id))

    async def introduce(self, person_id: str) -> None:
        """Let a person say once where they are told, as they do at the gateway."""
        if person_id in self.introduced:
            return
        self.introduced.add(person_id)
        seed = derived("introduced", person_id)
        for wish in wishes(person_id, everywhere=self.post_office is not None):
            secret = await persistently(self.clock, seed, partial(self.desk.set, wish))
            if self.post_office is not None and secret is not None:
                self.post_office.learn(wish, secret)

    async def pay(self, intent: str, method: str) -> bool:
        return pays(self.client, self.called, intent, method)

    async def look(self, escrow_id: str) -> Page | None:
        """Show a party what the API would show it."""
        view = self.view(escrow_id)
        return None if view is None else Page.of(view)

    def view(self, escrow_id: str) -> EscrowView | None:
        """Open the read model of one escrow."""
        found = self.databases["projections"].states.get(escrow_id)
        view: EscrowView | None = found.state if found else None
        return view

    def run(self, until: datetime) -> None:
        self.env.run(until=(until - self.start_at).total_seconds())

    def _world(self, service: str, name: str, tasks: SimTasks) -> World:
        def consumer(group: str, topics: Sequence[str]) -> SimConsumer:
            joined = self.broker.consumer(
                group, topics, self.pace.fetches.get(service, AT_ONCE)
            )
            self.consumers[name].append(joined)
            return joined

        clock = self.clocks.setdefault(name, WrongClock(self.clock))
        calls = self.stream("calls to Discord")
        return World(
            clock=clock,
            tasks=tasks,
            database=lambda name: self.databases[name],
            consumer=consumer,
            producer=self.broker,
            stripe=SimStripe(
                self.env,
                self.stream("calls to the provider"),
                self.client,
                self.called,
                latency_mean_s=self.pace.call_mean_s,
                danger=self.dangers.look,
            ),
            custodian=Circle(
                SimSend(
                    self.env,
                    self.stream("calls to the custodian"),
                    self.custodian,
                    self.custodian_called,
                    danger=self.dangers.look,
                )
            ),
            screeners={
                vendor.value: SimScreener(
                    self.env, self.stream(f"screening {vendor}"), self.screening, vendor
                )
                for vendor in Vendor
            },
            discord=SimDiscord(self.env, calls, self.discord, danger=self.dangers.look),
            letters=letters_of(self),
            archive_root=self.archive_root,
            archive_every=self.archive_every,
            poll_every=self.poll_every,
            telemetry=self.telemetry,
            windows=self.windows,
            auditing=Auditing(
                salts=salt,
                signer=NOTARY,
                anchor=SimAnchor(
                    self.env,
                    self.stream("calls to the chain"),
                    self.chain,
                    danger=self.dangers.look,
                ),
            ),
        )


def salt(event_id: UUID, part: str) -> bytes:
    """Derive what the real world draws: a history that is played again is the same."""
    return sha256(f"salt/{event_id}/{part}".encode()).digest()


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
