"""`report`: make the notebook and the HTML page of a run, or of a month of runs."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from recon.faults import WrongUsageError

HELP = "make the notebook and the HTML page of a run, or of a month of runs"
EXAMPLES = """
examples:
  python -m recon report --run out/19
  python -m recon report --run reconciliation/2026-11-19/run_6f... --history reconciliation
  python -m recon report --notebook month_end --history reconciliation --month 2026-11

--history is the --root of `daily`, or any folder of run folders: the daily page takes its
trend of 30 days from it (a run under such a root finds it by itself), the month its days
"""
DAILY, MONTH = "daily_reconciliation", "month_end"
MONTHS = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may be given."""
    add = parser.add_argument
    add("--run", type=Path, help="the --output folder of a run")
    add("--notebook", choices=(DAILY, MONTH), default=DAILY, help="which page")
    add("--history", type=Path, help="the folder of the runs of many days")
    add("--month", type=month, help="which month, 2026-11")
    add("--html", type=Path, help="where the page goes; beside the run if not given")


def month(text: str) -> str:
    """Read a month."""
    if not MONTHS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no month; write 2026-11")
    return text


def do(given: argparse.Namespace) -> int:
    """Make the report and give the exit status."""
    # Nothing that only the notebooks need is loaded before the options are in order.
    if given.notebook == MONTH:
        if not given.history or not given.month or given.run:
            raise WrongUsageError("month_end needs --history and --month, and no --run")
        from recon.report import make_month  # noqa: PLC0415 - seconds that only it needs

        return make_month(given.history, given.month, given.html)
    if not given.run or given.month:
        raise WrongUsageError("daily_reconciliation needs --run, and no --month")
    from recon.report import make  # noqa: PLC0415 - seconds that only it needs

    return make(given.run, given.html, given.history)
