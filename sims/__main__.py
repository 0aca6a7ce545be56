"""Play a scenario in virtual time, write its files, and say whether every law held."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import NoReturn

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sims import laws
from sims.calibration import command as calibration
from sims.capacity import command as capacity
from sims.closings import command as closings
from sims.pages import command as pages
from sims.report import Report, digest, report, written
from sims.scenarios import business_month, closing_month
from sims.scenarios.business_month import Month
from sims.scenarios.closing_month import ClosingMonth
from sims.search import command as search
from sims.studies import command as study

HELD, BROKEN, WRONG_USAGE, STOPPED = 0, 1, 64, 130
SCENARIOS: dict[str, ModuleType] = {
    "business_month": business_month,
    "closing_month": closing_month,
}
BROKEN_SHOWN = 20
EXAMPLES = """
examples:
  python -m sims list
  python -m sims run business_month --seed 7
  python -m sims run business_month --seed 8 --days 3 --escrows-per-day 20 \\
      --output out/short --force
  python -m sims run closing_month --seed 7 --closings-per-day 2

exit codes:
  0  every law held    1  a law is broken    64  the command line is wrong
  130  Ctrl-C: what was done by then is told or kept
"""


class Arguments(argparse.ArgumentParser):
    """A parser that answers wrong usage with the exit code of the house."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\n")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Arguments(
        prog="python -m sims",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asks = parser.add_subparsers(
        dest="ask",
        required=True,
        metavar="list | laws | run | search | capacity | study | report | calibrate | …",
    )
    asks.add_parser("list", help="name the scenarios and their questions")
    run = asks.add_parser("run", help="play one scenario")
    run.add_argument("scenario", choices=SCENARIOS)
    run.add_argument("--seed", type=int, required=True, help="all chance follows from it")
    run.add_argument("--days", type=_positive, default=30, help="days of new contracts")
    run.add_argument("--escrows-per-day", type=_positive, default=40, help="a mean")
    run.add_argument("--closings-per-day", type=_positive, default=3, help="a mean")
    run.add_argument("--output", type=Path, default=Path("out/sims"), help="its files")
    run.add_argument(
        "--force", action="store_true", help="replace the files of an earlier run"
    )
    asks.add_parser("laws", help="say what must be true of every history")
    search.add(asks)
    capacity.add(asks)
    study.add(asks)
    pages.add(asks)
    calibration.add(asks)
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    asked = arguments(argv)
    try:
        return _done(asked)
    except KeyboardInterrupt:
        print("stopped: what was not finished is not kept", file=sys.stderr)
        return STOPPED


def _done(asked: argparse.Namespace) -> int:
    """Do what is asked, and answer the exit code."""
    if asked.ask == "list":
        for name, scenario in SCENARIOS.items():
            print(f"{name}\n{(scenario.__doc__ or '').strip()}")
        return HELD
    if asked.ask == "laws":
        return _laws(Console(highlight=False))
    if asked.ask == "search":
        return search.run(asked, Console(highlight=False))
    if asked.ask == "capacity":
        return capacity.run(asked, Console(highlight=False))
    if asked.ask == "study":
        return study.run(asked, Console(highlight=False))
    if asked.ask == "report":
        return pages.run(asked)
    if asked.ask in ("calibrate", "backtest"):
        return calibration.run(asked, Console(highlight=False))
    logging.basicConfig(level=logging.CRITICAL)  # what fails shows in the laws
    if problem := _occupied(asked.output, force=asked.force):
        print(problem, file=sys.stderr)
        return WRONG_USAGE
    if asked.scenario == "closing_month":
        return closings.play(_closings(asked), Console(highlight=False))
    month = Month(
        seed=asked.seed,
        days=asked.days,
        escrows_per_day=asked.escrows_per_day,
        output=asked.output,
    )
    return play(month, Console(highlight=False))


def _closings(asked: argparse.Namespace) -> ClosingMonth:
    return ClosingMonth(
        seed=asked.seed,
        days=asked.days,
        closings_per_day=asked.closings_per_day,
        output=asked.output,
    )


def _laws(console: Console) -> int:
    """Print each law, and when it is looked at."""
    for law in laws.LAWS:
        console.print(f"{law.number:<4} {law.sentence}", markup=False, soft_wrap=True)
        console.print(f"     {law.when}", style="dim", soft_wrap=True)
    return HELD


def _occupied(output: Path, *, force: bool) -> str | None:
    """Make room for the files, or say why there is none."""
    if output.exists() and not output.is_dir():
        return f"--output {output} is a file: name a folder"
    if output.is_dir() and any(output.iterdir()) and not force:
        return f"--output {output} is not empty: name another folder, or add --force"
    try:
        output.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=output):
            pass
    except OSError as error:
        return f"--output {output} cannot be written ({error.strerror}): name another"
    for name in business_month.WRITTEN:
        shutil.rmtree(output / name, ignore_errors=True)
    return None


def play(month: Month, console: Console) -> int:
    """Run a month, and print what came of it."""
    started_s, busy_from_s = time.perf_counter(), time.process_time()
    with _progress(console) as progress:
        days = (month.stop_at - month.start_at).days
        task = progress.add_task(f"business_month, seed {month.seed}", total=days)
        try:
            platform = business_month.run(month, lambda _: progress.advance(task))
        except KeyboardInterrupt:
            done = int(progress.tasks[task].completed)
            said = f"stopped after {done} of {days} days; their files are in {month.output}"
            console.print(said, soft_wrap=True)
            return STOPPED
    took_s = time.perf_counter() - started_s
    busy_s = time.process_time() - busy_from_s
    passed = platform.clock.now() - platform.start_at
    told = report(platform)
    _print_report(console, told)
    speed = f"{told.handled / busy_s:,.0f} messages handled per second of one core"
    console.print(
        f"time       {passed.days} days in {took_s:.1f} s, {speed}", soft_wrap=True
    )
    files = list(written(month.output, business_month.WRITTEN))
    found = digest(month.output, files)
    console.print(f"files      {len(files):,}, sha256 {found}", soft_wrap=True)
    return _judge(month, laws.broken(platform), console)


def _judge(month: Month, broken: Sequence[str], console: Console) -> int:
    """Say whether every law held; one that did not comes with a way to see it again."""
    for sentence in broken[:BROKEN_SHOWN]:
        console.print(f"broken     {sentence}", markup=False, soft_wrap=True)
    if broken:
        console.print(f"laws were broken {len(broken)} times. To see it again:")
        console.print(f"  {reproducing(month)}", markup=False, soft_wrap=True)
        return BROKEN
    console.print("every law held", style="bold green")
    return HELD


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TextColumn("days"), console=console, transient=True)


def _print_report(console: Console, told: Report) -> None:
    ended = ", ".join(f"{count:,} {state}" for state, count in told.escrows.items())
    struck = ", ".join(f"{count:,} {name}" for name, count in told.faults.items())
    lines = {
        "escrows": ended,
        "faults": struck or "none",
        "crashes": f"{told.crashes:,}",
        "by polling": f"{told.found_by_polling:,} events that no webhook brought",
        "messages": f"{told.said:,} said, {told.handled:,} handled",
    }
    for name, line in lines.items():
        console.print(f"{name:<10} {line}", soft_wrap=True)


def reproducing(month: Month) -> str:
    """Say the command that plays the very same history."""
    return (
        f"python -m sims run business_month --seed {month.seed} --days {month.days} "
        f"--escrows-per-day {month.escrows_per_day:g} --output {month.output} --force"
    )


if __name__ == "__main__":
    sys.exit(main())
