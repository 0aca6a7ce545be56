"""Turn what runs have left into the pages that finance reads and signs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import papermill
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError
from plotly.offline import get_plotlyjs
from traitlets.config import Config

from recon.faults import WrongUsageError
from recon.pages.case import load_case
from recon.pages.days import load_month
from recon.pages.discrepancies import STORIES
from recon.pages.run import DamagedRunError, NoRunError, load
from recon.verbs.arguments import WRONG_USAGE

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = PROJECT / "notebooks"
DAILY = NOTEBOOKS / "daily_reconciliation.ipynb"
MONTH = NOTEBOOKS / "month_end.ipynb"
INVESTIGATION = NOTEBOOKS / "discrepancy_investigation.ipynb"
ROOT_STATE = "state.duckdb"  # what tells the root of `daily` from any other folder
DAMAGED = 2
UNSAFE = re.compile(r"[^0-9A-Za-z._-]")
# Plotly finds no network in this page: the library stands in it once, ahead of its figures.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<script>{plotly}</script>
</head>
<body class="report">
{body}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A notebook with its parameters, and where what it makes is kept.

    Links of the page lead into `folder`.
    """

    notebook: Path
    parameters: Mapping[str, str]
    folder: Path
    executed: Path
    html: Path
    title: str


def daily(run: Path, html: Path | None = None, history: Path | None = None) -> Report:
    """The page of one run, with the days before it where their folder is known."""
    summary = load(run).summary
    if history is None and (run.resolve().parents[1] / ROOT_STATE).is_file():
        history = run.resolve().parents[1]
    return Report(
        notebook=DAILY,
        parameters={
            "run_folder": str(run.resolve()),
            "history_folder": str(history.resolve()) if history else "",
        },
        folder=run,
        executed=run / DAILY.name,
        html=html or run / DAILY.with_suffix(".html").name,
        title=f"Daily reconciliation {summary['business_date']}: {summary['verdict']}",
    )


def month_end(history: Path, month: str, html: Path | None = None) -> Report:
    """The page of a month, made of the runs of its days."""
    load_month(history, month)
    stem = f"{MONTH.stem}_{month}"
    return Report(
        notebook=MONTH,
        parameters={"history_folder": str(history.resolve()), "month": month},
        folder=history,
        executed=history / f"{stem}.ipynb",
        html=html or history / f"{stem}.html",
        title=f"Month end {month}",
    )


def investigation(
    id: str,
    *,
    run: Path,
    inputs: Path,
    state: Path | None = None,
    history: Path | None = None,
    html: Path | None = None,
) -> Report:
    """The page of one discrepancy, or of one escrow, as a run's day tells it."""
    case = load_case(id, run, inputs, state or "")
    # One that is named by its beginning gets its whole name.
    is_one = len(case.found) == 1 and case.found[0]["discrepancy_id"].startswith(id)
    whole = case.found[0]["discrepancy_id"] if is_one else case.subject
    stem = UNSAFE.sub("_", whole)
    folder = run / STORIES
    return Report(
        notebook=INVESTIGATION,
        parameters={
            "discrepancy_id": whole,
            "run_folder": str(run.resolve()),
            "inputs_folder": str(inputs.resolve()),
            "state_file": str(state.resolve()) if state else "",
            "history_folder": str(history.resolve()) if history else "",
        },
        folder=run,
        executed=folder / f"{stem}.ipynb",
        html=html or folder / f"{stem}.html",
        title=f"Investigation of {whole}",
    )


def write(report: Report) -> None:
    """Execute the notebook, keep the executed copy, and write the page."""
    # What an earlier report said must not outlive a failure of this one. A place that
    # cannot be written shows here, and not after the notebook.
    report.executed.parent.mkdir(exist_ok=True)
    report.html.touch()
    report.html.unlink()
    with TemporaryDirectory(prefix="kernel-") as sockets:
        papermill.execute_notebook(
            str(report.notebook),
            str(report.executed),
            # As text and by the API: papermill's own command line turns texts into numbers.
            parameters=dict(report.parameters),
            kernel_name="python3",
            cwd=str(PROJECT),
            # Sockets in a folder of this run's own: nobody else on the machine hears the
            # kernel, and two reports at once do not hear each other's.
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/k"}}),
            progress_bar=sys.stderr.isatty(),
        )
    links = os.path.relpath(report.folder.resolve(), report.html.resolve().parent)
    text = page(report.executed, report.title, links)
    report.html.write_text(text, encoding="utf-8")


def page(executed: Path, title: str, links: str) -> str:
    """An executed notebook without its code, complete in itself."""
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]  # nbconvert has no types
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    body, _ = exporter.from_filename(str(executed))
    # Links are made for a page beside the run; everything else with a quote is escaped.
    body = body.replace('href="./', f'href="{escape(Path(links).as_posix(), quote=True)}/')
    return PAGE.format(title=escape(title), plotly=get_plotlyjs(), body=body)


def make(run: Path, html: Path | None = None, history: Path | None = None) -> int:
    """Make the page of a run, tell where it is, and give the exit status."""
    try:
        return made(daily(run, html, history))
    except (NoRunError, DamagedRunError) as error:
        return refuse(error)


def make_month(history: Path, month: str, html: Path | None = None) -> int:
    """Make the page of a month, tell where it is, and give the exit status."""
    try:
        return made(month_end(history, month, html))
    except (NoRunError, DamagedRunError) as error:
        return refuse(error)


def make_investigation(
    id: str,
    *,
    run: Path,
    inputs: Path,
    state: Path | None = None,
    history: Path | None = None,
    html: Path | None = None,
) -> int:
    """Make the page of an investigation, tell where it is, and give the exit status."""
    try:
        return made(
            investigation(
                id, run=run, inputs=inputs, state=state, history=history, html=html
            )
        )
    except (NoRunError, DamagedRunError, WrongUsageError) as error:
        return refuse(error)


def made(report: Report) -> int:
    """Make a report, tell where it is, and give the exit status."""
    print(f"executing {report.notebook.stem} on {report.folder}", file=sys.stderr)
    try:
        write(report)
    except OSError as error:
        return _complain(
            f"{error.filename or report.html} cannot be written ({error.strerror});"
            " give a page in a folder that is there with --html",
            WRONG_USAGE,
        )
    except PapermillExecutionError as error:
        where = report.executed
        return _complain(
            f"{error.ename}: {error.evalue}; the failed notebook is {where}", DAMAGED
        )
    print(f"  notebook {report.executed}")
    print(f"  page     {report.html}")
    return 0


def refuse(error: NoRunError | DamagedRunError | WrongUsageError) -> int:
    """Say why there is nothing to report on, and give the exit status."""
    return _complain(error, DAMAGED if isinstance(error, DamagedRunError) else WRONG_USAGE)


def _complain(what: object, status: int) -> int:
    print(f"python -m recon report: {what}", file=sys.stderr)
    return status
