"""Start the custodian's sandbox on loopback, for the platform's client and for anybody."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from sims.world.custodian.books import Pace
from sims.world.custodian.entity import Entity
from sims.world.custodian.http import Face, application
from sims.world.custodian.model import CustodianModel
from sims.world.face import RunningClock
from sims.world.faults import CALM, PLANS, Faults, load_faults
from sims.world.moments import moment
from toolkit.infra.circle_http import secret_bytes
from toolkit.infra.processes import PortTakenError, free_port

ENTITY_SECRET = "5a" * 32  # of the sandbox; it guards nothing
EXAMPLES = """
examples:
  python -m sims.world.custodian --port 12112 --seed 7
  python -m sims.world.custodian --plan chain \\
      --webhook-url http://127.0.0.1:8000/api/webhooks/custodian
  python -m sims.world.custodian --clock-start 2026-11-17T09:00:00Z --clock-speed 60

controls, as JSON, without a key:
  GET  /_sandbox/health, /_sandbox/statistics
  POST /_sandbox/deposits               to, from, amount [, contract, symbol, decimals]
  POST /_sandbox/blacklist              address [, blocked]: by the token's own contract
  POST /_sandbox/gas                    wei: what the gas station may still spend
  POST /_sandbox/key                    sign notifications with a new key from now on
  POST /_sandbox/faults                 {"plan": "calm"} or the fields of --list-faults
  POST /_sandbox/faults/{name}/next     count: strike the next times in any case
  POST /_sandbox/clock                  advance_s
  POST /_sandbox/exports/{day}          writes the day's file below --exports

Addresses that end in 9999, 8999, 8899 or 8889 are denied as payees and freeze the wallet
that takes money from them; 8888, 7777 and 7779 are denied as payees.
"""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sims.world.custodian",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12112)
    parser.add_argument("--seed", type=int, default=7, help="ids and faults follow from it")
    parser.add_argument("--entity-secret", type=secret_bytes, default=ENTITY_SECRET)
    parser.add_argument("--webhook-url", help="where it tells; nowhere if left out")
    parser.add_argument("--webhook-retry-s", type=float, default=30.0)
    parser.add_argument(
        "--complete-s", type=float, default=60.0, help="from a block until it is final"
    )
    parser.add_argument("--clock-start", type=moment, help="as 2026-11-17T09:00:00Z")
    parser.add_argument("--clock-speed", type=float, default=1.0)
    parser.add_argument("--clock-origin-s", type=float, help="Unix time of its start")
    parser.add_argument("--plan", choices=PLANS, default="calm", help="a named fault plan")
    parser.add_argument("--faults", type=Path, help="a JSON file; may name a plan")
    parser.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    parser.add_argument("--exports", type=Path, default=Path("out/custodian-exports"))
    parser.add_argument("--list-faults", action="store_true", help="explain every fault")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    asked = arguments(argv)
    if asked.list_faults:
        for item in fields(Faults):
            print(f"{item.name:20} {item.metadata['sentence']}")
        return 0
    try:
        faults = load_faults(asked.faults) if asked.faults else PLANS[asked.plan]
        free_port(asked.port)
    except (OSError, ValueError, PortTakenError) as error:
        print(error, file=sys.stderr)
        return 64
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    calm = "" if faults == CALM else ", with faults"
    print(
        f"custodian sandbox on http://{asked.host}:{asked.port}, seed {asked.seed}{calm}",
        flush=True,
    )
    face = _face(asked, faults)
    uvicorn.run(application(face), host=asked.host, port=asked.port, log_level="warning")
    return 0


def _face(asked: argparse.Namespace, faults: Faults) -> Face:
    clock = RunningClock(
        asked.clock_start or datetime.now(UTC), asked.clock_speed, asked.clock_origin_s
    )
    model = CustodianModel(
        now=clock.now,
        seed=asked.seed,
        faults=faults,
        is_subscribed=bool(asked.webhook_url),
        pace=replace(Pace(), complete_s=asked.complete_s),
        webhook_retry_initial_s=asked.webhook_retry_s,
    )
    return Face(
        model=model,
        entity=Entity(asked.entity_secret),
        webhook_url=asked.webhook_url,
        exports=asked.exports,
        clock=clock,
        hold_s=asked.hold_s,
    )


if __name__ == "__main__":
    sys.exit(main())
