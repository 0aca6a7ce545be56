"""Starts a vendor's sandbox on loopback: the command line that such sandboxes share."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import uvicorn

from sims.world.face import RunningClock
from sims.world.faults import PLANS, Faults
from sims.world.moments import moment
from sims.world.vendor_face import Model, VendorFace, application
from toolkit.infra.processes import PortTakenError, free_port

WRONG_USAGE = 64
Make = Callable[[argparse.Namespace, RunningClock, Faults], Model]


def parser(prog: str, description: str, epilog: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=prog,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, required=True)
    made.add_argument("--seed", type=int, default=7, help="ids and faults follow from it")
    made.add_argument("--token", default="sandbox", help="the bearer token it knows")
    made.add_argument("--webhook-url", help="where it tells; nowhere if left out")
    made.add_argument("--webhook-secret", default="whsec_embedded")
    made.add_argument("--clock-start", type=moment, help="as 2026-11-17T09:00:00Z")
    made.add_argument("--clock-speed", type=float, default=1.0)
    made.add_argument("--clock-origin-s", type=float, help="Unix time of its start")
    made.add_argument("--plan", choices=PLANS, default="calm", help="a named fault plan")
    made.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    return made


def serve(name: str, asked: argparse.Namespace, make: Make) -> int:
    """Run until interrupted; a port that is taken is told at once."""
    try:
        free_port(asked.port)
    except PortTakenError as taken:
        print(taken, file=sys.stderr)
        return WRONG_USAGE
    # A dropped connection is an order here, not an error worth a line.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    clock = RunningClock(
        asked.clock_start or datetime.now(UTC), asked.clock_speed, asked.clock_origin_s
    )
    face = VendorFace(
        model=make(asked, clock, PLANS[asked.plan]),
        token=asked.token,
        webhook_url=asked.webhook_url,
        clock=clock,
        hold_s=asked.hold_s,
    )
    where = f"http://{asked.host}:{asked.port}"
    print(f"{name} sandbox on {where}, plan {asked.plan}", flush=True)
    uvicorn.run(application(face), host=asked.host, port=asked.port, log_level="warning")
    return 0
