"""The real world, put together: adapters are made here from settings, and only here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient
from psycopg.conninfo import make_conninfo

from toolkit.archive.files import next_offset
from toolkit.audit.store import AuditStore
from toolkit.auditing import auditing
from toolkit.closing.policy import Practice
from toolkit.closing.store import ClosingStore
from toolkit.core.message import Envelope
from toolkit.core.ports import Consumer
from toolkit.escrow.store import EscrowStore
from toolkit.gateway.store import ApprovalStore
from toolkit.infra import circle_http, discord, screening, vendors
from toolkit.infra import letters as letter_providers
from toolkit.infra.circle import Circle
from toolkit.infra.clock import AsyncTasks
from toolkit.infra.crash_points import MortalConsumer, MortalDatabase, MortalProducer, fuse
from toolkit.infra.endpoints import connect_endpoints
from toolkit.infra.kafka import KafkaConsumer, KafkaProducer
from toolkit.infra.kafka_guard import Guard
from toolkit.infra.kafka_readers import Readers
from toolkit.infra.postgres import PostgresDatabase, Store, migrate, open_pool
from toolkit.infra.postgres.pool import Pool
from toolkit.infra.postgres.roles import (
    READABLE,
    READER,
    WATCHER,
    kinds,
    make_logins,
    write_grants,
)
from toolkit.infra.postgres.table import Stateless
from toolkit.infra.postgres.wires import wire
from toolkit.infra.schemas import register_schemas, subjects_of
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.tracing import exported
from toolkit.infra.telemetry.watch import Watch
from toolkit.messages.wire import WireFormat
from toolkit.notifications.discord import Discord
from toolkit.notifications.service import Channels, Email, Sms, Webhooks
from toolkit.notifications.signing import SecretMaker
from toolkit.notifications.store import NotificationStore
from toolkit.payments.screening import Screener
from toolkit.payments.store import PaymentStore
from toolkit.payments.stripe import Stripe
from toolkit.payments.verdict import CHAINALYSIS, TRM
from toolkit.projections.rebuild import rebuild, rebuild_all
from toolkit.projections.store import ViewStore
from toolkit.topology import Loop, World

log = logging.getLogger(__name__)

ROOMS = Path(__file__).parent
# Each schema, the folder of its migrations, and how its states are kept.
SCHEMAS: Mapping[str, tuple[Path, Store]] = {
    "intake": (ROOMS / "runtime", Stateless()),
    "gateway": (ROOMS / "gateway", ApprovalStore()),
    "escrow": (ROOMS / "escrow", EscrowStore()),
    "payments": (ROOMS / "payments", PaymentStore()),
    "closing": (ROOMS / "closing", ClosingStore()),
    "projections": (ROOMS / "projections", ViewStore()),
    "notifications": (ROOMS / "notifications", NotificationStore()),
    "audit": (ROOMS / "audit", AuditStore()),
}
TWILIO_REPORTS = "/api/webhooks/twilio"
# A service opens what is its own, and the intake where it brings news.
OPENS = {
    "gateway": ("intake", "gateway", "projections", "notifications", "audit"),
    "escrow": ("escrow",),
    "payments": ("payments", "intake"),
    "closing": ("closing", "intake"),
    "projections": ("projections",),
    "notifications": ("notifications",),
    "archive": (),
    "audit": ("audit",),
}

# Poll answers at once when there is something, so a short wait costs only empty polls.
CONSUMER = {"fetch.wait.max.ms": 50}


@dataclass(frozen=True, slots=True)
class Assembly:
    """A world and what it is made of, for one process."""

    world: World
    settings: Settings
    pools: Mapping[str, Pool]
    chores: Sequence[Loop]  # what this world itself needs to run
    watch: Watch
    custodian: Circle | None = None


def bring_up(settings: Settings, *, with_logins: bool = False) -> list[str]:
    """Make or update every schema and who may touch it; run again, it does nothing."""
    folders = {name: folder for name, (folder, _) in SCHEMAS.items()}
    dsn = settings.postgres_dsn.get_secret_value()
    applied = migrate(dsn, folders)
    users = {kind: user for kind in kinds(SCHEMAS) if (user := settings.user_of(kind))}
    if with_logins:
        if not users:
            raise SettingsWrong(
                "logins have no names: set ESCROW_POSTGRES_USER, such as svc_{kind}"
            )
        words = settings.postgres_passwords
        make_logins(dsn, users, {k: v.get_secret_value() for k, v in words.items()})
        applied += [f"login {user} for {kind}" for kind, user in users.items()]
    if users:
        write_grants(dsn, users, tuple(SCHEMAS))
    return applied


def dsn_of(settings: Settings, kind: str) -> str:
    """Answer the DSN for a kind of connection, with its own user where there is one."""
    dsn, user = settings.postgres_dsn.get_secret_value(), settings.user_of(kind)
    if user is None:
        return dsn
    password = settings.postgres_passwords.get(kind)
    return make_conninfo(
        dsn, user=user, password=password.get_secret_value() if password else ""
    )


def connection_kind(service: str, schema: str) -> str:
    """Say as what a service connects to a schema: whoever only looks, may only look."""
    return READER if schema in READABLE and schema != service else schema


def kafka_of(settings: Settings) -> dict[str, Any]:
    """Say how every Kafka client reaches the broker, and as whom it logs in."""
    ca, password = settings.kafka_ca, settings.kafka_password
    chosen = {
        "bootstrap.servers": settings.kafka_bootstrap,
        "security.protocol": settings.kafka_security_protocol,
        "ssl.ca.location": ca and str(ca),
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_user,
        "sasl.password": password and password.get_secret_value(),
    }
    return {name: value for name, value in chosen.items() if value is not None}


@asynccontextmanager
async def open_database(
    settings: Settings, name: str, *, speaks: bool = False
) -> AsyncIterator[PostgresDatabase]:
    """Open one service's database alone, for an operator's command.

    Whoever only reads needs no registry; one who speaks writes with the ids it gives.
    """
    wire_format = WireFormat()
    if speaks:
        with SchemaRegistryClient({"url": settings.registry_url}) as registry:
            wire_format = WireFormat(await asyncio.to_thread(register_schemas, registry))
    async with open_pool(dsn_of(settings, name), name, size_max=2) as pool:
        yield PostgresDatabase(
            pool, name, SCHEMAS[name][1], wire_format.encode, wire_format.decode
        )


async def rebuild_views(settings: Settings, escrow_ids: Sequence[str]) -> int:
    """Make read models anew from the events: of these escrows, or of all without any."""
    # Only a message's name and its bytes are read, whatever ids the registry gave.
    wires = WireFormat()

    def decode(topic: str, value: bytes, headers: bytes) -> Envelope:
        return wires.decode(topic, wire(value, headers))

    dsn = settings.postgres_dsn.get_secret_value()
    async with (
        open_pool(dsn, "projections", size_max=1) as pool,
        pool.connection() as connection,
    ):
        if escrow_ids:
            return await rebuild(connection, decode, escrow_ids)
        return await rebuild_all(connection, decode)


@asynccontextmanager
async def assemble(
    settings: Settings, service: str, group: asyncio.TaskGroup
) -> AsyncIterator[Assembly]:
    """Open everything one service needs, and close it in reverse order."""
    clock = settings.clock
    registry = SchemaRegistryClient({"url": settings.registry_url})
    ids = await asyncio.to_thread(register_schemas, registry)
    wire_format = WireFormat(ids, partial(subjects_of, registry))
    async with AsyncExitStack() as stack:
        pools: dict[str, Pool] = {}
        databases: dict[str, PostgresDatabase] = {}
        for name in OPENS[service]:
            dsn = dsn_of(settings, connection_kind(service, name))
            pools[name] = await stack.enter_async_context(open_pool(dsn, name))
            databases[name] = PostgresDatabase(
                pools[name], name, SCHEMAS[name][1], wire_format.encode, wire_format.decode
            )
        readers = _readers(settings)
        guard = (
            Guard(settings.broker_keeps_bytes or 0, readers.read_up_to) if readers else None
        )
        kafka = kafka_of(settings)
        producer = KafkaProducer(kafka, wire_format, guard)
        stack.push_async_callback(producer.close)
        custodian = await _custodian(settings, stack)
        watch = _watch(settings, service, stack)
        world = World(
            clock=clock,
            tasks=AsyncTasks(group, clock),
            database=databases.__getitem__,
            consumer=_consumers(
                {**kafka, "group.protocol": settings.kafka_group_protocol},
                wire_format,
                stack,
            ),
            producer=producer,
            stripe=await _stripe(settings, service, stack),
            custodian=custodian,
            screeners=await _screeners(settings, stack),
            discord=await _discord(settings, stack),
            letters=await _letters(settings, stack),
            archive_root=settings.archive_root,
            archive_every=timedelta(seconds=settings.archive_every_s),
            poll_every=timedelta(seconds=settings.poll_every_s),
            telemetry=watch,
            auditing=await auditing(settings, service, stack),
            wallets=await vendors.open_wallets(settings, stack),
            agents=await vendors.open_agents(settings, stack),
            practice=Practice(panel=vendors.panel(settings)),
        )
        watch.metrics.show_breakers(lambda: world.breakers)
        chores = [readers.run()] if readers else []
        world = mortal(world, settings.crash_at)
        yield Assembly(world, settings, pools, chores, watch, custodian)


def _watch(settings: Settings, service: str, stack: AsyncExitStack) -> Watch:
    """Watch this process; traces are made only where there is somebody to send them to."""
    metrics, tracing = Metrics(), None
    if settings.otlp_endpoint:
        tracing = exported(service, settings.otlp_endpoint, settings.trace_ratio)
        stack.callback(tracing.close)
    return Watch(metrics, Health(service, metrics), tracing)


async def _stripe(settings: Settings, service: str, stack: AsyncExitStack) -> Stripe | None:
    """Open Stripe's client for the one service that moves money there."""
    if service != "payments":
        return None
    if settings.stripe_api_key is None:
        raise SettingsWrong("ESCROW_STRIPE_API_KEY is missing: payments needs Stripe's key")
    from toolkit.infra import stripe  # noqa: PLC0415 - Stripe's library is large

    client = stripe.connect(settings.stripe_api_key.get_secret_value(), settings.stripe_url)
    return await stack.enter_async_context(client)


async def _custodian(settings: Settings, stack: AsyncExitStack) -> Circle | None:
    """Open the custodian's client where there are credentials for it."""
    key, secret = settings.custodian_api_key, settings.custodian_entity_secret
    if key is None or secret is None:
        return None
    client = circle_http.connect(
        key.get_secret_value(), secret.get_secret_value(), settings.custodian_url
    )
    return await stack.enter_async_context(client)


def mortal(world: World, crash_at: str | None) -> World:
    """Put a crash point around the ports of a world, where a fault test asks for one."""
    if crash_at is None:
        return world
    log.warning("this process will die at %s", crash_at)
    burning = fuse(crash_at)
    return replace(
        world,
        database=lambda name: MortalDatabase(world.database(name), burning),
        consumer=lambda *names: MortalConsumer(world.consumer(*names), burning),
        producer=MortalProducer(world.producer, burning),
    )


async def _screeners(settings: Settings, stack: AsyncExitStack) -> dict[str, Screener]:
    """Open the vendors that there is a key for."""
    found: dict[str, Screener] = {}
    if key := settings.trm_api_key:
        trm = screening.connect_trm(key.get_secret_value(), settings.trm_url)
        found[TRM] = await stack.enter_async_context(trm)
    if key := settings.chainalysis_api_key:
        url = settings.chainalysis_url
        chainalysis = screening.connect_chainalysis(key.get_secret_value(), url)
        found[CHAINALYSIS] = await stack.enter_async_context(chainalysis)
    return found


async def _discord(settings: Settings, stack: AsyncExitStack) -> Discord | None:
    if settings.discord_bot_token is None:
        return None
    token = settings.discord_bot_token.get_secret_value()
    return await stack.enter_async_context(discord.connect(token, settings.discord_url))


async def _letters(settings: Settings, stack: AsyncExitStack) -> Channels:
    """Open the channels beside Discord that there are settings for."""
    email, sms, webhooks = None, None, None
    key, sender = settings.sendgrid_api_key, settings.sendgrid_sender
    if key is not None and sender is not None:
        sendgrid = letter_providers.connect_sendgrid(
            key.get_secret_value(), settings.sendgrid_url
        )
        email = Email(await stack.enter_async_context(sendgrid), sender)
    token, number = settings.twilio_auth_token, settings.twilio_sender
    if settings.twilio_account and token is not None and number is not None:
        twilio = letter_providers.connect_twilio(
            settings.twilio_account, token.get_secret_value(), settings.twilio_url
        )
        api = await stack.enter_async_context(twilio)
        sms = Sms(api, settings.twilio_account, number, reports_to(settings))
    if (maker := secret_maker(settings)) is not None:
        way_out = connect_endpoints(allows_private=settings.webhook_allows_private)
        webhooks = Webhooks(await stack.enter_async_context(way_out), maker)
    return Channels(email=email, sms=sms, webhooks=webhooks)


def reports_to(settings: Settings) -> str | None:
    """Say where Twilio brings what became of an SMS."""
    return settings.public_url and f"{settings.public_url.rstrip('/')}{TWILIO_REPORTS}"


def secret_maker(settings: Settings) -> SecretMaker | None:
    key = settings.webhook_key
    return SecretMaker(bytes.fromhex(key.get_secret_value())) if key else None


def _consumers(
    kafka: Mapping[str, Any], wire_format: WireFormat, stack: AsyncExitStack
) -> Callable[[str, Sequence[str]], Consumer]:
    def join(group: str, topics: Sequence[str]) -> Consumer:
        consumer = KafkaConsumer({**CONSUMER, **kafka}, group, topics, wire_format)
        stack.push_async_callback(consumer.close)
        return consumer

    return join


def _readers(settings: Settings) -> Readers | None:
    """Watch the readers where the broker forgets: only the embedded one does."""
    if settings.broker_keeps_bytes is None:
        return None
    dsn = dsn_of(settings, WATCHER)
    services = ("escrow", "payments", "closing", "projections", "notifications", "audit")
    return Readers(dsn, services, partial(next_offset, settings.archive_root))
