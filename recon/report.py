"""Turn a run into the page that a finance analyst reads and signs."""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

import papermill
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError
from plotly.offline import get_plotlyjs
from traitlets.config import Config

from recon.notebook_run import DamagedRunError, NoRunError, load
from recon.verbs.arguments import WRONG_USAGE

PROJECT = Path(__file__).parents[1]
NOTEBOOK = PROJECT / "notebooks" / "daily_reconciliation.ipynb"
DAMAGED = 2
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


def report(folder: Path, html: Path) -> None:
    """Execute the notebook on a run, keep the executed copy, and write the page."""
    run = load(folder)
    # What an earlier report said must not outlive a failure of this one. A place that
    # cannot be written shows here, and not after the notebook.
    html.touch()
    html.unlink()
    executed = folder / NOTEBOOK.name
    with TemporaryDirectory(prefix="kernel-") as sockets:
        papermill.execute_notebook(
            str(NOTEBOOK),
            str(executed),
            # As text and by the API: papermill's own command line turns texts into numbers.
            parameters={"run_folder": str(folder.resolve())},
            kernel_name="python3",
            cwd=str(PROJECT),
            # Sockets in a folder of this run's own: nobody else on the machine hears the
            # kernel, and two reports at once do not hear each other's.
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/k"}}),
            progress_bar=sys.stderr.isatty(),
        )
    links = os.path.relpath(folder.resolve(), html.resolve().parent)
    title = f"Daily reconciliation {run.summary['business_date']}: {run.summary['verdict']}"
    html.write_text(page(executed, title, links), encoding="utf-8")


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


def make(run: Path, html: Path | None = None) -> int:
    """Make a report, tell where it is, and give the exit status."""
    html = html or run / NOTEBOOK.with_suffix(".html").name
    print(f"executing the notebook on {run}", file=sys.stderr)
    try:
        report(run, html)
    except NoRunError as error:
        return _complain(error, WRONG_USAGE)
    except DamagedRunError as error:
        return _complain(error, DAMAGED)
    except OSError as error:
        return _complain(
            f"{error.filename or html} cannot be written ({error.strerror});"
            " give a page in a folder that is there with --html",
            WRONG_USAGE,
        )
    except PapermillExecutionError as error:
        where = run / NOTEBOOK.name
        return _complain(
            f"{error.ename}: {error.evalue}; the failed notebook is {where}", DAMAGED
        )
    print(f"  notebook {run / NOTEBOOK.name}")
    print(f"  page     {html}")
    return 0


def _complain(what: object, status: int) -> int:
    print(f"python -m recon report: {what}", file=sys.stderr)
    return status
