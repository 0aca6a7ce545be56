"""What `python -m sims` answers, and what it leaves behind."""

import pytest

import sims.laws
from sims.__main__ import main
from sims.scenarios.business_month import WRITTEN

SMALL = ["--seed", "5", "--days", "1", "--escrows-per-day", "1"]


def run(output, *more):
    return main(["run", "business_month", *SMALL, "--output", str(output), *more])


def test_a_month_whose_laws_hold_is_zero(tmp_path, capsys):
    assert run(tmp_path / "out") == 0
    said = capsys.readouterr().out
    for word in ("escrows", "faults", "messages", "sha256", "every law held"):
        assert word in said


def test_it_writes_into_its_output_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("here")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert {path.name for path in (tmp_path / "here").iterdir()} <= set(WRITTEN)


def test_a_broken_law_is_one_and_says_how_to_see_it_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sims.laws, "broken", lambda _: ["escrow E1 never ended: Delivered"])
    assert run(tmp_path / "out") == 1
    said = capsys.readouterr().out
    assert "escrow E1 never ended: Delivered" in said
    assert "python -m sims run business_month --seed 5 --days 1" in said


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert run(tmp_path) == 64
    assert "--force" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_force_replaces_an_earlier_run_and_keeps_what_is_not_its_own(tmp_path, capsys):
    def digest():
        lines = capsys.readouterr().out.splitlines()
        return next(line for line in lines if "sha256" in line)

    run(tmp_path)
    first = digest()
    assert run(tmp_path, "--force") == 0
    assert digest() == first
    (tmp_path / "mine.txt").write_text("mine")
    run(tmp_path, "--force")
    assert digest() == first
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["run", "business_year", "--seed", "1"],
        ["run", "business_month"],
        ["run", "business_month", "--seed", "x"],
        ["run", "business_month", "--seed", "1", "--days", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_sixty_four(argv, capsys):
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 64
    assert "usage: python -m sims" in capsys.readouterr().err


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "python -m sims run business_month --seed 7" in capsys.readouterr().out


def test_list_names_the_scenarios_and_their_questions(capsys):
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("business_month")
    assert "Question:" in said
