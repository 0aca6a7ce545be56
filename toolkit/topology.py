"""The whole platform on one page: which services there are, and what world they live in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from toolkit.archive.service import archive
from toolkit.audit import service as audit
from toolkit.audit.decider import Policy
from toolkit.audit.entry import Salts
from toolkit.audit.note import Signer
from toolkit.closing import service as closing
from toolkit.closing.agents import Agent, AgentDesk, AgentRail
from toolkit.closing.news import WalletNews
from toolkit.closing.policy import PRACTICE, Practice
from toolkit.closing.wallet import WalletRail, Wallets
from toolkit.core.ports import Clock, Consumer, Database, Producer, Tasks
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.escrow import service as escrow
from toolkit.escrow.policy import WINDOWS, Windows
from toolkit.messages.escrow import Rail
from toolkit.notifications import service as notifications
from toolkit.notifications.discord import Discord
from toolkit.notifications.provider import FAILURES_MAX as LETTERS_FAILURES_MAX
from toolkit.notifications.provider import REST as LETTERS_REST
from toolkit.payments import service as payments
from toolkit.payments.custodian import Custodian, CustodianRail
from toolkit.payments.custodian_news import CustodianNews
from toolkit.payments.screening import Screener, screening
from toolkit.payments.stripe import Stripe, StripeRail
from toolkit.payments.stripe_news import StripeNews
from toolkit.projections import service as projections
from toolkit.runtime.agenda import AgendaWorker, Performer, nothing_to_perform
from toolkit.runtime.breaker import FAILURES_MAX, REST, Breaker, Guarded, Performing
from toolkit.runtime.consumer import ConsumerLoop
from toolkit.runtime.handler import BatchHandler, Routes
from toolkit.runtime.intake import intake
from toolkit.runtime.intake import wire as news
from toolkit.runtime.poller import News, Poller
from toolkit.runtime.relay import Relay

ESCROW_COMMANDS, ESCROW_EVENTS = "escrow.commands.v1", "escrow.events.v1"
PAYMENTS_COMMANDS, PAYMENTS_EVENTS = "payments.commands.v1", "payments.events.v1"
WEBHOOKS, CONTRACTS = "webhook.events.v1", "contracts.events.v1"
NOTIFICATIONS_EVENTS = "notifications.events.v1"
CLOSING_COMMANDS, CLOSING_EVENTS = "closing.commands.v1", "closing.events.v1"
AUDIT_COMMANDS, AUDIT_EVENTS = "audit.commands.v1", "audit.events.v1"

ARCHIVED = (
    ESCROW_EVENTS,
    PAYMENTS_EVENTS,
    WEBHOOKS,
    CONTRACTS,
    NOTIFICATIONS_EVENTS,
    CLOSING_EVENTS,
    AUDIT_EVENTS,
)

Loop = Coroutine[Any, Any, None]
WALLETS_REST = timedelta(seconds=60)
CHAIN_FAILURES_MAX = 10  # a node is often silent for a block or two


@dataclass(frozen=True, slots=True)
class Auditing:
    """What audit needs: salts nobody can guess, a key that signs, and perhaps a chain."""

    salts: Salts
    signer: Signer
    anchor: audit.Anchor | None = None  # absent, checkpoints are signed and no more
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside our code. There are two: the real one, and `sims.world`.

    Each service has a database of its own; `tasks` are those of one process.
    """

    clock: Clock
    tasks: Tasks
    database: Callable[[str], Database]
    consumer: Callable[[str, Sequence[str]], Consumer]
    producer: Producer
    stripe: Stripe | None  # payments alone speaks to it
    discord: Discord | None  # absent, the channel is not connected
    archive_root: Path
    archive_every: timedelta = timedelta(seconds=10)
    poll_every: timedelta = timedelta(minutes=1)
    custodian: Custodian | None = None  # absent, nothing moves on that rail
    letters: notifications.Channels = notifications.NO_OTHERS
    telemetry: Telemetry = SILENCE
    screeners: Mapping[str, Screener] = field(default_factory=dict)  # by vendor
    breakers: dict[str, Breaker] = field(default_factory=dict)  # by provider
    windows: Windows = WINDOWS
    auditing: Auditing | None = None  # audit alone needs it
    wallets: Wallets | None = None  # of closings; absent, no money of theirs moves
    agents: Mapping[str, Agent] = field(default_factory=dict)  # who verify, by their ids
    practice: Practice = PRACTICE

    def breaker(
        self, provider: str, failures_max: int = FAILURES_MAX, rest: timedelta = REST
    ) -> Breaker:
        """Answer the one that all who ask this provider share."""
        made = Breaker(provider, self.clock, failures_max, rest)
        return self.breakers.setdefault(provider, made)

    def guarded(self, provider: str, performer: Performing) -> Guarded:
        """Watch the calls that a performer makes to its provider."""
        return Guarded(performer, self.breaker(provider))


def loops(world: World, service: str) -> list[Loop]:
    """Say what runs in a service's process; the gateway's HTTP face comes on top.

    Raises ValueError for a name that is no service.
    """
    heard: tuple[str, ...]
    match service:
        case "gateway":
            return [_relay(world, "intake"), _relay(world, "gateway")]
        case "escrow":
            heard = (ESCROW_COMMANDS, PAYMENTS_EVENTS, CONTRACTS)
            return _service(world, service, heard, escrow.wire(world.windows))
        case "payments":
            assert world.stripe is not None, "payments moves money at Stripe"
            card = world.guarded("stripe", StripeRail(api=world.stripe))
            wallets = screening(world.screeners, world.breaker)
            news: list[News] = [StripeNews(api=world.stripe)]
            connected: dict[Rail, payments.PaymentRail] = {Rail.STRIPE: card}
            if world.custodian is not None:
                news.append(CustodianNews(api=world.custodian))
                custody = CustodianRail(api=world.custodian)
                connected[Rail.CUSTODIAN] = world.guarded("custodian", custody)
            rails = payments.Rails(rails=connected, screening=wallets)
            heard = (PAYMENTS_COMMANDS, WEBHOOKS)
            door = intake(world.database("intake"), world.clock, world.telemetry)
            pollers = [Poller(n, door, world.clock, world.poll_every) for n in news]
            return [
                *_service(world, service, heard, ROUTES[service](), rails.perform),
                *(poller.run() for poller in pollers),
            ]
        case "closing":
            return _closing(world)
        case "projections":
            heard = (ESCROW_EVENTS, PAYMENTS_EVENTS)
            return _service(world, service, heard, ROUTES[service]())
        case "notifications":
            heard = (ESCROW_EVENTS, PAYMENTS_EVENTS)
            post = notifications.post(
                world.database(service),
                world.clock,
                world.discord,
                world.breaker("discord"),
                others=world.letters,
                breaker_of=partial(
                    world.breaker, failures_max=LETTERS_FAILURES_MAX, rest=LETTERS_REST
                ),
            )
            return _service(world, service, heard, ROUTES[service](), post.perform)
        case "archive":
            return [_archive(world)]
        case "audit":
            return _audit(world)
        case unknown:
            raise ValueError(f"there is no service {unknown!r}: choose of {SERVICES}")


# How each database's messages are handled, by whatever loop or command they come.
ROUTES: Mapping[str, Callable[[], Routes]] = {
    "intake": news,
    "escrow": escrow.wire,
    "payments": payments.wire,
    "closing": closing.wire,
    "projections": projections.wire,
    "notifications": notifications.wire,
}
AGAIN = Policy(anchor_every=None)  # of what is handled once more: the log has its timers


def routes_of(service: str, salts: Salts) -> Routes:
    """Answer how a database's messages are handled; audit alone salts what it writes."""
    return audit.wire(salts, AGAIN) if service == "audit" else ROUTES[service]()


HANDLING = (*ROUTES, "audit")  # every database that messages are handled in
SERVICES = (
    "gateway",
    "escrow",
    "payments",
    "closing",
    "projections",
    "notifications",
    "archive",
    "audit",
)


def _closing(world: World) -> list[Loop]:
    """Verify, pay and settle; whom there is no connection to works by hand, or waits."""
    desk = AgentDesk(
        agents={
            id: world.guarded(f"agent {id}", AgentRail(api=api))
            for id, api in world.agents.items()
        }
    )
    if world.wallets is None:
        outside, news = closing.Outside(agents=desk), list[News]()
    else:
        breaker = world.breaker("wallets", rest=WALLETS_REST)
        rail = Guarded(WalletRail(api=world.wallets), breaker)
        outside = closing.Outside(agents=desk, wallets=rail)
        news = [WalletNews(api=world.wallets)]
    door = intake(world.database("intake"), world.clock, world.telemetry)
    routes, heard = closing.wire(world.practice), (CLOSING_COMMANDS, WEBHOOKS)
    pollers = [Poller(n, door, world.clock, world.poll_every) for n in news]
    return [
        *_service(world, "closing", heard, routes, outside.perform),
        *(poller.run() for poller in pollers),
    ]


def _service(
    world: World,
    name: str,
    topics: Sequence[str],
    routes: Routes,
    perform: Performer = nothing_to_perform,
) -> list[Loop]:
    """Listen, speak, and keep the appointments: the three loops of a service."""
    database, clock, telemetry = world.database(name), world.clock, world.telemetry
    handler = BatchHandler(name, database, clock, routes, telemetry)
    consumer = world.consumer(name, topics)
    return [
        ConsumerLoop(consumer, database, handler, clock, telemetry=telemetry).run(),
        _relay(world, name),
        AgendaWorker(
            database, handler, perform, clock, world.tasks, telemetry=telemetry
        ).run(),
    ]


def _audit(world: World) -> list[Loop]:
    given = world.auditing
    assert given is not None, "audit signs, and salts what it writes"
    heard = (ESCROW_EVENTS, PAYMENTS_EVENTS, CLOSING_EVENTS, AUDIT_COMMANDS, AUDIT_EVENTS)
    chain = world.breaker("chain", CHAIN_FAILURES_MAX)
    notary = audit.Notary(given.signer, given.anchor, chain)
    has_chain = given.anchor is not None
    policy = given.policy if has_chain else replace(given.policy, anchor_every=None)
    routes = audit.wire(given.salts, policy)
    return _service(world, "audit", heard, routes, notary.perform)


def _relay(world: World, name: str) -> Loop:
    relay = Relay(
        name,
        world.database(name),
        world.producer,
        world.clock,
        telemetry=world.telemetry,
    )
    return relay.run()


def _archive(world: World) -> Loop:
    return archive(
        world.consumer("archive", ARCHIVED),
        world.clock,
        world.archive_root,
        age_max=world.archive_every,
        telemetry=world.telemetry,
    )
