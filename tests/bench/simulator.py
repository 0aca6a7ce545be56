"""How fast the whole platform is simulated on one core, with every law watched."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from sims import laws
from sims.scenarios.business_month import Month, run
from sims.world.platform import Platform

DENSE = {"days": 1, "escrows_per_day": 400.0}
SPARSE = {"days": 20, "escrows_per_day": 4.0}
DAY_S, YEAR_DAYS = 86_400, 365.25


def measure() -> dict[str, Any]:
    """Play a dense day with and without looking, a sparse month, and one seed twice."""
    logging.disable(logging.CRITICAL)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(laws, "watch", lambda _platform: None)
            blind, blind_s, _ = _played(**DENSE)
        dense, dense_s, broken = _played(**DENSE)
        _, sparse_s, _ = _played(**SPARSE)
    finally:
        logging.disable(logging.NOTSET)
    sparse_days = Month(seed=1, output=Path(), **SPARSE)
    virtual_days = (sparse_days.stop_at - sparse_days.start_at).days
    return {
        "messages": _handled(dense),
        "messages_per_s_core": _handled(dense) / dense_s,
        "watched_to_blind": (_handled(dense) / dense_s) / (_handled(blind) / blind_s),
        "years_per_day_core": virtual_days / YEAR_DAYS / sparse_s * DAY_S,
        "laws_broken": len(broken),
        "digests_are_equal": _digest("1") == _digest("2"),
    }


def _played(**size: Any) -> tuple[Platform, float, list[str]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        began_s = time.process_time()
        platform = run(Month(seed=1, output=Path(folder), **size))
        took_s = time.process_time() - began_s
        return platform, took_s, laws.broken(platform)


def _handled(platform: Platform) -> int:
    return sum(len(kept.claimed) for kept in platform.databases.values())


def _digest(hash_seed: str) -> str:
    """Play a seed in a Python of its own, which hashes as it is told."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        size = ("--days", "1", "--escrows-per-day", "10", "--output", folder)
        asked = [
            sys.executable,
            "-m",
            "sims",
            "run",
            "business_month",
            "--seed",
            "9",
            *size,
        ]
        told = subprocess.run(
            asked,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=True,
        )
    return next(line for line in told.stdout.splitlines() if line.startswith("files"))
