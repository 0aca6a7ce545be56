"""A history that breaks a law is kept with its timeline, and drawn."""

import pytest

from sims import notebook
from sims.__main__ import main
from sims.search.timeline import keep
from sims.search.trial import Trial, judged
from tests.sims.mutants.rails import new_idempotency_key_at_each_attempt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def violation(tmp_path_factory):
    """A bug that is planted here: the provider cannot tell a second try from a wish."""
    folder = tmp_path_factory.mktemp("violation")
    with pytest.MonkeyPatch.context() as patch:
        new_idempotency_key_at_each_attempt(patch)
        for seed in range(1, 20):
            found = judged(Trial(seed=seed, kinds=("unknown_outcomes",)))
            if found.broken:
                keep(found, folder)
                return found, folder
    raise AssertionError("no seed found it")


def test_the_story_of_those_who_are_named_is_kept(violation):
    found, folder = violation
    run = notebook.load_violation(folder)
    timeline = notebook.violation_timeline(run)
    assert run.told["broken"] == list(found.broken)
    assert notebook.is_in_order(timeline)
    assert notebook.shows_every_line(timeline, run)
    assert notebook.says_how_to_see_it_again(run)
    assert any(row["Who"] == "payments" for row in timeline.rows)
    assert notebook.concerned(run).rows
    assert found.trial.command in notebook.reproducing(run).text.replace("&gt;", ">")


def test_all_trouble_that_struck_meanwhile_has_its_lane(violation):
    _, folder = violation
    run = notebook.load_violation(folder)
    timeline = notebook.violation_timeline(run)
    struck = {row["What"] for row in timeline.rows if row["Who"] == "trouble"}
    assert struck & {"timed out after", "failed after"}
    drawn = {
        name for trace in notebook.violation_picture(run).figure.data for name in trace.y
    }
    assert struck <= drawn


def test_it_becomes_a_page(violation, capsys):
    _, folder = violation
    page = folder / "page.html"
    asked = ["report", "--notebook", "fault_search", "--run", str(folder)]
    assert main([*asked, "--html", str(page)]) == 0
    text = page.read_text()
    assert "Fault search, seed" in text
    assert "Confirmed" in text
    assert str(page) in capsys.readouterr().out
