"""How fast the whole platform is simulated on one core, with every law watched.

Three worlds: the peak hour that capacity asks for, a lively market whose stories last for
weeks, and a small one, which is what long studies are made of.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sims import laws
from sims.capacity.confirm import START_AT, Watcher, open_escrows
from sims.scenarios.business_month import Month, run
from sims.world.platform import Platform
from sims.world.time import SimTasks
from toolkit.infra.collector import set_for_batches

WARM = {"days": 1, "escrows_per_day": 20.0}
DENSE = {"days": 2, "escrows_per_day": 400.0}
SPARSE = {"days": 20, "escrows_per_day": 4.0}
PEAK_RATE, PEAK_S, DRAINS_S = 300.0, 20.0, 30.0
DAY_S, YEAR_DAYS = 86_400, 365.25


def measure() -> dict[str, Any]:
    """Play each world, the lively one also without looking, and one seed twice."""
    logging.disable(logging.CRITICAL)
    set_for_batches()  # as every service does
    try:
        _timed(_month, WARM)  # the first use of everything is no simulation's
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(laws, "watch", lambda _platform: None)
            blind, blind_s, _ = _timed(_month, DENSE)
        dense, dense_s, broken = _timed(_month, DENSE)
        sparse, sparse_s, _ = _timed(_month, SPARSE)
        peak, peak_s, broken_at_peak = _timed(_peak, {})
    finally:
        logging.disable(logging.NOTSET)
    return {
        "messages": _handled(dense) + _handled(peak),
        "peak_messages_per_s_core": _handled(peak) / peak_s,
        "messages_per_s_core": _handled(dense) / dense_s,
        "watched_to_blind": (_handled(dense) / dense_s) / (_handled(blind) / blind_s),
        "years_per_day_core": sparse.env.now / YEAR_DAYS / sparse_s,
        "laws_broken": len(broken) + len(broken_at_peak),
        "digests_are_equal": _digest("1") == _digest("2"),
    }


def _timed(
    play: Callable[..., Platform], asked: dict[str, Any]
) -> tuple[Platform, float, list[str]]:
    """Play a world; answer it, the seconds of a core that it took, and what it broke."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        began_s = time.process_time()
        platform = play(Path(folder), **asked)
        took_s = time.process_time() - began_s
        rests = play is not _peak  # which ends in the middle of all stories
        return platform, took_s, laws.broken(platform) if rests else platform.violations


def _month(folder: Path, **size: Any) -> Platform:
    return run(Month(seed=1, output=folder, **size))


def _peak(folder: Path) -> Platform:
    """Open so many escrows a second, each of which is asked to be paid for."""
    platform = Platform(seed=1, start_at=START_AT, archive_root=folder)
    laws.watch(platform)
    opening = open_escrows(Watcher(platform), PEAK_RATE, PEAK_S)
    SimTasks(platform.env).spawn(opening)
    platform.run(until=START_AT + timedelta(seconds=PEAK_S + DRAINS_S))
    return platform


def _handled(platform: Platform) -> int:
    return sum(len(kept.claimed) for kept in platform.databases.values())


def _digest(hash_seed: str) -> str:
    """Play a seed in a Python of its own, which hashes as it is told."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asked = ("-m", "sims", "run", "business_month", "--seed", "9", "--days", "1")
        size = ("--escrows-per-day", "10", "--output", folder)
        told = subprocess.run(
            [sys.executable, *asked, *size],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=True,
        )
    return next(line for line in told.stdout.splitlines() if line.startswith("files"))
