"""`verify`: tell whether a run's files are what it wrote, and whether it would again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from recon.evidence.again import again
from recon.evidence.verify import Comparison, compare, told
from recon.faults import WrongUsageError
from recon.results import SIGNOFF
from recon.signing import compared
from recon.verbs.arguments import add_spark, wanted

HELP = "tell whether a run's files are still what it wrote, and whether it would again"
EXAMPLES = """
examples:
  python -m recon verify out/19
  python -m recon verify out/19 --inputs in/19 --last-link 5d1f...
  python -m recon verify out/19 --again --inputs in/19 --state state.duckdb

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
    add("--again", action="store_true", help="do the run again and compare its bytes")
    add("--state", type=Path, help="the state that the run was given; it is only read")
    add_spark(parser)


def do(given: argparse.Namespace) -> int:
    """Compare, tell, and give the exit status."""
    if given.again and given.inputs is None:
        raise WrongUsageError("--again needs the run's inputs: give --inputs")
    return told(given.run, _compared(given))


def _compared(given: argparse.Namespace) -> Iterator[Comparison]:
    for comparison in compare(given.run, given.inputs, given.last_link):
        if comparison.name != SIGNOFF:
            yield comparison
    yield from compared(given.run)
    if given.again:
        place = wanted(given, "duckdb")  # the run says which engine it took
        yield from again(given.run, given.inputs, given.state, place)
