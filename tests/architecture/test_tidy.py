"""Properties of the code itself that no linter checks for us."""

import ast
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
ROOMS = ("toolkit", "sims", "recon", "deploy", "loadtests", "tests")
SOURCES = [
    path.relative_to(HOUSE)
    for room in ROOMS
    for path in sorted((HOUSE / room).rglob("*.py"))
    if "pb" not in path.parts and path.stat().st_size
]
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
LEFTOVERS = ("FIX" + "ME", "TO" + "DO", "XX" + "X")


@pytest.fixture(params=SOURCES, ids=str)
def source(request):
    return (HOUSE / request.param).read_text(encoding="utf-8")


def test_a_module_opens_with_one_sentence_about_itself(source):
    summary = (ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0]
    assert summary.endswith((".", "?", "`", ")")), (
        "the first line of a module says what it is for"
    )


def test_a_module_fits_in_the_head(source):
    assert source.count("\n") <= LINES_MAX
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno
            assert length < FUNCTION_LINES_MAX, f"{node.name} scrolls off the screen"


def test_nothing_is_left_for_later(source):
    assert not [word for word in LEFTOVERS if word in source]
