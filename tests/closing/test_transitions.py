"""The table that newcomers read is the decider's own, and every stage has a way on."""

from io import StringIO
from pathlib import Path

from toolkit.closing import transitions
from toolkit.closing.state import Stage

CHECKED_IN = Path(__file__).parents[2] / "docs" / "design" / "closing_transitions.csv"
ENDS = {"SETTLED", "CANCELLED"}


def test_the_table_is_what_the_decider_answers():
    written = StringIO()
    transitions.write(written)
    assert CHECKED_IN.read_text(encoding="utf-8") == written.getvalue(), "make transitions"


def test_every_stage_is_reached_and_all_but_the_ends_are_left():
    rows = list(transitions.rows())
    assert {row.next_stage for row in rows} == set(Stage)
    left = {row.stage.partition(",")[0] for row in rows if row.next_stage != row.stage}
    assert set(Stage) - ENDS <= left
