"""The page of a run: the notebook, executed and complete in itself."""

from __future__ import annotations

from pathlib import Path

from loadtests import notebook
from recon.report import NOTEBOOKS, Report, write

NOTEBOOK = NOTEBOOKS / "load_test_report.ipynb"


def written_about(run: Path, baseline: Path | None, prediction: Path | None) -> Path:
    """Execute the notebook about a finished run, and say where its page is."""
    summary = notebook.load(str(run)).summary
    page = run / NOTEBOOK.with_suffix(".html").name
    write(
        Report(
            notebook=NOTEBOOK,
            parameters={
                "run_folder": str(run.resolve()),
                "baseline_folder": str(baseline.resolve()) if baseline else "",
                "prediction_file": str(prediction.resolve()) if prediction else "",
            },
            folder=run,
            executed=run / NOTEBOOK.name,
            html=page,
            title=f"Load test: {summary['verdict']}",
        )
    )
    return page
