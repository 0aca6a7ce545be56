"""The platform that is driven: started here, or running elsewhere."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from loadtests.profiles import ProfileWrong
from loadtests.watch import lag_of, targets_in
from sims.ground import Ground, started
from toolkit.assembly import SCHEMAS
from toolkit.infra import settings as configuration
from toolkit.infra.clock import SystemClock
from toolkit.infra.issuer import Issuer, read_key
from toolkit.infra.postgres import status as state
from toolkit.infra.processes import free_port

PROVIDER_KEY = "sk_test_loadtests"
PEOPLE = {"buyer": 200, "seller": 40, "admin": 2, "contracts": 1}
VALID_FOR = timedelta(hours=24)
CHAIN = ("provider", "custodian", "screening")
FINAL_AFTER_S = 2.0  # a block: the chain's own time is not what is measured
OWN_FUNDS_MINOR = 1_000_000_00
CALM_TIMES = 2  # so that nothing was on its way between two services


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where everything is. Without `env` nothing can be looked into but over HTTP."""

    host: str
    people: Mapping[str, Mapping[str, str]]
    provider: str = ""
    provider_key: str = ""
    custodian: str = ""  # its sandbox, where people send tokens; absent, nobody does
    webhook_secret: str = ""
    env: Path | None = None
    dsn: str | None = None
    archive: Path = Path()
    targets: Mapping[str, str] = field(default_factory=dict)

    def drained_s(self, within_s: float) -> float | None:
        """Wait until nothing waits, and say how long it took; None if it does not end."""
        assert self.dsn is not None
        begin_s, calm = time.monotonic(), 0
        calm_since_s = 0.0
        while time.monotonic() - begin_s < within_s:
            is_quiet = state.status(self.dsn, tuple(SCHEMAS)).is_quiet and self._is_heard()
            if is_quiet and not calm:
                calm_since_s = time.monotonic() - begin_s
            calm = calm + 1 if is_quiet else 0
            if calm > CALM_TIMES:
                return calm_since_s
            time.sleep(0.4)
        return None

    def _is_heard(self) -> bool:
        assert self.dsn is not None
        return (lag_of(self.dsn) or 0.0) <= 0.0


@contextmanager
def embedded(
    output: Path, seed: int, source: Path | None = None, *, with_chain: bool = False
) -> Iterator[Stand]:
    """Start everything on this machine, drive it, and throw it away."""
    ground = Ground(
        output=output.absolute(),
        seed=seed,
        with_sandboxes=CHAIN if with_chain else ("provider",),
        final_after_s=FINAL_AFTER_S,
        source=source,
        port=free_port(),
        provider_port=free_port(),
        custodian_port=free_port(),
        screening_port=free_port(),
        discord_port=free_port(),
    )
    with started(ground):
        yield local(
            ground.platform / "platform.env",
            provider=ground.provider_url,
            custodian=ground.custodian_url if with_chain else "",
        )


def _give_own_funds(provider: str) -> None:
    """Give us money of our own at a sandbox: fees are paid from it.

    One at which something has moved already refuses, and has what it has.
    """
    asked = {"amount": OWN_FUNDS_MINOR, "currency": "usd"}
    try:
        httpx.post(f"{provider}/_sandbox/opening_balance", json=asked, timeout=10.0)
    except httpx.HTTPError as failure:
        raise ProfileWrong(
            f"--provider {provider} does not answer ({failure}): start its sandbox with "
            "`python -m sims.world.stripe`, or name another"
        ) from failure


def local(env: Path, *, provider: str, custodian: str = "") -> Stand:
    """Find one that runs on this machine, by the settings that it left."""
    kept = configuration.kept(env)
    if provider:
        _give_own_funds(provider)
    issuer = Issuer(
        kept["jwt_issuer"],
        kept["jwt_audience"],
        read_key(env.parent / "issuer.pem"),
        SystemClock(),
    )
    return Stand(
        host=f"http://{kept['http_host']}:{kept['http_port']}",
        people={
            role: {
                f"{role}-{n:04}": issuer.token(f"{role}-{n:04}", [role], VALID_FOR)
                for n in range(count)
            }
            for role, count in PEOPLE.items()
        },
        provider=provider.rstrip("/"),
        provider_key=PROVIDER_KEY,
        custodian=custodian.rstrip("/"),
        webhook_secret=kept["stripe_webhook_secrets"].split(",")[0],
        env=env,
        dsn=kept["postgres_dsn"],
        archive=Path(kept["archive_root"]),
        targets=targets_in(env.parent / "targets.json"),
    )


def elsewhere(host: str, tokens: Path, provider: str, custodian: str = "") -> Stand:
    """Take one that runs elsewhere, with tokens that its identity provider gave."""
    try:
        people = json.loads(tokens.read_text())
    except (OSError, ValueError) as error:
        raise ProfileWrong(f"--tokens {tokens} cannot be read: {error}") from error
    for role in PEOPLE:
        if not isinstance(people.get(role), dict) or not people[role]:
            raise ProfileWrong(
                f"--tokens {tokens}: `{role}` is missing; write "
                '{"buyer": {"id": "token", …}, "seller": …, "admin": …, "contracts": …}'
            )
    return Stand(
        host=host.rstrip("/"),
        people=people,
        provider=provider.rstrip("/"),
        custodian=custodian.rstrip("/"),
        provider_key=os.environ.get("LOADTESTS_PROVIDER_KEY", ""),
        webhook_secret=os.environ.get("LOADTESTS_WEBHOOK_SECRET", ""),
    )
