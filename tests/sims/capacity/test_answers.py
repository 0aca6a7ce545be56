"""A question in YAML is answered with the smallest plan, or with what stands in the way."""

import json

import pandas as pd
import pytest
import yaml

from sims.__main__ import main
from sims.capacity.question import read
from sims.capacity.search import answered
from sims.given import UnclearError

ASKED = {
    "question": "What keeps 60 messages a second within 200 ms?",
    "load": {"rate_per_s": 60, "keys": 5_000},
    "stages": [
        {
            "name": "escrow",
            "partitions": "search",
            "consumers": "search",
            "message_ms": 20,
            "records_max": 1,
            "cv2": 1.0,
        }
    ],
    "objective": {"quantile": 0.99, "within_ms": 400},
    "one_dies": {"session_timeout_s": 5, "rebalance_s": 1, "back_after_s": 20},
    "rates_per_s": [20],
    "messages_per_run": 5_000,
    "precision": 0.2,
    "seed": 3,
}


def written(tmp_path, **changed):
    path = tmp_path / "question.yaml"
    path.write_text(yaml.safe_dump({**ASKED, **changed}))
    return path


def test_a_plan_grows_with_the_rate_until_the_objective_is_kept(tmp_path):
    low, asked = answered(read(written(tmp_path)))
    assert (low.rate, asked.rate) == (20.0, 60.0)
    assert low.is_met
    assert asked.is_met
    assert asked.sojourn.high <= 0.4
    assert low.plan["escrow"].consumers < asked.plan["escrow"].consumers
    assert asked.plan["escrow"].partitions >= asked.plan["escrow"].consumers


def test_the_answer_is_printed_and_kept(tmp_path, capsys):
    output = tmp_path / "out"
    code = main(["capacity", str(written(tmp_path)), "--output", str(output)])
    assert code == 0
    told = capsys.readouterr().out
    assert "p99 within 400 ms at 60/s holds" in " ".join(told.split())
    curve = pd.read_parquet(output / "curve.parquet")
    assert list(curve["rate_per_s"]) == [20.0, 60.0]
    kept = json.loads((output / "answer.json").read_text())
    assert kept["is_met"]
    assert kept["plan"]["escrow"]["consumers"] >= 2
    assert kept["after_one_death"]["sojourn_max_s"] > 5
    assert kept["after_one_death"]["is_over"]


def test_equal_questions_have_equal_answers(tmp_path):
    first, again = (answered(read(written(tmp_path))) for _ in range(2))
    assert first == again


def test_where_nothing_is_enough_the_stage_in_the_way_is_named(tmp_path, capsys):
    few = written(tmp_path, candidates={"partitions": [2], "consumers": [1]})
    assert main(["capacity", str(few), "--output", str(tmp_path / "out")]) == 1
    assert "escrow stands in the way" in " ".join(capsys.readouterr().out.split())


STAGE = ASKED["stages"][0]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"lod": 1}, "lod"),
        ({"load": {"rate_per_s": -1}}, "load.rate_per_s"),
        ({"stages": []}, "stages"),
        ({"stages": [{**STAGE, "workers": 3}]}, "stages.0"),
        ({"stages": [{**STAGE, "partitions": 3}]}, "searched together"),
        (
            {"stages": [{"name": "a", "partitions": 3, "workers": 2, "message_ms": 1}]},
            "has",
        ),
        ({"load": {"rate_per_s": float("inf")}}, "load.rate_per_s"),
        ({"load": {"rate_per_s": 1, "keys": True}}, "load.keys"),
        ({"stages": [STAGE, STAGE]}, "the same name"),
        ({"candidates": {"consumers": [3, 2]}}, "from small to large"),
        ({"objective": {"quantile": 99, "within_ms": 1}}, "objective.quantile"),
    ],
)
def test_an_unclear_question_is_told_with_its_field(tmp_path, capsys, changed, named):
    path = written(tmp_path, **changed)
    with pytest.raises(UnclearError, match=named):
        read(path)
    assert main(["capacity", str(path)]) == 64
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize("bytes_", [b"\xff\xfe", b"a: [", b"just words"])
def test_a_file_that_is_no_question_is_told_so(tmp_path, bytes_):
    path = tmp_path / "question.yaml"
    path.write_bytes(bytes_)
    with pytest.raises(UnclearError, match=r"question\.yaml"):
        read(path)
    with pytest.raises(UnclearError, match="cannot be read"):
        read(tmp_path / "absent.yaml")
