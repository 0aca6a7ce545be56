"""`investigate`: make the page of one discrepancy, or of one escrow."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from recon.faults import WrongUsageError
from recon.manifest import file_sha256
from recon.verbs.arguments import day

HELP = "make the page of one discrepancy, or of one escrow"
EXAMPLES = """
examples:
  python -m recon investigate dsc_1f0c --root reconciliation
  python -m recon investigate dsc_1f0c --root reconciliation --day 2026-11-19
  python -m recon investigate 8c41... --run out/19 --inputs in/19 [--state state.duckdb]

with --root (that of `daily`) run, inputs, state and the days before are found there, on the
last day that tells of the id; the page goes to investigations/ in the run's folder
"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("id", metavar="ID", help="a discrepancy (its beginning is enough) or an escrow")
    add("--root", type=Path, help="the folder of all days, as `daily` keeps it")
    add("--day", type=day, help="with --root: the business day, 2026-11-19")
    add("--run", type=Path, help="the --output folder of a run")
    add("--inputs", type=Path, help="with --run: the folder that the run read")
    add("--state", type=Path, help="with --run: what is carried from day to day")
    add("--history", type=Path, help="with --run: the folder of the runs of many days")
    add("--html", type=Path, help="where the page goes")


def do(given: argparse.Namespace) -> int:
    """Make the page and give the exit status."""
    if given.root:
        if given.run or given.inputs or given.state or given.history:
            raise WrongUsageError("--root finds run, inputs, state and history by itself")
        run, inputs = _found(given.root, given.day, given.id)
        state, history = given.root / "state.duckdb", given.root
        state = state if state.is_file() else None
    elif given.run and given.inputs and not given.day:
        run, inputs, state, history = given.run, given.inputs, given.state, given.history
        if state and not state.is_file():
            raise WrongUsageError(
                f"--state {state} is not there; give one that a run has written"
            )
    else:
        raise WrongUsageError("give --root, or --run and --inputs")
    from recon.report import make_investigation  # noqa: PLC0415 - seconds that only it needs

    return make_investigation(
        given.id, run=run, inputs=inputs, state=state, history=history, html=given.html
    )


def _found(root: Path, asked: date | None, id: str) -> tuple[Path, Path]:
    """The last run that counts and tells of an id, and what it read."""
    for folder in _runs(root, asked):
        if asked is None and id not in (folder / "discrepancies.csv").read_text("utf-8"):
            continue
        known = _json(folder / "evidence" / "inputs.json")["manifest"]["sha256"]
        for inputs in sorted(folder.parent.glob("inputs-*")):
            if file_sha256(inputs / "manifest.json") == known:
                return folder, inputs
        raise WrongUsageError(
            f"the inputs of {folder} are no longer beside it; give --run and --inputs"
        )
    said = f"of {asked}" if asked else f"that names {id!r}"
    raise WrongUsageError(
        f"{root} holds no run {said}; give --root as `daily` was given it"
    )


def _runs(root: Path, asked: date | None) -> Iterator[Path]:
    """Of each day the run that counts, the latest day first."""
    for pointer in sorted(root.glob("*/latest"), reverse=True):
        if asked is None or pointer.parent.name == asked.isoformat():
            yield pointer.parent / pointer.read_text(encoding="utf-8").strip()


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())
