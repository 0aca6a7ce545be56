"""The command line: `collect` a day's inputs, `run` it, make the `report`, `verify` it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from recon.collect import Collection, collect
from recon.evidence.verify import verify
from recon.faults import SourceMissingError, WrongUsageError
from recon.options import WRONG_USAGE, collection, parser
from recon.run import Outcome, reconcile

INCOMPLETE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit status."""
    given = parser().parse_args(arguments)
    try:
        if given.command == "collect":
            return _collect(collection(given))
        if given.command == "report":
            from recon.report import make  # noqa: PLC0415 - seconds that only it needs

            return make(given.run, given.html)
        if given.command == "verify":
            return verify(given.run, given.inputs, given.last_link)
        outcome = reconcile(given.day, given.inputs, given.output, given.state)
    except WrongUsageError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return WRONG_USAGE
    except (OSError, duckdb.IOException) as error:
        said = str(error).splitlines()[0]
        print(f"python -m recon: {said}; see that it can be written", file=sys.stderr)
        return WRONG_USAGE
    _tell(outcome, given.day, given.output)
    return outcome.exit_status


def _collect(asked: Collection) -> int:
    try:
        missing = collect(asked)
    except SourceMissingError as error:
        print(f"python -m recon: {error}", file=sys.stderr)
        return INCOMPLETE
    for source in missing:
        print(f"  {source} is missing in {asked.exports}; export it", file=sys.stderr)
    print(f"{asked.day}  inputs in {asked.output}")
    return INCOMPLETE if missing else 0


def _tell(outcome: Outcome, day: date, output: Path) -> None:
    print(f"{day}  {outcome.verdict}  {outcome.run_id}")
    for code, count in sorted(outcome.counts.items()):
        print(f"  {count:6,}  {code}")
    for note in outcome.notes:
        print(f"  {note}", file=sys.stderr)
    print(f"  results in {output}")
    print(f"  last link of the evidence {outcome.last_link}")


if __name__ == "__main__":
    sys.exit(main())
