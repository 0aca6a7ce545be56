"""A server process that outlives the command that started it, ended by its own pid."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

STARTS_WITHIN_S, ENDS_WITHIN_S = 90.0, 30.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How one server is run: enough to start it again as it was."""

    name: str
    command: tuple[str, ...]
    address: str  # as its clients are told
    log: str
    environment: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None  # of whom it runs as, where that is not us
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    pid: int = 0
    born: int = 0  # the kernel's time of its start: a pid alone may be somebody else's

    @property
    def is_running(self) -> bool:
        return bool(self.pid) and _born(self.pid) == self.born

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**{**kept, "command": tuple(kept["command"])})


def start(server: Server) -> Server:
    """Start it in the background, in a session of its own; answer it with its pid."""
    with Path(server.log).open("ab") as log:
        process = subprocess.Popen(
            server.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, **server.environment},
            start_new_session=True,
            user=server.user,
            group=server.group,
            extra_groups=None if server.user is None else (),
        )
    # Whoever ends it knows only the pid; the object must not think it is its own.
    process.returncode = 0
    return _born_now(server, process.pid)


def end(server: Server, by: int | None = None) -> None:
    """Ask it to end, by its own way or by a signal, and kill it if it does not."""
    _signal(server, server.stop_signal if by is None else by)
    if not _gone(server, ENDS_WITHIN_S):
        _signal(server, signal.SIGKILL)
        _gone(server, ENDS_WITHIN_S)


def tail(server: Server) -> str:
    """The end of its log, for a message about what went wrong."""
    with contextlib.suppress(OSError):
        return Path(server.log).read_text(errors="replace")[-1_500:]
    return ""


def _born_now(server: Server, pid: int) -> Server:
    return Server(**{**asdict(server), "pid": pid, "born": _born(pid)})


def _signal(server: Server, number: int) -> None:
    if server.is_running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, number)


def _gone(server: Server, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while True:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(server.pid, os.WNOHANG)  # where we are its parent
        if not server.is_running:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)


def _born(pid: int) -> int:
    """When a process was started, in the kernel's ticks; 0 when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _born_elsewhere(pid)
    fields = stat.rpartition(")")[2].split()
    return 0 if fields[0] in "ZX" else int(fields[19])


def _born_elsewhere(pid: int) -> int:
    """Where there is no /proc: the pid alone has to do."""
    if Path("/proc/self/stat").exists():
        return 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return 0
    except PermissionError:
        return 1
    return 1
