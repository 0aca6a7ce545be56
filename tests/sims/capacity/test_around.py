"""What stands around an answer: more load, what matters most, and grids."""

import json

import pandas as pd
import pytest

from sims.__main__ import main
from sims.capacity.around import (
    answer,
    grid,
    headroom,
    sensitivities,
    what_ifs,
    with_changes,
)
from sims.capacity.question import Question
from sims.capacity.search import answered
from sims.given import UnclearError
from tests.sims.capacity.test_answers import ASKED, written

TWO_STAGES = {
    **ASKED,
    "rates_per_s": [],
    "stages": [
        ASKED["stages"][0],
        {"name": "quick", "partitions": 6, "consumers": 1, "message_ms": 0.1},
    ],
}


def each(work, jobs):
    return [work(job) for job in jobs]


@pytest.fixture(scope="module")
def asked():
    return Question.model_validate(TWO_STAGES)


@pytest.fixture(scope="module")
def point(asked):
    return answered(asked)[-1]


def test_headroom_ends_where_the_objective_is_no_longer_kept(asked, point):
    more = headroom(asked, point, each)
    held, broken = more.holds_until(point.rate), more.breaks_at
    assert broken is not None
    assert point.rate <= held < broken.rate
    assert broken.bottleneck == "escrow"
    sojourns = [p.sojourn.value for p in more.points if p.sojourn]
    assert sojourns == sorted(sojourns)


def test_the_slow_stage_matters_and_the_quick_one_does_not(asked, point):
    found = sensitivities(asked, point, each)
    names = [each.parameter for each in found]
    assert set(names[:2]) == {"load.rate_per_s", "stages.escrow.message_ms"}
    assert found[0].swing_s >= found[-1].swing_s
    worst = next(e for e in found if e.parameter == "stages.escrow.message_ms")
    assert worst.more.sojourn is None or worst.more.sojourn.value > worst.less.sojourn.value


def test_one_step_less_of_what_was_chosen_does_not_keep_it(asked, point):
    steps = what_ifs(asked, point)
    less = min(steps, key=lambda each: each.plan["escrow"].consumers)
    assert not answer(less).is_met


def test_a_grid_has_every_combination_each_with_its_plan(asked):
    variants = grid(
        asked, {"load.rate_per_s": [20, 60], "stages.escrow.message_ms": [10, 20]}
    )
    assert [v.rate for v in variants] == [20, 20, 60, 60]
    consumers = [answer(v).plan["escrow"].consumers for v in variants]
    assert consumers == sorted(consumers)
    assert consumers[-1] > consumers[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [("load.colour", 1), ("stages.nobody.cv2", 1), ("rate", 2), ("load.rate_per_s", -1)],
)
def test_a_field_that_is_not_there_is_told(asked, field, value):
    with pytest.raises(UnclearError, match=field):
        with_changes(asked, {field: value})


@pytest.mark.slow
def test_what_was_tried_is_printed_and_kept_whoever_worked(tmp_path, capsys):
    question = str(written(tmp_path, rates_per_s=[]))
    sweep = ["--what-if", "--sweep", "load.rate_per_s=20,60"]
    for name, workers in (("a", "1"), ("b", "2")):
        output = str(tmp_path / name)
        assert (
            main(["capacity", question, *sweep, "--workers", workers, "--output", output])
            == 0
        )
    said = capsys.readouterr().out
    assert "what matters most" in said
    assert "Headroom: the plan carries" in said
    for file in ("headroom", "sensitivity", "what_if", "sweep"):
        one, two = (pd.read_parquet(tmp_path / name / f"{file}.parquet") for name in "ab")
        assert one.equals(two), file
    assert list(one["rate_per_s"]) == [20.0, 60.0]
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert "MSER-5" in (tmp_path / "a" / "stress.md").read_text()


def test_an_axis_that_is_none_is_wrong_usage(tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["capacity", str(written(tmp_path)), "--sweep", "rate"])
    assert ended.value.code == 64
    assert main(["capacity", str(written(tmp_path)), "--sweep", "load.colour=1,2"]) == 64
