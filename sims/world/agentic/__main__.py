"""Start the wallet provider's sandbox on loopback, for the platform and for anybody."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sims.world.agentic.model import WalletModel
from sims.world.face import RunningClock
from sims.world.faults import Faults
from sims.world.vendor_program import parser, serve

EXAMPLES = """
example:
  python -m sims.world.agentic --port 12113 \\
      --webhook-url http://127.0.0.1:8080/api/escrow/webhooks/wallets

the API, with `Authorization: Bearer <token>`; payments with an `Idempotency-Key`:
  PUT  /v1/wallets/{id}                      owner, milestones [{id, amount}], metadata
  GET  /v1/wallets/{id}, /v1/wallets/{id}/transactions, /v1/events?since=
  POST /v1/wallets/{id}/milestones           milestone, payee, amount, reference
  POST /v1/wallets/{id}/returns              payee, amount, reference
  POST /v1/wallets/{id}/settlements          lines [{code, payee, amount}], reference

controls, as JSON, without a token:
  GET  /_sandbox/health
  POST /_sandbox/deposits                    account, payer, amount [, hold_s]
  POST /_sandbox/faults                      {"plan": "calls"} or probabilities
  POST /_sandbox/faults/{name}/next          count: strike the next times in any case
  POST /_sandbox/clock                       advance_s
"""


def main(argv: Sequence[str] | None = None) -> int:
    asked = parser("python -m sims.world.agentic", __doc__ or "", EXAMPLES).parse_args(argv)
    return serve("wallets", asked, _model)


def _model(asked: argparse.Namespace, clock: RunningClock, faults: Faults) -> WalletModel:
    return WalletModel(
        now=clock.now,
        seed=asked.seed,
        faults=faults,
        webhook_secret=asked.webhook_secret if asked.webhook_url else None,
    )


if __name__ == "__main__":
    sys.exit(main())
