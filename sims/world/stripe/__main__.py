"""Start the sandbox on loopback, for the official SDK and whatever else speaks HTTP."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from sims.world.face import RunningClock
from sims.world.faults import CALM, PLANS, Faults, load_faults
from sims.world.moments import moment
from sims.world.stripe.http import Face, application
from sims.world.stripe.model import StripeModel
from toolkit.infra.processes import PortTakenError, free_port

EXAMPLES = """
examples:
  python -m sims.world.stripe --port 12111 --seed 7
  python -m sims.world.stripe --plan everything --webhook-secret whsec_demo \\
      --webhook-url http://127.0.0.1:8000/webhooks/stripe
  python -m sims.world.stripe --clock-start 2026-11-17T09:00:00Z --clock-speed 60 \\
      --faults faults.json

the SDK, unmodified:
  stripe.StripeClient("sk_test_demo", base_addresses={"api": "http://127.0.0.1:12111"},
                      max_network_retries=0)

controls, as forms or JSON, without a key:
  GET  /_sandbox/health, /_sandbox/statistics, /_sandbox/faults
  GET  /_sandbox/ledger?reference=escrow_id[&value=...][&at_least=2]
  POST /_sandbox/opening_balance        amount, currency (before anything moves)
  POST /_sandbox/faults                 {"plan": "calm"} or the fields of --list-faults
  POST /_sandbox/faults/{name}/next     count: strike the next times in any case
  POST /_sandbox/movements              kind charge|transfer, amount: nobody asked for it
  POST /_sandbox/disputes               charge or payment_intent, reason
  POST /_sandbox/disputes/{id}/close    outcome won|lost
  POST /_sandbox/refunds/{id}/fail, /_sandbox/payouts/{id}/fail
  POST /_sandbox/events/{id}/resend
  POST /_sandbox/accounts/{acct}        can_receive_transfers, spend
  POST /_sandbox/webhook_secret         secret, overlap_s: both secrets sign meanwhile
  POST /_sandbox/clock                  advance_s
  POST /_sandbox/exports/{day}          writes the day's files below --exports

Signatures carry the sandbox's own time. With --clock-start in the past, a receiver that
compares with the wall clock takes every webhook for a replay.
"""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sims.world.stripe",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--seed", type=int, default=7, help="ids and faults follow from it")
    parser.add_argument(
        "--webhook-url", help="where events are posted; nowhere if left out"
    )
    parser.add_argument("--webhook-secret", default="whsec_sandbox")
    parser.add_argument(
        "--webhook-retry-s", type=float, default=30.0, help="the first retry"
    )
    parser.add_argument("--clock-start", type=moment, help="as 2026-11-17T09:00:00Z")
    parser.add_argument("--clock-speed", type=float, default=1.0)
    parser.add_argument(
        "--clock-origin-s", type=float, help="Unix time of the clock's start; default now"
    )
    parser.add_argument("--plan", choices=PLANS, default="calm", help="a named fault plan")
    parser.add_argument(
        "--faults", type=Path, help="a JSON file; may name a plan to start from"
    )
    parser.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    parser.add_argument("--exports", type=Path, default=Path("out/stripe-exports"))
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
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 64
    try:
        free_port(asked.port)
    except PortTakenError as taken:
        print(taken, file=sys.stderr)
        return 64
    clock = RunningClock(
        asked.clock_start or datetime.now(UTC), asked.clock_speed, asked.clock_origin_s
    )
    model = StripeModel(
        now=clock.now,
        seed=asked.seed,
        faults=faults,
        webhook_secret=asked.webhook_secret if asked.webhook_url else None,
        webhook_retry_initial_s=asked.webhook_retry_s,
    )
    face = Face(
        model=model,
        webhook_url=asked.webhook_url,
        exports=asked.exports,
        clock=clock,
        hold_s=asked.hold_s,
    )
    # A dropped connection is an order here, not an error worth a line.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    calm = "" if faults == CALM else ", with faults"
    print(
        f"Stripe sandbox on http://{asked.host}:{asked.port}, seed {asked.seed}{calm}",
        flush=True,
    )
    uvicorn.run(application(face), host=asked.host, port=asked.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
