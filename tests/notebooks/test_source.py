"""Each notebook's reviewed text and the built notebook are one, and hold no logic."""

import re

import jupytext
import pytest

from recon.report import DAILY, INVESTIGATION, MONTH, NOTEBOOKS

PARAMETERS = {
    DAILY: ['run_folder = "out/run"', 'history_folder = ""'],
    INVESTIGATION: [
        'discrepancy_id = "dsc_"',
        'run_folder = "out/run"',
        'inputs_folder = "in/run"',
        'state_file = ""',
        'history_folder = ""',
    ],
    NOTEBOOKS / "capacity_planning.ipynb": ['run_folder = "out/capacity"'],
    NOTEBOOKS / "lifecycle_outlook.ipynb": ['run_folder = "out/studies/inspection_window"'],
    NOTEBOOKS / "fault_search.ipynb": ['run_folder = "out/violation"'],
    NOTEBOOKS / "load_test_report.ipynb": [
        'run_folder = "out/load"',
        'baseline_folder = ""',
        'prediction_file = ""',
    ],
    MONTH: ['history_folder = "reconciliation"', 'month = "2026-11"'],
}
LOGIC = re.compile(r"^\s*(def|class|lambda|for|while|if|with|try)\b", re.MULTILINE)
every = pytest.mark.parametrize("notebook", PARAMETERS, ids=lambda path: path.stem)


def cells(path):
    return [
        (cell.cell_type, cell.source, cell.metadata.get("tags", []))
        for cell in jupytext.read(path).cells
    ]


def code(notebook):
    return [text for kind, text, _ in cells(notebook) if kind == "code"]


@every
def test_the_built_notebook_is_the_reviewed_text(notebook):
    source = notebook.with_suffix(".py")
    assert cells(notebook) == cells(source), f"jupytext --to ipynb --update {source.name}"


@every
def test_the_built_notebook_carries_no_outputs(notebook):
    for cell in jupytext.read(notebook).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@every
def test_a_cell_is_short_and_decides_nothing(notebook):
    for text in code(notebook):
        assert len(text.splitlines()) <= 5
        assert not LOGIC.search(text)


@every
def test_it_ends_in_assertions(notebook):
    *_, last, confirmed = code(notebook)
    assert last.count("assert ") >= 3
    assert "confirmed" in confirmed


@every
def test_its_parameters_are_texts(notebook):
    [parameters] = [text for _, text, tags in cells(notebook) if "parameters" in tags]
    assert parameters.splitlines() == PARAMETERS[notebook]
