"""The notebook's reviewed text and the built notebook are one, and hold no logic."""

import re

import jupytext
import pytest

from recon.report import NOTEBOOK

SOURCE = NOTEBOOK.with_suffix(".py")
LOGIC = re.compile(r"^\s*(def|class|lambda|for|while|if|with|try)\b", re.MULTILINE)


def cells(path):
    return [
        (cell.cell_type, cell.source, cell.metadata.get("tags", []))
        for cell in jupytext.read(path).cells
    ]


def test_the_built_notebook_is_the_reviewed_text():
    assert cells(NOTEBOOK) == cells(SOURCE), f"jupytext --to ipynb --update {SOURCE.name}"


def test_the_built_notebook_carries_no_outputs():
    for cell in jupytext.read(NOTEBOOK).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize(
    "source", [text for kind, text, _ in cells(SOURCE) if kind == "code"]
)
def test_a_cell_is_short_and_decides_nothing(source):
    assert len(source.splitlines()) <= 5
    assert not LOGIC.search(source)


def test_it_ends_in_assertions():
    last = [text for kind, text, _ in cells(SOURCE) if kind == "code"][-3:]
    assert sum(text.count("assert ") for text in last) == 7


def test_its_only_parameter_is_a_folder_as_text():
    [parameters] = [text for _, text, tags in cells(SOURCE) if "parameters" in tags]
    assert parameters == 'run_folder = "out/run"'
