"""The gateway's HTTP face, put together from the real world's adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI

from toolkit.assembly import Assembly
from toolkit.gateway import application as gateway
from toolkit.gateway.store import PostgresKeys
from toolkit.gateway.tokens import Tokens, read_keys
from toolkit.infra.key_set import key_set
from toolkit.infra.postgres.pool import Pool
from toolkit.notifications.preferences import PreferenceDesk
from toolkit.projections.store import PostgresQueries
from toolkit.runtime.intake import intake


async def application(assembly: Assembly) -> FastAPI:
    """Make the application of one gateway process."""
    settings, world = assembly.settings, assembly.world
    keys = key_set(settings.jwt_keys, read_keys)
    await keys.load()
    return gateway.create(
        queries=PostgresQueries(assembly.pools["projections"]),
        producer=world.producer,
        intake=intake(world.database("intake"), world.clock),
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
        checks={"database": _answers(assembly.pools["intake"])},
        openapi_url="/openapi.json",
    )


def _answers(pool: Pool) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        async with pool.connection() as connection:
            return (await (await connection.execute("select 1")).fetchone()) is not None

    return check
