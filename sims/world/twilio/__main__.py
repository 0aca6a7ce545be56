"""Start the sandbox on loopback, for whatever speaks Twilio's API for messages."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sims.world.commands import clock_of, parser, serve
from sims.world.twilio.http import Served, application
from sims.world.twilio.model import TwilioModel

EXAMPLES = """
examples:
  python -m sims.world.twilio --port 12115 --token sandbox
  curl -s http://127.0.0.1:12115/_sandbox/messages

controls, as JSON, without a token:
  GET  /_sandbox/health, /_sandbox/messages
  POST /_sandbox/faults               {"timed_out_after": 0.1, "comes_back": 0.05}
  POST /_sandbox/faults/{name}/next   {"count": 2}: strike the next times in any case

numbers that end in 0001 do not exist, the owner of 0010 said STOP, and what goes to 0030
or 0005 is taken and never arrives.
"""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser("sims.world.twilio", __doc__, EXAMPLES, 12_115)
    arguments.add_argument("--account", default=f"AC{'5a' * 16}", help="its SID")
    arguments.add_argument("--token", default="sandbox", help="the account's auth token")
    asked = arguments.parse_args(argv)
    clock = clock_of(asked)
    model = TwilioModel(
        now=clock.now, seed=asked.seed, account=asked.account, token=asked.token
    )
    # Each message says for itself where it is reported.
    served = Served(model=model, webhook_url="", hold_s=asked.hold_s)
    return serve("Twilio", asked.port, application(served))


if __name__ == "__main__":
    sys.exit(main())
