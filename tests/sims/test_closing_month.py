"""Houses are sold in a month full of trouble, and every law of closings holds."""

from dataclasses import replace

import pytest

from sims.__main__ import main
from sims.closings import laws
from sims.closings.house import CRASH_POINTS
from sims.scenarios.closing_month import ClosingMonth, ended, run
from sims.world.faults import CALM


@pytest.fixture
def month(tmp_path):
    return ClosingMonth(seed=5, output=tmp_path, days=3, closings_per_day=2.0)


def test_without_trouble_most_houses_are_sold(month):
    house = run(replace(month, faults=CALM, duplicate_probability=0, crashes_per_day=0))
    assert laws.broken(house) == []
    assert ended(house).get("SETTLED", 0) > ended(house).get("CANCELLED", 0)


@pytest.mark.slow
def test_every_law_holds_whatever_is_lost_doubled_or_killed(month):
    house = run(replace(month, days=8, crashes_per_day=4.0, duplicate_probability=0.05))
    assert laws.broken(house) == []
    died = {point for point in CRASH_POINTS if house.dangers.died_at[point]}
    assert len(died) > len(CRASH_POINTS) // 2


@pytest.mark.slow
def test_equal_seeds_tell_equal_stories(month):
    short = replace(month, days=1)
    first, second = run(short), run(short)
    said = [[e.id for e in house.databases["closing"].events] for house in (first, second)]
    assert said[0] == said[1]
    assert said[0]


def broken(month):
    house = run(replace(month, crashes_per_day=0))
    return {sentence.partition(":")[0] for sentence in laws.broken(house)}


def test_a_deal_that_keeps_what_is_nobodys_is_found(month, monkeypatch):
    monkeypatch.setattr("toolkit.closing.decider.fall_through", lambda *_: iter(()))
    restless = replace(month.manners, gives_up=1.0)
    assert "C10" in broken(replace(month, days=2, manners=restless))


def test_a_settlement_before_its_time_is_found(month, monkeypatch):
    monkeypatch.setattr("toolkit.closing.verifications.is_ready", lambda *_: True)
    monkeypatch.setattr(
        "toolkit.closing.state.Transaction.is_verified", property(lambda _: True)
    )
    assert "C4" in broken(month)


def test_the_command_plays_a_month_and_says_that_every_law_held(tmp_path, capsys):
    asked = ["run", "closing_month", "--seed", "3", "--days", "1", "--output"]
    assert main([*asked, str(tmp_path / "out"), "--closings-per-day", "2"]) == 0
    assert "every law held" in capsys.readouterr().out


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine").touch()
    asked = ["run", "closing_month", "--seed", "3", "--output", str(tmp_path)]
    assert main(asked) == 64
    assert "is not empty" in capsys.readouterr().err
