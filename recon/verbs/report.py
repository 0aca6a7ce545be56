"""`report`: make the notebook and the HTML page of a run."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "make the notebook and the HTML page of a run"
EXAMPLES = """
example:
  python -m recon report --run out/19
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--run", type=Path, required=True, help="the --output folder of a run")
    add("--html", type=Path, help="where the page goes; beside the run if not given")


def do(given: argparse.Namespace) -> int:
    """Make the report and give the exit status."""
    from recon.report import make  # noqa: PLC0415 - seconds that only it needs

    return make(given.run, given.html)
