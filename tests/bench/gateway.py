"""How many commands does the gateway accept for each second of its processor's time?

    python -m tests.bench.gateway

Two processes with the same HTTP server, and the same callers for both, in turns:

- `bare_per_s`: a bare FastAPI route that takes a body and answers 202;
- `gateway_per_s`: the gateway's own route for a delivery, over a real database: token,
  role, idempotency key, terms of the escrow, command. The broker is a memory: what a
  record costs librdkafka is measured with the relay.

What counts is the server's own processor time (kernel and user), so the callers and the
neighbours on the machine cost neither side anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from tests.gateway.served import application, migrated
from tests.gateway.worlds import BOB
from toolkit.infra.collector import set_for_batches
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.http_server import PunctualProtocol

CALLERS = 64
EACH = 40  # commands of a caller, in a round
COMMANDS = CALLERS * EACH
ROUNDS = 5  # after one that warms up
BARE, GATEWAY = "bare", "gateway"
PATHS = {BARE: "/bare/E1/delivered", GATEWAY: "/api/escrow/E1/mark-delivered"}
BODY = b'{"evidence": "handed over at noon, signed"}'
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def measure(dsn: str) -> dict[str, float]:
    """Answer commands for a second of processor time of either side, and their ratio."""
    migrated(dsn)
    with ExitStack() as stack:
        servers = {side: stack.enter_context(_server(side, dsn)) for side in PATHS}
        spent: dict[str, list[float]] = {side: [] for side in PATHS}
        for number in range(ROUNDS + 1):
            for side, server in servers.items():
                before_s = server.spent_s
                asyncio.run(_called(server, f"{number}"))
                spent[side].append((server.spent_s - before_s) / COMMANDS)
    figures = {f"{side}_per_s": 1 / median(taken[1:]) for side, taken in spent.items()}
    return figures | {"gateway_to_bare": figures["gateway_per_s"] / figures["bare_per_s"]}


@dataclass(frozen=True, slots=True)
class _Server:
    """One side, in a process of its own."""

    side: str
    pid: int
    port: int
    authorization: str

    @property
    def spent_s(self) -> float:
        """The processor's time that its process has had."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


@contextmanager
def _server(side: str, dsn: str) -> Iterator[_Server]:
    command = [sys.executable, "-m", "tests.bench.gateway", "--serve", side, "--dsn", dsn]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    try:
        told = json.loads(process.stdout.readline())
        yield _Server(side, process.pid, told["port"], told["authorization"])
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


async def _called(server: _Server, series: str) -> None:
    """Have all callers ask, each on a connection of its own, one command after another."""
    async with asyncio.TaskGroup() as group:
        for caller in range(CALLERS):
            keys = [f"{series}-{caller}-{number}" for number in range(EACH)]
            group.create_task(_caller(server, keys))


async def _caller(server: _Server, keys: Sequence[str]) -> None:
    """Write requests by hand: an HTTP library would cost more than the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for key in keys:
        head = (
            f"POST {PATHS[server.side]} HTTP/1.1\r\nHost: here\r\n"
            f"Authorization: {server.authorization}\r\nIdempotency-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
        )
        writer.write(head.encode() + BODY)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 202"), answer
        length = answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
    writer.close()
    await writer.wait_closed()


async def _serve(side: str, dsn: str) -> None:
    """Be one side, until the process is ended."""
    set_for_batches()  # as every service does; for both sides
    listener = socket.create_server(("127.0.0.1", 0), backlog=CALLERS)
    told = {"port": listener.getsockname()[1]} | {"authorization": BOB["Authorization"]}
    print(json.dumps(told), flush=True)
    if side == BARE:
        await _listen(_bare(), listener)
        return
    async with application(dsn) as app:
        await _listen(app, listener)


class _Body(BaseModel):
    evidence: str


def _bare() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/bare/{escrow_id}/delivered", status_code=202)
    async def delivered(escrow_id: str, body: _Body) -> dict[str, str]:
        return {"escrow_id": escrow_id, "evidence": body.evidence}

    return app


async def _listen(app: Any, listener: socket.socket) -> None:
    config = uvicorn.Config(
        app, http=PunctualProtocol, log_level="warning", access_log=False, lifespan="off"
    )
    await uvicorn.Server(config).serve([listener])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.gateway",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--serve", choices=tuple(PATHS), help=argparse.SUPPRESS)
    parser.add_argument("--dsn", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(_serve(given.serve, given.dsn))
        return
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        Path(folder).chmod(0o755)  # the server is not us when we are root
        with embedded_postgres(Path(folder) / "data") as dsn:
            figures = measure(dsn)
    print(
        json.dumps({name: round(figure, 3) for name, figure in figures.items()}, indent=2)
    )


if __name__ == "__main__":
    main()
