"""The embedded profile: every server on loopback, started here and thrown away after.

Kafka is librdkafka's mock cluster, Postgres the binaries of a wheel, the registry a small
one of our own. The services are the real ones, each a process that may be killed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit import assembly
from toolkit.infra import settings as configuration
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.issuer import make_key
from toolkit.infra.processes import Supervisor, await_answer, free_port, server
from toolkit.topology import SERVICES

LOOPBACK = "127.0.0.1"
ISSUER_KEY = "issuer.pem"
MOCK_KEEPS_BYTES = 2 << 20  # two producers on a topic stay below its 5 MiB together


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What to start. A played day starts at `start_at` and runs `speed` times as fast."""

    directory: Path
    stripe_url: str
    webhook_secret: str
    http_port: int = 0
    start_at: datetime | None = None
    origin_s: float = 0.0
    speed: float = 1.0
    poll_every_s: float = 60.0


@contextmanager
def platform(profile: Profile) -> Iterator[Supervisor]:
    """Start the servers, bring the schemas up, and keep all services running."""
    profile.directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # Postgres will not run as root, and its other self may not reach our folder.
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postgres-")))
        data.chmod(0o755)
        dsn = stack.enter_context(embedded_postgres(data / "data"))
        broker = stack.enter_context(
            server(["toolkit.infra.mock_cluster"], profile.directory / "kafka.log")
        )
        chosen = _settings(profile, dsn, broker["bootstrap"])
        configuration.save(profile.directory / "platform.env", chosen)
        environment = os.environ | {
            f"{configuration.PREFIX}{name.upper()}": str(value)
            for name, value in chosen.items()
        }
        assembly.bring_up(configuration.Settings(**chosen))  # type: ignore[arg-type]
        supervisor = Supervisor(profile.directory, environment)
        stack.callback(supervisor.stop)
        registry_port = str(chosen["registry_url"]).rpartition(":")[2]
        supervisor.start("registry", ["toolkit.infra.registry", "--port", registry_port])
        await_answer(f"{chosen['registry_url']}/subjects")
        for service in SERVICES:
            supervisor.start(service, ["toolkit", "run", service])
        yield supervisor


def _settings(profile: Profile, dsn: str, bootstrap: str) -> dict[str, object]:
    keys = profile.directory / "keys.json"
    make_key(profile.directory / ISSUER_KEY, keys)
    values: dict[str, object] = {
        "postgres_dsn": dsn,
        "kafka_bootstrap": bootstrap,
        "registry_url": f"http://{LOOPBACK}:{free_port()}",
        "stripe_api_key": "sk_test_embedded",
        "stripe_url": profile.stripe_url,
        "stripe_webhook_secrets": profile.webhook_secret,
        "jwt_issuer": "embedded",
        "jwt_audience": "escrow",
        "jwt_keys": keys.absolute(),
        "archive_root": (profile.directory / "archive").absolute(),
        "archive_every_s": profile.speed,  # a second of ours
        "broker_keeps_bytes": MOCK_KEEPS_BYTES,
        "http_host": LOOPBACK,
        "http_port": free_port(profile.http_port),
        "poll_every_s": profile.poll_every_s,
    }
    if profile.start_at is not None:
        values |= {
            "clock_start_at": profile.start_at.isoformat(),
            "clock_origin_s": profile.origin_s or time.time(),
            "clock_speed": profile.speed,
        }
    return values
