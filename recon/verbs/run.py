"""`run`: reconcile one business day and say how it ended."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from recon.results import but_not_proved
from recon.run import Outcome, reconcile
from recon.verbs.arguments import add_engine, day, size, wanted

HELP = "reconcile one business day"
EXAMPLES = """
examples:
  python -m recon run --day 2026-11-19 --inputs in/19 --output out/19
  python -m recon run --day 2026-11-20 --inputs in/20 --output out/20 --state state.duckdb
  python -m recon run --day 2026-11-20 --inputs in/20 --output out/20 \\
      --engine spark --spark-master local[8] --spark-conf spark.driver.memory=16g

exit status: 0 reconciled, 1 discrepancies found,
2 inputs incomplete or unreadable, 64 wrong usage
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--day", type=day, required=True, help="the UTC business day, 2026-11-19")
    add("--inputs", type=Path, required=True, help="a folder with a manifest.json")
    add("--output", type=Path, required=True, help="a folder for the results")
    add("--state", type=Path, help="what is carried from one day to the next")
    add("--memory-limit", type=size, help="for DuckDB, 2GB; the rest waits on disk")
    add_engine(parser)


def do(given: argparse.Namespace) -> int:
    """Reconcile, tell, and give the exit status."""
    outcome = reconcile(
        given.day,
        given.inputs,
        given.output,
        given.state,
        memory_limit=given.memory_limit,
        wanted=wanted(given, given.engine),
    )
    tell(outcome, given.day, given.output)
    return outcome.exit_status


def tell(outcome: Outcome, day: date, output: Path) -> None:
    """Print the verdict, what was found, and where everything is."""
    proved = but_not_proved(outcome.not_possible)
    print(f"{day}  {outcome.verdict}{proved}  {outcome.run_id}")
    for said in outcome.not_possible:
        print(f"  {said}")
    for code, count in sorted(outcome.counts.items()):
        print(f"  {count:6,}  {code}")
    for note in outcome.notes:
        print(f"  {note}", file=sys.stderr)
    print(f"  results in {output}")
    print(f"  last link of the evidence {outcome.last_link}")
