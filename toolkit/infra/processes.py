"""Processes that we start, start again when they die, and end with us."""

from __future__ import annotations

import ctypes
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ENDS_WITHIN_S = 15.0
SERVER_ENDS_WITHIN_S = 45.0  # Postgres is asked twice, and given time each time
PR_SET_PDEATHSIG = 1  # of prctl(2)
RESTART_AFTER_S = 0.5  # a process that cannot start must not spin


class PortTakenError(Exception):
    """Somebody else listens there."""


@contextmanager
def server(arguments: Sequence[str], log: Path) -> Iterator[dict[str, Any]]:
    """Run a server of ours that says in one line of JSON where it is.

    It lives until its standard input closes, so it never outlives us.
    """
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            start_new_session=True,  # an interrupt at the terminal is ours to pass on
        )
    assert process.stdin
    assert process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            tail = log.read_text(errors="replace")[-2_000:]
            raise RuntimeError(f"{arguments[0]} did not start; its log {log} ends:\n{tail}")
        yield json.loads(line)
    finally:
        process.stdin.close()
        process.wait(SERVER_ENDS_WITHIN_S)
        process.stdout.close()


def ends_with_us() -> Callable[[], None] | None:
    """What a child does first, so that the kernel kills it when we die; Linux alone can."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


def free_port(wanted: int = 0) -> int:
    """Answer a port of loopback that nobody listens on; without a wish, any.

    Raises PortTakenError, with what to do, when the wanted one is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as taken:
            reason = getattr(taken, "strerror", None) or "a port is at most 65535"
            raise PortTakenError(
                f"port {wanted} cannot be had ({reason}): choose another with --port, "
                "or end what listens there"
            ) from taken
        port: int = probe.getsockname()[1]
        return port


def await_answer(url: str, within_s: float = 30.0) -> None:
    """Wait until a server of ours answers with success."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            if httpx.get(url, timeout=2.0).is_success:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} does not answer; see the logs beside platform.env")
        time.sleep(0.05)


@dataclass(slots=True)
class Supervisor:
    """Keeps one process of each name alive; each writes a log of its own."""

    directory: Path
    environment: Mapping[str, str]
    commands: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    started_s: dict[str, float] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str]) -> None:
        self.commands[name] = [sys.executable, "-m", *arguments]
        self.restarts[name] = 0
        self._spawn(name)

    def restart(self, name: str, more: Mapping[str, str] | None = None) -> None:
        """End one if it runs, and start it with something more in its environment."""
        self._end(self.running[name])
        self.restarts[name] += 1
        self._spawn(name, more or {})

    def end(self, name: str) -> int:
        """End one, forget it, and answer its exit status."""
        return self._end(self.running.pop(name))

    def look_after(self) -> list[str]:
        """Start again what has died; answer the names."""
        died = [
            name for name, process in self.running.items() if process.poll() is not None
        ]
        for name in died:
            if time.monotonic() - self.started_s[name] < RESTART_AFTER_S:
                time.sleep(RESTART_AFTER_S)
            self.restarts[name] += 1
            self._spawn(name)
        return died

    def stop(self) -> None:
        """Ask all to end, and end those that do not."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + ENDS_WITHIN_S
        for process in self.running.values():
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.running.items()}

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _spawn(self, name: str, more: Mapping[str, str] | None = None) -> None:
        with (self.directory / f"{name}.log").open("ab") as sink:
            self.running[name] = subprocess.Popen(
                self.commands[name],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**self.environment, **(more or {})},
                start_new_session=True,
                preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
            )
        (self.directory / f"{name}.pid").write_text(f"{self.running[name].pid}\n")
        self.started_s[name] = time.monotonic()
