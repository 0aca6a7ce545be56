"""Start the sandbox on loopback, for whatever speaks SendGrid's v3 API."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sims.world.commands import clock_of, parser, serve
from sims.world.sendgrid.http import Served, application
from sims.world.sendgrid.model import SendGridModel

EXAMPLES = """
examples:
  python -m sims.world.sendgrid --port 12114 --key SG.sandbox \\
      --webhook-url http://127.0.0.1:8080/api/webhooks/sendgrid
  curl -s http://127.0.0.1:12114/_sandbox/messages

controls, as JSON, without a key:
  GET  /_sandbox/health, /_sandbox/messages
  POST /_sandbox/faults               {"timed_out_after": 0.1, "comes_back": 0.05}
  POST /_sandbox/faults/{name}/next   {"count": 2}: strike the next times in any case

addresses that begin with `bounce` are taken, and come back half a minute later.
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sims.world.sendgrid", __doc__, EXAMPLES, 12_114)
    arguments.add_argument("--key", default="SG.sandbox", help="the API key")
    arguments.add_argument("--webhook-url", help="where events are posted")
    asked = arguments.parse_args(argv)
    clock = clock_of(asked)
    model = SendGridModel(now=clock.now, seed=asked.seed, key=asked.key)
    print(f"events are signed; verify with {model.sealer.public_key}", flush=True)
    served = Served(model=model, webhook_url=asked.webhook_url, hold_s=asked.hold_s)
    return serve("SendGrid", asked.port, application(served))


if __name__ == "__main__":
    sys.exit(main())
