"""The embedded profile: every server on loopback, started here and thrown away after.

Kafka is librdkafka's mock cluster, Postgres the binaries of a wheel, the registry a small
one of our own; or they are real servers, which somebody else started and ends. The services
are the real ones, each a process that may be killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from confluent_kafka.schema_registry import SchemaRegistryClient

from toolkit import assembly
from toolkit.audit.note import SEED_BYTES, Signer
from toolkit.infra import settings as configuration
from toolkit.infra.issuer import make_key
from toolkit.infra.processes import Supervisor, await_answer, free_port, server
from toolkit.infra.schemas import register_schemas
from toolkit.infra.sealing import add_key
from toolkit.infra.settings import Settings, SettingsWrong
from toolkit.infra.topic_admin import TopicAdmin
from toolkit.infra.topic_plan import planned
from toolkit.messages.closing import VerificationType
from toolkit.messages.topics import ALL_TOPICS, ENVIRONMENTS
from toolkit.topology import SERVICES

LOOPBACK = "127.0.0.1"
ISSUER_KEY = "issuer.pem"
ARCHIVE = "archive"
RATES = ("rate_address_per_s", "rate_person_per_s", "rate_service_per_s")
SANDBOX_ENTITY_SECRET = "5a" * 32  # the sandbox knows us by it; it guards nothing
TARGETS = "targets.json"
READY_WITHIN_S = 180.0  # a busy machine takes its time
MOCK_KEEPS_BYTES = 2 << 20  # two producers on a topic stay below its 5 MiB together


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What to start. A played day starts at `start_at` and runs `speed` times as fast."""

    directory: Path
    stripe_url: str
    webhook_secret: str
    custodian_url: str | None = None  # its sandbox; absent, there is no such rail
    screening_url: str | None = None  # the sandbox of both vendors
    discord_url: str | None = None  # absent, nobody is told anything
    wallets_url: str | None = None  # absent, no closing's money moves
    agents_url: str | None = None  # one for all who verify; absent, they work by hand
    http_port: int
    start_at: datetime | None = None
    origin_s: float = 0.0
    speed: float = 1.0
    poll_every_s: float = 60.0
    ready_within_s: float = READY_WITHIN_S
    servers: Mapping[str, str] | None = None  # real ones, in place of what we start


@contextmanager
def platform(profile: Profile, tell: Callable[[str], None]) -> Iterator[Supervisor]:
    """Start the servers, bring the schemas up, and keep all services running."""
    with ExitStack() as stack:
        stack.enter_context(_ours_alone(profile.directory))
        _set_aside(profile.directory / ARCHIVE)
        chosen = _settings(
            profile, profile.servers or _servers(profile.directory, stack, tell)
        )
        configuration.save(profile.directory / "platform.env", chosen)
        environment = os.environ | {
            f"{configuration.PREFIX}{name.upper()}": str(value)
            for name, value in chosen.items()
        }
        made = configuration.Settings(**chosen)  # type: ignore[arg-type]
        if profile.servers is not None:
            tell("making the topics")
            _make_topics(made)
            tell("registering the messages")
            with SchemaRegistryClient({"url": chosen["registry_url"]}) as registry:
                register_schemas(registry)
        tell("making the schemas")
        assembly.bring_up(made, with_logins=made.postgres_user is not None)
        supervisor = Supervisor(profile.directory, environment)
        stack.callback(supervisor.stop)
        if profile.servers is None:
            registry_port = str(chosen["registry_url"]).rpartition(":")[2]
            supervisor.start(
                "registry", ["toolkit.infra.registry", "--port", registry_port]
            )
            await_answer(f"{chosen['registry_url']}/subjects")
        tell("starting the services")
        ports = {service: free_port() for service in SERVICES}
        _tell_prometheus(profile.directory / TARGETS, ports)
        for service, port in ports.items():
            where = ["--operations-port", str(port)]
            supervisor.start(service, ["toolkit", "run", service, *where])
        tell("waiting for the gateway to be ready")
        gateway_url = f"http://{LOOPBACK}:{profile.http_port}"
        await_answer(f"{gateway_url}/health/ready", profile.ready_within_s)
        yield supervisor


def _servers(
    directory: Path, stack: ExitStack, tell: Callable[[str], None]
) -> dict[str, object]:
    """Start a database and a broker that are thrown away, and choose a registry's place."""
    tell("starting Postgres and Kafka")
    # Postgres will not run as root, and its other self may not reach our folder.
    data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postgres-")))
    data.chmod(0o755)
    postgres = ["toolkit.infra.embedded_postgres", "--data", str(data / "data")]
    database = stack.enter_context(server(postgres, directory / "postgres.log"))
    broker = stack.enter_context(
        server(["toolkit.infra.mock_cluster"], directory / "kafka.log")
    )
    return {
        "postgres_dsn": database["dsn"],
        "postgres_user": "svc_{kind}",  # the database trusts loopback, and asks no password
        "kafka_bootstrap": broker["bootstrap"],
        "registry_url": f"http://{LOOPBACK}:{free_port()}",
        "broker_keeps_bytes": MOCK_KEEPS_BYTES,
    }


def _make_topics(settings: Settings) -> None:
    """Make what is missing on a real broker; a cluster of several replicates."""
    brokers = settings.kafka_bootstrap.split(",")
    is_cluster = len(brokers) >= ENVIRONMENTS["production"].replication_factor
    environment = ENVIRONMENTS["production" if is_cluster else "development"]
    admin = TopicAdmin(assembly.kafka_of(settings))
    admin.apply(planned(ALL_TOPICS, environment, admin.found()), grow=False)


@contextmanager
def _ours_alone(directory: Path) -> Iterator[None]:
    """Keep the folder to this run; the lock goes with the process, however it ends."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / "embedded.lock").open("a")
    except OSError as error:
        raise SettingsWrong(
            f"--directory {directory} cannot be written ({error.strerror}); name a folder "
            "that can"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsWrong(
                f"--directory {directory} is in use by another embedded platform; end that "
                "one, or name another folder"
            ) from error
        yield


def _set_aside(archive: Path) -> None:
    """Keep an earlier run's archive apart: its offsets say nothing of a new broker."""
    if archive.exists():
        number = 1
        while (earlier := archive.with_name(f"{archive.name}.{number}")).exists():
            number += 1
        archive.rename(earlier)


def _tell_prometheus(path: Path, ports: Mapping[str, int]) -> None:
    """Write where each service can be looked at, as Prometheus discovers it in files."""
    targets = [
        {"targets": [f"{LOOPBACK}:{port}"], "labels": {"job": service}}
        for service, port in ports.items()
    ]
    path.write_text(json.dumps(targets, indent=1) + "\n")


def _keyring(directory: Path) -> Path:
    path = directory / "keyring.json"
    if not path.exists():
        add_key(path, "embedded")
    return path


def _settings(profile: Profile, servers: Mapping[str, object]) -> dict[str, object]:
    keys = profile.directory / "keys.json"
    make_key(profile.directory / ISSUER_KEY, keys)
    # A key of its own: the log is thrown away with the rest.
    notary = Signer(name="embedded/audit", seed=secrets.token_bytes(SEED_BYTES))
    values: dict[str, object] = {
        **{name: value for name, value in servers.items() if name in Settings.model_fields},
        "stripe_api_key": "sk_test_embedded",
        "stripe_url": profile.stripe_url,
        "stripe_webhook_secrets": profile.webhook_secret,
        "jwt_issuer": "embedded",
        "jwt_audience": "escrow",
        "jwt_keys": str(keys.absolute()),
        "keyring": _keyring(profile.directory).absolute(),
        "audit_signing_key": notary.seed.hex(),
        "audit_origin": notary.name,
        "audit_verifier": notary.verifier.text,
        "archive_root": (profile.directory / ARCHIVE).absolute(),
        "archive_every_s": profile.speed,  # a second of ours
        "http_host": LOOPBACK,
        **dict.fromkeys(RATES, 100_000),  # everybody calls from this one address
        "http_port": profile.http_port,
        "poll_every_s": profile.poll_every_s,
    }
    if profile.wallets_url is not None:
        values |= {"wallets_url": profile.wallets_url, "wallets_token": "sandbox"}
    if profile.agents_url is not None:
        types = [type.value for type in VerificationType]
        values |= {
            "agents_urls": json.dumps(dict.fromkeys(types, profile.agents_url)),
            "agents_tokens": json.dumps(dict.fromkeys(types, "sandbox")),
        }
    if profile.discord_url is not None:
        values |= {"discord_bot_token": "sandbox", "discord_url": profile.discord_url}
    if profile.custodian_url is not None:
        values |= {
            "custodian_api_key": "TEST_API_KEY:embedded:sandbox",
            "custodian_entity_secret": SANDBOX_ENTITY_SECRET,
            "custodian_url": profile.custodian_url,
        }
    if profile.screening_url is not None:
        values |= {
            "trm_api_key": "trm_embedded",
            "trm_url": profile.screening_url,
            "chainalysis_api_key": "chainalysis_embedded",
            "chainalysis_url": profile.screening_url,
        }
    if profile.start_at is not None:
        values |= {
            "clock_start_at": profile.start_at.isoformat(),
            "clock_origin_s": profile.origin_s or time.time(),
            "clock_speed": profile.speed,
        }
    return values
