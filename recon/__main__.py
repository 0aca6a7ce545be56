"""The command line: `run` reconciles a day, `collect` gathers its inputs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from recon.faults import WrongUsageError
from recon.run import Outcome, reconcile

WRONG_USAGE = 64
EXAMPLES = """
examples:
  python -m recon run --day 2026-11-19 --inputs in/19 --output out/19
  python -m recon run --day 2026-11-20 --inputs in/20 --output out/20 --state state.duckdb

exit status: 0 reconciled, 1 discrepancies found,
2 inputs incomplete or unreadable, 64 wrong usage
"""


class Parser(argparse.ArgumentParser):
    """A parser that complains with 64, since 2 means incomplete inputs here."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to call it."""
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """Every command with its options."""
    top = Parser(
        prog="python -m recon",
        description="Reconcile escrow events with what the providers report.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="reconcile one business day",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument(
        "--day", type=_day, required=True, help="the UTC business day, 2026-11-19"
    )
    run.add_argument(
        "--inputs", type=Path, required=True, help="a folder with a manifest.json"
    )
    run.add_argument("--output", type=Path, required=True, help="a folder for the results")
    run.add_argument("--state", type=Path, help="what is carried from one day to the next")
    return top


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2026-11-19") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status."""
    given = parser().parse_args(arguments)
    try:
        outcome = reconcile(given.day, given.inputs, given.output, given.state)
    except WrongUsageError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return WRONG_USAGE
    _tell(outcome, given.day, given.output)
    return outcome.exit_status


def _tell(outcome: Outcome, day: date, output: Path) -> None:
    print(f"{day}  {outcome.verdict}  {outcome.run_id}")
    for code, count in sorted(outcome.counts.items()):
        print(f"  {count:6,}  {code}")
    for note in outcome.notes:
        print(f"  {note}", file=sys.stderr)
    print(f"  results in {output}")


if __name__ == "__main__":
    sys.exit(main())
