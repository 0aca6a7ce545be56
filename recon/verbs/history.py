"""`history`: what the runs of a state file said, day by day."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from recon.history import life, open_ones, runs
from recon.verbs.tables import table

HELP = "tell what the runs of a state file said, day by day"
EXAMPLES = """
examples:
  python -m recon history --state state.duckdb
  python -m recon history --state state.duckdb --open
  python -m recon history --state state.duckdb --discrepancy dsc_1f0c --json
"""
RUNS = ("business_date", "verdict", "open_count", "new_count", "resolved_count", "run_id")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--state", type=Path, required=True, help="the file that runs carry along")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--open", action="store_true", help="what is open now, the worst first"
    )
    what.add_argument("--discrepancy", metavar="ID", help="the life of one of them")
    add("--json", action="store_true", help="for machines")


def do(given: argparse.Namespace) -> int:
    """Tell, and give the exit status."""
    if given.open:
        _tell(open_ones(given.state), given.json)
    elif given.discrepancy:
        days, settled = life(given.state, given.discrepancy)
        _tell(
            {"days": days, "settled": settled} if given.json else [*days, *settled],
            given.json,
        )
    else:
        found = runs(given.state)
        _tell(found if given.json else [_run(run) for run in found], given.json)
    return 0


def _run(run: dict[str, Any]) -> dict[str, Any]:
    shown = {name: run[name] for name in RUNS}
    return shown | {"replaces": run["replaces"] or ""}


def _tell(found: Any, as_json: bool) -> None:
    print(json.dumps(found, indent=2) if as_json else table(found) or "  nothing")
