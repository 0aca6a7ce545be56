"""`sign`: sign a run off, first the preparer and then a different reviewer."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from recon.faults import WrongUsageError
from recon.signing import PREPARER, REVIEWER, prepare, review

HELP = "sign a run off, first the preparer and then a different reviewer"
EXAMPLES = """
examples:
  python -m recon sign out/19 --as preparer --name "A. Analyst"
  python -m recon sign out/19 --as preparer --name "A. Analyst" \\
      --settle dsc_5d1f...="refund made by hand on 20 November"
  python -m recon sign out/19 --as reviewer --name "C. Controller" --state state.duckdb

a settled discrepancy is resolved from the next day on, and comes back if it is found again
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="the --output folder of a run")
    add("--as", dest="role", choices=(PREPARER, REVIEWER), required=True)
    add("--name", required=True, help="who signs")
    add("--note", default="", help="what the signer wants remembered")
    add(
        "--settle",
        action="append",
        default=[],
        metavar="ID=REASON",
        help="close a discrepancy and say why (preparer); may be repeated",
    )
    add("--state", type=Path, help="where the next day looks what was settled (reviewer)")


def do(given: argparse.Namespace) -> int:
    """Sign, tell the link, and give the exit status."""
    at = datetime.now(UTC)
    if given.role == PREPARER:
        settled = dict(_settled(text) for text in given.settle)
        signature = prepare(given.run, given.name, at, given.note, settled)
    elif given.settle:
        raise WrongUsageError(
            "--settle is the preparer's; the reviewer agrees, or does not"
        )
    else:
        signature = review(given.run, given.name, at, given.note, given.state)
    print(f"{given.run}  signed by {signature['name']} as {given.role}")
    print(f"  link {signature['link']}")
    return 0


def _settled(text: str) -> tuple[str, str]:
    id, _, reason = text.partition("=")
    if not id or not reason.strip():
        raise WrongUsageError(f"--settle {text!r}: write ID=REASON")
    return id, reason.strip()
