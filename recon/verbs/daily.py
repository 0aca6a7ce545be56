"""`daily`: the morning's job, safe to run as often as you like."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from recon.daily import daily
from recon.faults import SourceMissingError
from recon.verbs.arguments import INCOMPLETE, add_engine, wanted
from recon.verbs.collect import add_day, collection
from recon.verbs.run import tell
from recon.verbs.send import LEDGER, add_receivers, receivers, send_all

HELP = "gather a day's inputs, reconcile them and keep every run of the day"
EXAMPLES = """
examples:
  python -m recon daily --day 2026-11-19 --archive archive --exports exports/19 \\
      --root reconciliation --own-funds STRIPE:USD:1250000:1248110
  python -m toolkit announce reconciliation/2026-11-19/$(cat \\
      reconciliation/2026-11-19/latest)/alerts/events.jsonl

--to posts the alerts, as `send` does; what an earlier morning delivered is not sent again.
run again on the same files it changes nothing; late files make a further run that names the
one it replaces; exit status as of `run`
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add_day(parser)
    add = parser.add_argument
    add("--root", type=Path, required=True, help="the folder of all days and their state")
    add("--report", action="store_true", help="make the notebook and the HTML page too")
    add_engine(parser)
    add_receivers(parser, is_required=False)


def do(given: argparse.Namespace) -> int:
    """Do the morning's job, tell, and give the exit status."""
    given.output = given.root
    to = receivers(given.to)
    engine = wanted(given, given.engine)
    try:
        morning = daily(collection(given), given.root, given.root / "state.duckdb", engine)
    except SourceMissingError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return INCOMPLETE
    for source in morning.missing:
        print(f"  {source} is missing in {given.exports}; export it", file=sys.stderr)
    if not morning.is_new:
        print(f"  this very run was made before: {morning.run}")
    tell(morning.outcome, given.day, morning.run)
    unsent = send_all(morning.run, to, given.root / LEDGER)
    if given.report:
        from recon.report import make  # noqa: PLC0415 - seconds that only it needs

        return make(morning.run) or morning.outcome.exit_status or unsent
    return morning.outcome.exit_status or unsent
