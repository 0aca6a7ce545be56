"""The command `python -m sims report`: the notebook and the page of what was kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sims.pages.kept import (
    DamagedError,
    Kept,
    NothingKeptError,
    load_capacity,
    load_study,
    load_violation,
)

WRONG_USAGE, DAMAGED = 64, 2
NOTEBOOKS: Mapping[str, Callable[[Path], Kept]] = {
    "capacity_planning": load_capacity,
    "lifecycle_outlook": load_study,
    "fault_search": load_violation,
}
EXAMPLES = """
examples:
  python -m sims report --notebook capacity_planning --run out/capacity
  python -m sims report --notebook lifecycle_outlook --run out/studies/fraud
  python -m sims report --notebook fault_search --run out/violation --html violation.html

exit codes:
  0  the page is made    2  the run or the notebook failed
  64  the folder is not what the page shows
"""


def add(asks: Any) -> None:
    """Add the verb to a parser's."""
    verb = asks.add_parser(
        "report",
        help="make the notebook and the page of what was kept",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("--notebook", choices=NOTEBOOKS, required=True, help="which page")
    verb.add_argument("--run", type=Path, required=True, help="what a command has kept")
    verb.add_argument("--html", type=Path, help="where the page goes")


def run(asked: argparse.Namespace) -> int:
    """Make a page, and say where it is."""
    try:
        NOTEBOOKS[asked.notebook](asked.run)
    except NothingKeptError as nothing:
        print(f"python -m sims report: {nothing}", file=sys.stderr)
        return WRONG_USAGE
    except DamagedError as damaged:
        print(f"python -m sims report: {damaged}", file=sys.stderr)
        return DAMAGED
    # Seconds that only this needs.
    from recon.report import NOTEBOOKS as FOLDER  # noqa: PLC0415
    from recon.report import Report, made  # noqa: PLC0415

    name = asked.notebook
    return made(
        Report(
            notebook=FOLDER / f"{name}.ipynb",
            parameters={"run_folder": str(asked.run.resolve())},
            folder=asked.run,
            executed=asked.run / f"{name}.ipynb",
            html=asked.html or asked.run / f"{name}.html",
            title=name.replace("_", " ").capitalize(),
        )
    )
