"""How a small sandbox is started: its arguments, its clock, and its server on loopback."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette

from sims.world.face import RunningClock
from sims.world.moments import moment
from toolkit.infra.processes import PortTakenError, free_port


def parser(
    program: str, doc: str | None, epilog: str, port: int
) -> argparse.ArgumentParser:
    """Say what every sandbox may be told."""
    made = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=doc,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--port", type=int, default=port)
    made.add_argument("--seed", type=int, default=7, help="faults follow from it")
    made.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    made.add_argument("--clock-start", type=moment, help="as 2026-11-17T09:00:00Z")
    made.add_argument("--clock-speed", type=float, default=1.0)
    made.add_argument("--clock-origin-s", type=float, help="Unix time of the start")
    return made


def clock_of(asked: argparse.Namespace) -> RunningClock:
    return RunningClock(
        asked.clock_start or datetime.now(UTC), asked.clock_speed, asked.clock_origin_s
    )


def serve(name: str, port: int, application: Starlette) -> int:
    """Serve on loopback until we are told to end."""
    try:
        free_port(port)
    except PortTakenError as taken:
        print(taken, file=sys.stderr)
        return 64
    # A dropped connection is an order here, not an error worth a line.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    print(f"{name} sandbox on http://127.0.0.1:{port}", flush=True)
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning")
    return 0
