"""The command `python -m sims search`: many seeds, and the least that breaks a law."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console

from sims.manifest import commit
from sims.search.kinds import KINDS
from sims.search.reconciled import reconciled
from sims.search.shrink import as_test, shrinking
from sims.search.timeline import keep
from sims.search.trial import SHOWN, Trial, Verdict, drawn, judged, never_struck
from sims.workers import Stopped, Workers
from sims.world.dangers import CRASH_POINTS
from sims.world.groups import Protocol

HELD, BROKEN, STOPPED = 0, 1, 130
EXAMPLES = """
examples:
  python -m sims search --seeds 1-100
  python -m sims search --seeds 1-20 --twice --demand-all
  python -m sims search --seeds 17 --kinds crashes,freezes --days 1

exit codes:
  0  every law held    1  a law is broken, or a history was not the same twice, or
  (with --demand-all) something never struck    64  the command line is wrong
  130  Ctrl-C: what was played by then is told
"""


def add(asks: Any) -> None:
    """Add the verb to a parser's."""
    verb = asks.add_parser(
        "search",
        help="look for a seed that breaks a law",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("--seeds", type=_seeds, required=True, help="one, or a range a-b")
    verb.add_argument("--kinds", type=_kinds, help=f"of trouble: {', '.join(KINDS)}")
    verb.add_argument("--days", type=_count, default=1)
    verb.add_argument("--escrows-per-day", type=_mean, default=12.0)
    verb.add_argument("--protocol", type=Protocol, choices=list(Protocol))
    verb.add_argument("--workers", type=_count, default=2, help="processes")
    verb.add_argument(
        "--reconcile",
        action="store_true",
        help="hold each day's exports against its archive",
    )
    verb.add_argument("--twice", action="store_true", help="play each seed again")
    verb.add_argument(
        "--demand-all",
        action="store_true",
        help="every kind of trouble must have struck, and every crash point been hit",
    )
    verb.add_argument("--write-test", type=Path, help="a pytest file for what was found")
    verb.add_argument(
        "--keep", type=Path, help="a folder for its timeline, which `report` draws"
    )


def run(asked: argparse.Namespace, console: Console) -> int:
    """Search, and tell what was found."""
    given = {"days": asked.days, "escrows_per_day": asked.escrows_per_day}
    for name in ("kinds", "protocol"):
        if getattr(asked, name) is not None:
            given[name] = getattr(asked, name)
    trials = [drawn(seed, **given) for seed in asked.seeds]
    try:
        verdicts = _played(trials, asked.workers, console)
    except Stopped as stopped:
        console.print(f"stopped after {len(stopped.so_far)} of {len(trials)} histories")
        _tell(stopped.so_far, console)
        return STOPPED
    status = _tell(verdicts, console)
    if asked.reconcile:
        for trial in trials:
            for sentence in reconciled(trial):
                console.print(
                    f"seed {trial.seed}: {sentence}", markup=False, soft_wrap=True
                )
                status = BROKEN
    if asked.twice:
        again = _played(trials, asked.workers, console)
        pairs = zip(verdicts, again, strict=True)
        for first in [a for a, b in pairs if a.digest != b.digest]:
            console.print(f"seed {first.trial.seed} was not the same twice", style="red")
            status = BROKEN
    if asked.demand_all and (
        missing := [*sorted(never_struck(verdicts)), *_alive(verdicts)]
    ):
        console.print(f"never struck: {', '.join(missing)}. Play more seeds.")
        status = BROKEN
    bad = next((v for v in verdicts if v.broken), None)
    if bad and not _least(bad, asked.write_test, asked.keep, console):
        return STOPPED
    return status


def _played(trials: Sequence[Trial], workers: int, console: Console) -> list[Verdict]:
    return Workers(processes=workers).tracked(judged, trials, console, "histories")


def _tell(verdicts: Sequence[Verdict], console: Console) -> int:
    handled = sum(v.handled for v in verdicts)
    hit = len(CRASH_POINTS) - len(_alive(verdicts))
    struck = set(KINDS) - never_struck(verdicts)
    console.print(
        f"{len(verdicts)} histories, {handled:,} messages handled; kinds of trouble that "
        f"struck: {len(struck)}/{len(KINDS)}; crash points hit: {hit}/{len(CRASH_POINTS)}"
    )
    bad = [v for v in verdicts if v.broken]
    for verdict in bad:
        console.print(f"seed {verdict.trial.seed}: {len(verdict.broken)} times, such as")
        for sentence in verdict.broken[:SHOWN]:
            console.print(f"  {sentence}", markup=False, soft_wrap=True)
    if not bad:
        console.print("every law held", style="bold green")
    return BROKEN if bad else HELD


def _alive(verdicts: Sequence[Verdict]) -> list[str]:
    """Name the crash points at which no process has died."""
    died = {point for v in verdicts for point, count in v.died_at.items() if count}
    return [
        f"{service} {step}" for service, step in CRASH_POINTS if (service, step) not in died
    ]


def _least(bad: Verdict, path: Path | None, folder: Path | None, console: Console) -> bool:
    """Shrink the first that was found, and say how to see it again.

    Whoever is tired of waiting has the least so far; the answer says whether it is the end.
    """
    least, is_least = bad, True
    with console.status("looking for the least that breaks it"):
        try:
            for smaller in shrinking(bad, judged):
                least = smaller
        except KeyboardInterrupt:
            is_least = False
    trial = least.trial
    kinds = ", ".join(trial.kinds) or "no trouble at all"
    console.print(f"the least that was found needs: {kinds}", soft_wrap=True)
    console.print(f"  {trial.command}", markup=False, soft_wrap=True)
    console.print(f"  commit {commit()}, configuration {trial.configuration}")
    if path:
        path.write_text(as_test(least), encoding="utf-8")
        console.print(f"  written as a test: {path}")
    if folder:
        for kept in keep(least, folder):
            console.print(f"  kept in {kept}", soft_wrap=True)
    return is_least


def _seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    try:
        seeds = list(range(int(first), int(last or first) + 1))
    except ValueError:
        seeds = []
    if not seeds:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed and no range such as 1-20")
    return seeds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def _mean(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return number


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(name for name in text.split(",") if name)
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no {', '.join(unknown)}; there are {', '.join(KINDS)}"
        )
    return kinds
