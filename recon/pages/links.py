"""Links within a page and from it: from a figure to what it is made of."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from urllib.parse import quote

from recon.pages.html import Html
from recon.pages.run import Run


def to_finding(discrepancy_id: str, text: str) -> Html:
    """A link to where the page tells a discrepancy."""
    return Html(f'<a href="#{escape(discrepancy_id)}">{escape(text)}</a>')


def to_code(code: str) -> Html:
    """A link to the first discrepancy of a code."""
    return Html(f'<a href="#code-{escape(code)}">{escape(code)}</a>')


def to_file(path: str, text: str | None = None) -> str:
    """A link to a file of the run; the page puts the way to its folder before it."""
    return f'<a href="./{quote(path)}">{escape(text or path)}</a>'


def way_to(here: Run, path: Path) -> str:
    """From a run's folder to a file elsewhere."""
    return Path(os.path.relpath(path.resolve(), here.folder.resolve())).as_posix()


def to_rows(run: Run, source: str) -> Html | str:
    """A link to the rows that a source gave; its name where they are not beside the run."""
    inputs = run.inputs_folder
    for entry in run.summary["inputs"]:
        if inputs and entry["source"] == source and (inputs / entry["path"]).is_file():
            return Html(to_file(way_to(run, inputs / entry["path"]), entry["path"]))
    return source
