"""What is wrong with a manifest is never green, and what a dead run left does not stand."""

import json

import pytest

import recon.run
from recon.__main__ import main
from tests.recon.day import Day
from tests.recon.folder import write

RANGE = {"topic": "t", "partition": 0, "first_offset": 0}


@pytest.fixture
def inputs(tmp_path):
    day = Day()
    day.paid("E0")
    return write(day, tmp_path / "in")


def run(inputs, output, day="2026-11-19"):
    asked = ["run", "--day", day, "--inputs", str(inputs), "--output", str(output)]
    return main(asked)


def change(inputs, **changed):
    path = inputs / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def positions(inputs):
    return json.loads((inputs / "manifest.json").read_text())["positions"]


@pytest.mark.parametrize(
    "changed",
    [
        {"as_of": "2026-11-18T23:59:59Z"},
        {"as_of": "9999-12-31T00:00:00Z"},
        {"as_of": "9999-12-31T23:00:00-14:00"},
        {"offset_ranges": [{**RANGE, "last_offset": 10**30}]},
    ],
    ids=["before the day", "no year of ours", "out of time", "no offset"],
)
def test_a_manifest_that_cannot_be_is_refused(inputs, tmp_path, changed, capsys):
    change(inputs, **changed)
    assert run(inputs, tmp_path / "out") == 2
    assert "manifest.json" in capsys.readouterr().err


def test_a_position_of_no_rail_disarms_no_proof(inputs, tmp_path):
    change(inputs, positions=[{**positions(inputs)[0], "rail": "STRIPES"}])
    assert run(inputs, tmp_path / "out") == 2


def test_a_rail_in_small_letters_is_that_rail(inputs, tmp_path):
    small = [{**each, "rail": each["rail"].lower()} for each in positions(inputs)]
    change(inputs, positions=small)
    assert run(inputs, tmp_path / "out") == 0


def test_a_position_that_is_stated_twice_is_refused(inputs, tmp_path):
    change(inputs, positions=[*positions(inputs), positions(inputs)[0]])
    assert run(inputs, tmp_path / "out") == 2


@pytest.mark.parametrize("word", ["infinity", "epoch", "0001-01-01 00:00:00"])
def test_a_word_is_no_time(tmp_path, word):
    day = Day()
    day.paid("E0")
    day.activity[0]["created_utc"] = word
    assert run(write(day, tmp_path / "in"), tmp_path / "out") == 2


@pytest.mark.parametrize("day", ["20261119", "2026-W47-4", "2026-02-30"])
def test_a_day_is_written_in_one_way(inputs, tmp_path, day, capsys):
    with pytest.raises(SystemExit) as refused:
        run(inputs, tmp_path / "out", day)
    assert refused.value.code == 64
    assert "2026-11-19" in capsys.readouterr().err


def test_a_run_that_dies_leaves_no_earlier_verdict_and_can_be_repeated(
    inputs, tmp_path, monkeypatch, capsys
):
    output = tmp_path / "out"
    assert run(inputs, output) == 0
    with monkeypatch.context() as patch:
        patch.setattr(recon.run, "_conclude", lambda *_: 1 // 0)
        assert run(inputs, output) == 70
    assert "our mistake" in capsys.readouterr().err
    assert not (output / "summary.json").exists()
    assert run(inputs, output) == 0
    assert not (output / "unfinished").exists()
