"""The gateway's HTTP face, put together from the real world's adapters."""

from __future__ import annotations

from starlette.types import ASGIApp

from toolkit.assembly import Assembly
from toolkit.gateway import application as gateway
from toolkit.gateway.store import PostgresKeys
from toolkit.gateway.tokens import Tokens, read_keys
from toolkit.infra.key_set import key_set
from toolkit.infra.telemetry.health import IN_SERVICE, Check, Health
from toolkit.infra.telemetry.http import Observed
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.observation import answers
from toolkit.projections.store import PostgresQueries
from toolkit.runtime.intake import intake

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
        preferences=PreferenceDesk(world.database("notifications"), world.clock),
        keys=PostgresKeys(assembly.pools["gateway"]),
        approvals=world.database("gateway"),
        clock=world.clock,
        tokens=Tokens(
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            keys=keys,
            clock=world.clock,
            look_again=keys.look_again,
        ),
        webhook_secrets=[s.get_secret_value() for s in settings.stripe_webhook_secrets],
        checks={
            "database": answers(assembly.pools["intake"]),
            **{name: _known(watch.health, name) for name in SEEN},
        },
        openapi_url="/openapi.json",
    )
    return Observed(app, watch.metrics, watch.tracing)


def _known(health: Health, name: str) -> Check:
    """Answer what the process itself found a moment ago: nobody can wear out a server."""

    async def check() -> bool:
        return health.ready().get(name, False)

    return check
