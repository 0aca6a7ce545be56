"""I14 on a searched history: its days go through `recon`, which finds what was planted.

Reconciliation is met as a stranger meets it: by its commands and its files.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sims.scenarios.business_month import opened, play
from sims.search.trial import Trial, month_of
from sims.world.platform import Platform
from sims.world.stripe import rogue
from sims.world.time import SimTasks

FOUND = "discrepancies.csv"
PLANTED_AT = (timedelta(hours=11), timedelta(hours=15))
PLANTED_MINOR = 123_45


def reconciled(trial: Trial) -> list[str]:
    """Play a trial with two movements that nobody asked for, and reconcile its days."""
    with tempfile.TemporaryDirectory(prefix="reconciled-") as folder:
        month = month_of(trial, Path(folder) / "world")
        # A token that is no money is a finding by itself.
        on_chain = replace(month.habits.on_chain, sends_another_token_first=0.0)
        month = replace(month, habits=replace(month.habits, on_chain=on_chain))
        platform = opened(month)
        planted: dict[str, set[str]] = {}
        SimTasks(platform.env).spawn(plant(platform, planted))
        play(platform, month)
        return [
            sentence
            for exports in sorted((month.output / "exports").iterdir())
            for sentence in _day(platform, exports, Path(folder), planted)
        ]


async def plant(platform: Platform, planted: dict[str, set[str]]) -> None:
    """Charge a card as somebody does by mistake at the provider's dashboard."""
    for after in PLANTED_AT:
        await platform.clock.sleep(platform.start_at + after - platform.clock.now())
        made = rogue.charge(platform.stripe.books, PLANTED_MINOR, "usd")
        day = platform.clock.now().date().isoformat()
        planted.setdefault(day, set()).add(str(made["latest_charge"]))


def _day(
    platform: Platform, exports: Path, folder: Path, planted: dict[str, set[str]]
) -> Iterator[str]:
    day, world = exports.name, folder / "world"
    stated = (world / "own_funds" / f"{day}.txt").read_text().split()
    funds = [word for own in stated for word in ("--own-funds", own)]
    wallets = platform.custodian.books.wallets
    own = [word for each in wallets for word in ("--own-address", each.address)]
    inputs, output = folder / "in" / day, folder / "out" / day
    where = ("--archive", world / "archive", "--exports", exports, "--output", inputs)
    _recon("collect", "--day", day, *where, *funds, *own, "--no-bank-activity")
    state = ("--state", folder / "state.duckdb")
    _recon("run", "--day", day, "--inputs", inputs, "--output", output, *state)
    with (output / FOUND).open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    expected = set(planted.get(day, ()))
    for row in found:
        named = {id for id in expected if id in str(row)}
        if not named:
            yield f"{day}: {row} was found, and nobody planted it"
        expected -= named
    for id in sorted(expected):
        yield f"{day}: {id} was planted, and not found"


def _recon(*asked: object) -> None:
    """Run one of its commands; a finding is no failure, bad input is."""
    command: Sequence[str] = [sys.executable, "-m", "recon", *map(str, asked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command[2:4])}: {done.stderr or done.stdout}")
