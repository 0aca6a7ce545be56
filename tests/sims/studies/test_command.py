"""A question about months is answered, kept, and described for a reviewer."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from sims.__main__ import main
from sims.given import UnclearError
from sims.stress import stress
from sims.studies.question import read
from tests.sims.studies.asked import ASKED

QUESTIONS = sorted((Path(__file__).parents[3] / "sims/studies/questions").glob("*.yaml"))


def written(folder, **changed):
    path = folder / "asked.yaml"
    path.write_text(yaml.safe_dump({**ASKED, **changed}, sort_keys=False))
    return path


def answer(folder, name, *more):
    output = folder / name
    asked = written(folder)
    assert main(["study", str(asked), "--output", str(output), *more]) == 0
    return output


def test_there_are_ten_questions_and_each_can_be_read():
    assert len(QUESTIONS) >= 10
    for path in QUESTIONS:
        assert len(read(path).scenarios) >= 2, path


@pytest.mark.slow
def test_the_answer_is_kept_in_whole_minor_units_whoever_worked(tmp_path, capsys):
    alone, together = answer(tmp_path, "a", "--workers", "1"), answer(tmp_path, "b")
    assert "money held, mean of the days' ends, by card, in USD" in capsys.readouterr().out
    for name in ("results.parquet", "summary.parquet", "days.parquet", "manifest.json"):
        assert (alone / name).read_bytes() == (together / name).read_bytes(), name
    days = pq.read_table(alone / "days.parquet")
    assert days.schema.field("held_minor").type == pa.int64()
    assert days.num_rows == 2 * 2 * 8 * 2  # scenarios, replications, days, rails

    results = pq.read_table(alone / "results.parquet").to_pylist()
    (held,) = (
        row
        for row in pq.read_table(alone / "summary.parquet").to_pylist()
        if (row["scenario"], row["measure"], row["rail"])
        == ("14 days", "held_mean_minor", "STRIPE")
    )
    values = [
        row["value"]
        for row in results
        if (row["scenario"], row["measure"], row["rail"])
        == ("14 days", "held_mean_minor", "STRIPE")
    ]
    assert held["mean"] in (sum(values) // 2, sum(values) // 2 + 1)

    manifest = json.loads((alone / "manifest.json").read_text())
    assert manifest["seed"] == 5
    assert (alone / "stress.md").read_text() == stress(manifest)
    assert "2 independent replications" in stress(manifest)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"shows": ["glory"]}, "nobody measures glory"),
        ({"scenarios": {}}, "scenarios"),
        ({"scenarios": {"a": {"habits": {"laughs": 1}}}}, "there is no laughs"),
        ({"scenarios": {"a": {"faults": {"webhook_lost": 2}}}}, "is a probability"),
        ({"replications": 1}, "replications"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
def test_what_cannot_be_answered_is_told_by_its_field(tmp_path, changed, named):
    with pytest.raises(UnclearError, match=named):
        read(written(tmp_path, **changed))


def test_a_file_that_is_not_there_and_a_bad_number_are_wrong_usage(tmp_path, capsys):
    assert main(["study", str(tmp_path / "none.yaml")]) == 64
    assert "cannot be read" in capsys.readouterr().err
    assert main(["study", str(written(tmp_path)), "--replications", "1"]) == 64
    assert "--replications 1" in capsys.readouterr().err
