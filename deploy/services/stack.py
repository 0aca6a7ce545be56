"""The servers together: brought up, looked at, ended, and struck one by one by tests."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.services import kafka, postgres, provision
from deploy.services.provision import Missing, Tell
from deploy.services.server import STARTS_WITHIN_S, Server, end, start, tail
from toolkit.infra import settings as configuration
from toolkit.infra.processes import free_port

LOOPBACK = "127.0.0.1"
STATE = "servers.json"
ENVIRONMENT = "services.env"
CACHE = Path(__file__).parents[2] / ".services"  # what was downloaded; ignored by git
KINDS = ("postgres", "kafka", "redis", "registry")
LOOK_EVERY_S = 0.1
REVIVALS_MAX = 5


@dataclass(slots=True)
class Stack:
    """What runs in one folder. The folder remembers it, so another process may end it."""

    directory: Path
    servers: dict[str, Server] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # what could not be had, and why

    @property
    def settings(self) -> dict[str, str]:
        """Where everything is, under the names of the platform's settings."""
        found = {}
        brokers = [s.address for n, s in self.servers.items() if n.startswith("kafka-")]
        if brokers:
            found["kafka_bootstrap"] = ",".join(brokers)
        for name in ("postgres", "redis", "registry"):
            if name in self.servers:
                found[SETTING[name]] = self.servers[name].address
        return found

    def up(self, kinds: Sequence[str], brokers: int, tell: Tell) -> None:
        """Start what does not run. What cannot be had is noted, and the rest is started."""
        self.directory.mkdir(parents=True, exist_ok=True)
        CACHE.mkdir(exist_ok=True)
        for kind in kinds:
            try:
                for server in self._wanted(kind, brokers, tell):
                    self.servers[server.name] = server
            except (Missing, RuntimeError, OSError) as reason:
                self.missing[kind] = str(reason)
                tell(f"{kind} cannot be had: {reason}")
        asleep = [name for name, server in self.servers.items() if not server.is_running]
        for name in asleep:
            tell(f"starting {name}")
            self.servers[name] = start(self.servers[name])
            self._remember()
        self.await_ready()
        self._remember()

    def await_ready(self) -> None:
        """Wait until all that runs answers."""
        running = {n: s for n, s in self.servers.items() if s.is_running}
        if "postgres" in running:
            postgres.await_database(running["postgres"])
        if "redis" in running:
            _await(running["redis"], _pong)
        if "registry" in running:
            _await(running["registry"], _subjects)
        if brokers := [s for n, s in running.items() if n.startswith("kafka-")]:
            kafka.await_brokers(brokers)

    def strike(self, name: str, by: int | None = None) -> None:
        """End one server, by its own way of ending or by a signal, and leave it down."""
        end(self.servers[name], by)

    def revive(self, *names: str) -> None:
        """Start these again, on what they had written, and wait for them."""
        for tries_left in reversed(range(REVIVALS_MAX)):
            for name in names:
                if not self.servers[name].is_running:
                    self.servers[name] = start(self.servers[name])
            self._remember()
            try:
                self.await_ready()
            except RuntimeError:
                # What a killed one has left behind may need a moment to be gone.
                if not tries_left or all(self.servers[name].is_running for name in names):
                    raise
                time.sleep(1.0)
            else:
                return

    def down(self, tell: Tell) -> None:
        """End everything, and forget what it kept; the logs stay."""
        for name, server in reversed(self.servers.items()):
            if server.is_running:
                tell(f"ending {name}")
                # The last brokers of a cluster would wait for those that have ended.
                end(server, signal.SIGKILL if name.startswith("kafka-") else None)
        postgres.remove(self.directory / "postgres")
        for name in ("postgres", "kafka", "redis"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        for name in (STATE, ENVIRONMENT):
            (self.directory / name).unlink(missing_ok=True)
        self.servers.clear()

    def _wanted(self, kind: str, brokers: int, tell: Tell) -> list[Server]:
        known = [s for n, s in self.servers.items() if n.partition("-")[0] == kind]
        if known:
            return known
        home, logs = self.directory / kind, self.directory / "logs"
        logs.mkdir(exist_ok=True)
        match kind:
            case "postgres":
                return [postgres.database(provision.postgres(tell), home, logs)]
            case "kafka":
                jars = provision.kafka(CACHE, tell)
                tell(f"formatting the storage of {brokers} broker(s)")
                return kafka.brokers(provision.java(), jars, home, logs, brokers)
            case "redis":
                return [_redis(provision.redis(tell), home, logs)]
            case "registry":
                return [_registry(provision.java(), provision.registry(CACHE, tell), logs)]
            case unknown:
                raise ValueError(f"there is no {unknown!r}: choose of {', '.join(KINDS)}")

    def _remember(self) -> None:
        kept = {
            "servers": [server.as_json() for server in self.servers.values()],
            "missing": self.missing,
        }
        half = self.directory / f"{STATE}.half"
        half.write_text(json.dumps(kept, indent=1))
        half.rename(self.directory / STATE)
        configuration.save(self.directory / ENVIRONMENT, dict(self.settings))


SETTING = {
    "postgres": "postgres_dsn",
    "redis": "redis_url",
    "registry": "registry_url",
}


def fetch(kinds: Sequence[str], tell: Tell) -> dict[str, str]:
    """Provision the programs of these servers; answer what cannot be had, and why."""
    CACHE.mkdir(exist_ok=True)
    missing = {}
    for kind in kinds:
        try:
            match kind:
                case "postgres":
                    provision.postgres(tell)
                case "redis":
                    provision.redis(tell)
                case "kafka":
                    provision.java()
                    provision.kafka(CACHE, tell)
                case "registry":
                    provision.java()
                    provision.registry(CACHE, tell)
        except (Missing, OSError) as reason:
            missing[kind] = str(reason)
    return missing


def read(directory: Path) -> Stack:
    """Answer what the folder remembers; nothing, if nothing was started there."""
    directory = directory.absolute()
    path = directory / STATE
    if not path.exists():
        return Stack(directory)
    kept = json.loads(path.read_text())
    servers = [Server.of_json(one) for one in kept["servers"]]
    return Stack(directory, {s.name: s for s in servers}, kept["missing"])


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Keep others from starting or ending servers in this folder meanwhile."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "services.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def running(
    directory: Path, kinds: Sequence[str], brokers: int, tell: Tell
) -> Iterator[Stack]:
    """Run servers for as long as a block lasts, and no longer than this process does."""
    stack = Stack(directory.absolute())
    with _heir(directory):
        try:
            stack.up(kinds, brokers, tell)
            yield stack
        finally:
            stack.down(tell)


@contextmanager
def _heir(directory: Path) -> Iterator[None]:
    """Keep somebody who ends the servers where we come to a sudden end."""
    directory.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "deploy.services", "hold", "--directory"]
    heir = subprocess.Popen(
        [*command, str(directory.absolute())],
        cwd=CACHE.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        assert heir.stdin
        heir.stdin.close()
        heir.wait()


def _redis(program: Path, directory: Path, logs: Path) -> Server:
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    return Server(
        name="redis",
        command=(
            *(str(program), "--bind", LOOPBACK, "--port", str(port)),
            *("--dir", str(directory), "--appendonly", "yes", "--save", ""),
        ),
        address=f"redis://{LOOPBACK}:{port}/0",
        log=str(logs / "redis.log"),
    )


def _registry(java: Path, jar: Path, logs: Path) -> Server:
    port = free_port()
    return Server(
        name="registry",
        command=(
            *(str(java), "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-jar", str(jar)),
        ),
        address=f"http://{LOOPBACK}:{port}/apis/ccompat/v7",
        log=str(logs / "registry.log"),
        environment={
            "QUARKUS_HTTP_HOST": LOOPBACK,
            "QUARKUS_HTTP_PORT": str(port),
            "QUARKUS_HTTP_ACCESS_LOG_ENABLED": "false",
        },
    )


def _await(server: Server, answers: Callable[[Server], bool]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not answers(server):
        if not server.is_running or time.monotonic() > deadline:
            raise RuntimeError(
                f"{server.name} did not start; {server.log} ends:\n{tail(server)}"
            )
        time.sleep(LOOK_EVERY_S)


def _subjects(server: Server) -> bool:
    try:
        return httpx.get(f"{server.address}/subjects", timeout=5.0).is_success
    except httpx.TransportError:
        return False


def _pong(server: Server) -> bool:
    host, _, port = server.address.removeprefix("redis://").partition("/")[0].partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2.0) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
