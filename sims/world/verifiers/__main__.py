"""Start the agents' sandbox on loopback: title search, inspection, appraisal, lending."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sims.world.face import RunningClock
from sims.world.faults import Faults
from sims.world.vendor_program import parser, serve
from sims.world.verifiers.habits import Habits
from sims.world.verifiers.model import VerifierModel

EXAMPLES = """
example: orders take minutes in place of days
  python -m sims.world.verifiers --port 12114 --pace 0.0007 \\
      --webhook-url http://127.0.0.1:8080/api/escrow/webhooks/agents

the API, with `Authorization: Bearer <token>`; {type} is TITLE_SEARCH, INSPECTION,
APPRAISAL or LENDING:
  POST /{type}/orders           property_id, price, due_at, reference, metadata
  GET  /{type}/orders/{id}

controls, as JSON, without a token:
  GET  /_sandbox/health
  POST /_sandbox/orders/{id}/end    findings: the order ends now, with these, or in vain
  POST /_sandbox/faults             {"plan": "calls"} or probabilities
  POST /_sandbox/clock              advance_s
"""


def main(argv: Sequence[str] | None = None) -> int:
    reader = parser("python -m sims.world.verifiers", __doc__ or "", EXAMPLES)
    reader.add_argument("--pace", type=float, default=1.0, help="days that a day takes")
    reader.add_argument("--always-good", action="store_true", help="no bad news ever")
    return serve("agents", reader.parse_args(argv), _model)


def _model(asked: argparse.Namespace, clock: RunningClock, faults: Faults) -> VerifierModel:
    habits = Habits(pace=asked.pace)
    if asked.always_good:
        never = dict.fromkeys(habits.bad_news, 0.0)
        habits = Habits(pace=asked.pace, bad_news=never, gives_up=0.0)
    return VerifierModel(
        now=clock.now,
        seed=asked.seed,
        faults=faults,
        habits=habits,
        webhook_secret=asked.webhook_secret if asked.webhook_url else None,
    )


if __name__ == "__main__":
    sys.exit(main())
