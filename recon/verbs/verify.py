"""`verify`: tell whether a run's files are still what it wrote."""

from __future__ import annotations

import argparse
from pathlib import Path

from recon.evidence.verify import verify

HELP = "tell whether a run's files are still what it wrote"
EXAMPLES = """
examples:
  python -m recon verify out/19
  python -m recon verify out/19 --inputs in/19 --last-link 5d1f...

exit status: 0 every file is what the run wrote, 1 a file differs or is missing, 64 no run
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="the --output folder of a run")
    add("--inputs", type=Path, help="the run's inputs, to compare them as well")
    add(
        "--last-link",
        help="the last link of the chain as the run printed it and you kept it elsewhere",
    )


def do(given: argparse.Namespace) -> int:
    """Compare, tell, and give the exit status."""
    return verify(given.run, given.inputs, given.last_link)
