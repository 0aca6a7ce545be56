"""Start both screening vendors on loopback, for the platform's own clients."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import uvicorn

from sims.world.screening.faults import CALM, MAGIC_FAULTS, PLANS
from sims.world.screening.http import Face, application
from sims.world.screening.model import ScreeningModel
from sims.world.screening.risks import MAGIC
from toolkit.infra.processes import PortTakenError, free_port

WRONG_USAGE = 64
EXAMPLES = """
example:
  python -m sims.world.screening --port 12112 --plan calls

the platform:
  ESCROW_TRM_URL and ESCROW_CHAINALYSIS_URL are http://127.0.0.1:12112

controls, as JSON, without a key:
  GET  /_sandbox/health
  POST /_sandbox/wallets                       address, level, vendor?, sanctioned?
  POST /_sandbox/faults                        {"plan": "calm"} or probabilities
  POST /_sandbox/faults/{vendor}/{fault}/next  count: strike the next calls in any case
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sims.world.screening",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12112)
    parser.add_argument("--seed", type=int, default=7, help="faults follow from it")
    parser.add_argument("--plan", choices=PLANS, default="calm", help="a named fault plan")
    parser.add_argument("--hold-s", type=float, default=0.0, help="silence before a drop")
    parser.add_argument("--list-addresses", action="store_true", help="the magic endings")
    asked = parser.parse_args(argv)
    if asked.list_addresses:
        _list_addresses()
        return 0
    try:
        free_port(asked.port)
    except PortTakenError as taken:
        print(taken, file=sys.stderr)
        return WRONG_USAGE
    model = ScreeningModel(
        now=lambda: datetime.now(UTC), seed=asked.seed, faults=PLANS[asked.plan]
    )
    # A dropped connection is an order here, not an error worth a line.
    logging.getLogger("uvicorn.error").addFilter(
        lambda record: "without completing response" not in record.getMessage()
    )
    calm = "" if PLANS[asked.plan] == CALM else ", with faults"
    print(f"screening sandbox on http://{asked.host}:{asked.port}{calm}", flush=True)
    face = Face(model=model, hold_s=asked.hold_s)
    uvicorn.run(application(face), host=asked.host, port=asked.port, log_level="warning")
    return 0


def _list_addresses() -> None:
    for ending, risks in MAGIC.items():
        said = ", ".join(
            f"{vendor} {risk.level}{' sanctioned' if risk.is_sanctioned else ''}"
            for vendor, risk in risks.items()
        )
        print(f"…{ending}  {said}")
    for ending, fault in MAGIC_FAULTS.items():
        print(f"…{ending}  every call meets: {fault}")


if __name__ == "__main__":
    sys.exit(main())
