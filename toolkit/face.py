"""The gateway's HTTP face, put together from the real world's adapters."""

from __future__ import annotations

import time
from math import ceil

from starlette.types import ASGIApp

from toolkit.assembly import Assembly, secret_maker
from toolkit.audit.note import NoteWrong, Verifier
from toolkit.audit.reader import TrailReader
from toolkit.core.money import Money
from toolkit.core.rate import MemoryRates, Rate
from toolkit.gateway import application as gateway
from toolkit.gateway.limits import Limits
from toolkit.gateway.lookups import PublicKeys
from toolkit.gateway.signers import Signers, read_key
from toolkit.gateway.store import PostgresKeys, PostgresProposals
from toolkit.gateway.tokens import Tokens, read_keys
from toolkit.infra.key_set import key_set
from toolkit.infra.rates import RedisRates
from toolkit.infra.sealing import Keyring, KeyringWrong
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.telemetry.health import IN_SERVICE, Check, Health
from toolkit.infra.telemetry.http import Observed
from toolkit.infra.vault import Vault
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.observation import answers
from toolkit.projections.store import PostgresQueries
from toolkit.runtime.intake import intake

BURST_S = 5  # so much of a rate may come at once
SEEN = ("broker", "registry", IN_SERVICE)


async def application(assembly: Assembly) -> ASGIApp:
    """Make the application of one gateway process."""
    settings, world, watch = assembly.settings, assembly.world, assembly.watch
    keys = key_set(settings.jwt_keys, read_keys)
    await keys.load()
    app = gateway.create(
        queries=PostgresQueries(assembly.pools["projections"]),
        producer=world.producer,
        intake=intake(world.database("intake"), world.clock, watch),
        preferences=PreferenceDesk(
            world.database("notifications"), world.clock, secret_maker(settings)
        ),
        keys=PostgresKeys(assembly.pools["gateway"]),
        approvals=world.database("gateway"),
        proposals=PostgresProposals(assembly.pools["gateway"]),
        clock=world.clock,
        tokens=Tokens(
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            keys=keys,
            clock=world.clock,
            look_again=keys.look_again,
        ),
        custodian_keys=_keys(assembly),
        details=_details(assembly),
        trails=TrailReader(assembly.pools["audit"], verifier=_verifier(settings)),
        signers=_signers(settings),
        webhook_allows_private=settings.webhook_allows_private,
        webhook_secrets=_webhook_secrets(settings),
        checks={
            "database": answers(assembly.pools["intake"]),
            **{name: _known(watch.health, name) for name in SEEN},
        },
        limits=_limits(settings),
        alone_up_to=Money(settings.alone_up_to_minor),
        openapi_url="/openapi.json",
    )
    return Observed(app, watch.metrics, watch.tracing)


def _verifier(settings: Settings) -> Verifier | None:
    """Take up the log's public key; without one nobody's signature is believed."""
    try:
        given = settings.audit_verifier
        return Verifier.parse(given) if given else None
    except NoteWrong as wrong:
        raise SettingsWrong(f"ESCROW_AUDIT_VERIFIER: {wrong}") from wrong


def _webhook_secrets(settings: Settings) -> list[str]:
    """What Stripe signs with. Without one every webhook would be turned away."""
    if not settings.stripe_webhook_secrets:
        raise SettingsWrong(
            "ESCROW_STRIPE_WEBHOOK_SECRETS is missing: the gateway believes no webhook "
            "without it"
        )
    return [secret.get_secret_value() for secret in settings.stripe_webhook_secrets]


def _signers(settings: Settings) -> Signers:
    """Who may report what became of letters."""
    try:
        keys = [read_key(text) for text in settings.sendgrid_webhook_keys]
    except ValueError as error:
        raise SettingsWrong(f"ESCROW_SENDGRID_WEBHOOK_KEYS: {error}") from error
    token = settings.twilio_auth_token
    return Signers(
        sendgrid=keys,
        twilio_token=token.get_secret_value() if token else None,
        public_url=settings.public_url,
    )


def _limits(settings: Settings) -> Limits:
    """Count in Redis where all gateways can, and in this process where there is none."""
    own = MemoryRates(time.monotonic)
    url = settings.redis_url
    return Limits(
        rates=RedisRates(url.get_secret_value(), own) if url else own,
        address=_rate("address", settings.rate_address_per_s),
        person=_rate("person", settings.rate_person_per_s),
        service=_rate("service", settings.rate_service_per_s),
    )


def _rate(name: str, per_s: float) -> Rate:
    return Rate(name=name, per_s=per_s, burst=ceil(per_s * BURST_S))


def _keys(assembly: Assembly) -> PublicKeys | None:
    if assembly.custodian is None:
        return None
    return PublicKeys(assembly.custodian.notification_key, assembly.world.clock)


def _details(assembly: Assembly) -> Vault | None:
    """Where people's details are kept; without keys nobody's are."""
    path = assembly.settings.keyring
    if path is None:
        return None
    try:
        keys = Keyring.read(path)
    except KeyringWrong as wrong:
        raise SettingsWrong(f"ESCROW_KEYRING: {wrong}") from wrong
    return Vault(assembly.pools["gateway"], keys, assembly.world.clock)


def _known(health: Health, name: str) -> Check:
    """Answer what the process itself found a moment ago: nobody can wear out a server."""

    async def check() -> bool:
        return health.ready().get(name, False)

    return check
