"""`send`: post a run's alerts to whoever receives them, each once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from recon.sending.receivers import Receiver, receiver, send
from recon.verbs.arguments import DIFFERENT

HELP = "post a run's alerts to whoever receives them, each once"
EXAMPLES = """
examples:
  RECON_WEBHOOK_SECRET_FILE=webhook.secret python -m recon send --run out/19 \\
      --to webhook=https://example.org/hooks
  RECON_SLACK_URL_FILE=slack.url python -m recon send --run out/19 \\
      --to slack --to alertmanager=http://localhost:9093/api/v2/alerts

webhooks carry the headers of Standard Webhooks; addresses and secrets come from the
environment (RECON_SLACK_URL, RECON_WEBHOOK_SECRET, RECON_PAGERDUTY_ROUTING_KEY) or from the
file that such a name with _FILE gives; what was delivered is noted in sent.jsonl and is not
sent again; exit status: 0 all is delivered, 1 a receiver took not all of it (send again),
64 wrong usage
"""
LEDGER = "sent.jsonl"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--run", type=Path, required=True, help="the --output folder of a run")
    add_receivers(parser, is_required=True)
    add(
        "--sent",
        type=Path,
        help=f"what was delivered before; {LEDGER} beside the run if left out",
    )


def add_receivers(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    """Say to whom."""
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        required=is_required,
        metavar="KIND[=URL]",
        help="webhook, alertmanager, pagerduty or slack; may be repeated",
    )


def do(given: argparse.Namespace) -> int:
    """Send, tell, and give the exit status."""
    return send_all(given.run, receivers(given.to), given.sent or given.run / LEDGER)


def receivers(to: Sequence[str]) -> list[Receiver]:
    """Everybody who was named, with address and secret."""
    return [receiver(text, os.environ) for text in to]


def send_all(run: Path, to: Sequence[Receiver], ledger: Path) -> int:
    """Send to every receiver, also when one of them takes nothing."""
    status = 0
    for one in to:
        delivered = send(run, one, ledger)
        print(f"  {one.kind}: {delivered.sent:,} sent, {delivered.known:,} sent before")
        if delivered.fault:
            print(f"  {one.kind}: {delivered.fault}; send again", file=sys.stderr)
            status = DIFFERENT
    return status
