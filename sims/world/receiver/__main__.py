"""Start a receiver of webhooks on loopback, which verifies and keeps what it is sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sims.world.commands import clock_of, parser, serve
from sims.world.receiver.http import Served, application
from sims.world.receiver.model import ReceiverModel

EXAMPLES = """
examples:
  python -m sims.world.receiver --port 12116
  curl -s -X POST http://127.0.0.1:12116/_sandbox/secrets/ada -d '{"secrets": "whsec_..."}'
  curl -s http://127.0.0.1:12116/_sandbox/messages

endpoints are /hooks/{name}; one that ends in `gone` answers 410, in `moved` redirects.
controls, as JSON:
  GET  /_sandbox/health, /_sandbox/messages
  POST /_sandbox/secrets/{name}       {"secrets": "whsec_…"}: what to verify with
  POST /_sandbox/faults               {"failed_before": 0.1}
  POST /_sandbox/faults/{name}/next   {"count": 2}: strike the next times in any case
"""


def main(argv: Sequence[str] | None = None) -> int:
    asked = parser("sims.world.receiver", __doc__, EXAMPLES, 12_116).parse_args(argv)
    clock = clock_of(asked)
    model = ReceiverModel(now=clock.now, seed=asked.seed)
    served = Served(model=model, hold_s=asked.hold_s)
    return serve("receiver", asked.port, application(served))


if __name__ == "__main__":
    sys.exit(main())
