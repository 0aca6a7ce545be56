"""PostgreSQL from this machine's own packages, on a free port of loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from deploy.services.server import STARTS_WITHIN_S, Server, tail
from toolkit.infra.processes import free_port

LOOPBACK = "127.0.0.1"
LOOK_EVERY_S = 0.1
STRANGERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "max_connections": 200,
}


def database(programs: Path, directory: Path, logs: Path) -> Server:
    """Make a cluster, and say how to run it. Nothing of it is for haste: it is durable."""
    directory.mkdir(parents=True, exist_ok=True)
    user, group = _account()
    data = _data(directory, user, group)
    _init(programs, data, user, group)
    port = free_port()
    chosen = {**SETTINGS, "port": port}
    options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    return Server(
        name="postgres",
        command=(str(programs / "postgres"), "-D", str(data), *options),
        address=f"postgresql://postgres@{LOOPBACK}:{port}/postgres",
        log=str(logs / "postgres.log"),
        environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        user=user,
        group=group,
        stop_signal=signal.SIGINT,  # its fast way: sessions are ended, nothing is lost
    )


def await_database(server: Server) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(server.address, connect_timeout=2).close()
        except psycopg.OperationalError as failure:
            if not server.is_running or time.monotonic() > deadline:
                raise RuntimeError(
                    f"PostgreSQL did not start; {server.log} ends:\n{tail(server)}"
                ) from failure
            time.sleep(LOOK_EVERY_S)
        else:
            return


def remove(directory: Path) -> None:
    """Remove the cluster, wherever it had to be kept."""
    link = directory / "data"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)


def _account() -> tuple[int | None, int | None]:
    if os.geteuid() != 0:
        return None, None
    for name in STRANGERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise RuntimeError(f"PostgreSQL does not run as root, and there is no {STRANGERS[0]}")


def _data(directory: Path, user: int | None, group: int | None) -> Path:
    """Answer the cluster's folder; its server may not reach ours, so a link leads to it."""
    link = directory / "data"
    if link.exists():
        return link.resolve()
    data = Path(tempfile.mkdtemp(prefix="escrow-postgres-"))
    if user is not None and group is not None:
        os.chown(data, user, group)
    link.unlink(missing_ok=True)
    link.symlink_to(data)
    return data


def _init(programs: Path, data: Path, user: int | None, group: int | None) -> None:
    if (data / "PG_VERSION").exists():
        return
    command = [
        *(str(programs / "initdb"), "--pgdata", str(data), "--username", "postgres"),
        *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=user,
        group=group,
        extra_groups=None if user is None else (),
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stdout}{done.stderr}")
