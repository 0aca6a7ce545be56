"""Start the sandbox on loopback, for whatever speaks Discord's REST API."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import uvicorn

from sims.world.discord.http import Face, application
from sims.world.discord.model import DiscordModel
from sims.world.face import RunningClock
from sims.world.moments import moment
from toolkit.infra.processes import PortTakenError, free_port

EXAMPLES = """
examples:
  python -m sims.world.discord --port 12113 --token sandbox
  curl -s http://127.0.0.1:12113/_sandbox/messages

controls, as JSON, without a token:
  GET  /_sandbox/health, /_sandbox/statistics, /_sandbox/messages
  POST /_sandbox/faults               {"timed_out_after": 0.1}
  POST /_sandbox/faults/{name}/next   {"count": 2}: strike the next times in any case
  POST /_sandbox/users/{id}           {"code": 50007}: this user refuses; 0 ends it

users whose id ends in 0013 are unknown, in 0007 and 0278 cannot be told anything.
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sims.world.discord",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=12113)
    parser.add_argument("--token", default="sandbox", help="the bot's")
    parser.add_argument("--seed", type=int, default=7, help="faults follow from it")
    parser.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    parser.add_argument("--clock-start", type=moment, help="as 2026-11-17T09:00:00Z")
    parser.add_argument("--clock-speed", type=float, default=1.0)
    parser.add_argument("--clock-origin-s", type=float, help="Unix time of the start")
    asked = parser.parse_args(argv)
    try:
        free_port(asked.port)
    except PortTakenError as taken:
        print(taken, file=sys.stderr)
        return 64
    clock = RunningClock(
        asked.clock_start or datetime.now(UTC), asked.clock_speed, asked.clock_origin_s
    )
    model = DiscordModel(now=clock.now, seed=asked.seed, token=asked.token)
    # A dropped connection is an order here, not an error worth a line.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    print(f"Discord sandbox on http://127.0.0.1:{asked.port}", flush=True)
    face = Face(model=model, hold_s=asked.hold_s)
    uvicorn.run(application(face), host="127.0.0.1", port=asked.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
