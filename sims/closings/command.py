"""Plays a month of closings from the command line, and says whether every law held."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sims.closings import laws
from sims.report import digest, written
from sims.scenarios.closing_month import WRITTEN, ClosingMonth, ended, run

HELD, BROKEN = 0, 1
BROKEN_SHOWN = 20


def play(month: ClosingMonth, console: Console) -> int:
    """Run a month, print what came of it, and how to see it again if a law is broken."""
    started_s = time.perf_counter()
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("days"), console=console, transient=True) as shown:
        days = (month.stop_at - month.start_at).days
        task = shown.add_task(f"closing_month, seed {month.seed}", total=days)
        house = run(month, lambda _: shown.advance(task))
    took_s = time.perf_counter() - started_s
    books = house.wallets.books
    struck = ", ".join(f"{n:,} {name}" for name, n in sorted(books.dice.struck.items()))
    deals = ", ".join(f"{count:,} {stage}" for stage, count in ended(house).items())
    said = sum(len(log) for log in house.broker.logs.values())
    handled = sum(len(kept.claimed) for kept in house.databases.values())
    files = list(written(month.output, WRITTEN))
    lines = {
        "closings": deals or "none",
        "faults": struck or "none",
        "crashes": f"{house.crashes:,}",
        "messages": f"{said:,} said, {handled:,} handled",
        "time": f"{days} days in {took_s:.1f} s",
        "files": f"{len(files):,}, sha256 {digest(month.output, files)}",
    }
    for name, line in lines.items():
        console.print(f"{name:<10} {line}", soft_wrap=True)
    return _judge(month, laws.broken(house), console)


def _judge(month: ClosingMonth, broken: list[str], console: Console) -> int:
    for sentence in broken[:BROKEN_SHOWN]:
        console.print(f"broken     {sentence}", markup=False, soft_wrap=True)
    if not broken:
        console.print("every law held", style="bold green")
        return HELD
    console.print(f"laws were broken {len(broken)} times. To see it again:")
    again = (
        f"python -m sims run closing_month --seed {month.seed} --days {month.days} "
        f"--closings-per-day {month.closings_per_day:g} --output {month.output} --force"
    )
    console.print(f"  {again}", markup=False, soft_wrap=True)
    return BROKEN
