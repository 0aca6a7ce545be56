"""A study begins in the middle of life, and its scenarios share what they can."""

from datetime import timedelta
from statistics import fmean, variance

import pytest

from sims.studies.question import Scenario
from sims.studies.story import Past, alive_at_start, arrivals, pilot, played
from tests.sims.studies.asked import question

DAY = timedelta(days=1)


def test_as_many_are_alive_at_the_start_as_littles_law_says():
    asked, calm = question(escrows_per_day=40), Scenario()
    past = Past(lives=[2 * DAY, 10 * DAY, 30 * DAY])
    counts = [len(list(alive_at_start(asked, calm, past, seed))) for seed in range(60)]
    mean_life = sum(past.lives, timedelta()) / 3 / DAY
    assert fmean(counts) == pytest.approx(40 * mean_life, rel=0.02)
    assert variance(counts) == pytest.approx(40 * mean_life, rel=0.5), "Poisson's law"


def test_growth_keeps_the_contracts_there_are_and_adds_others():
    asked = question(escrows_per_day=50)
    usual = {each.number: each.at for each in arrivals(asked, Scenario(), 3, 0)}
    grown = {each.number: each.at for each in arrivals(asked, Scenario(growth=1.5), 3, 0)}
    assert usual.items() < grown.items()
    assert len(grown) == pytest.approx(1.5 * len(usual), rel=0.25)


def test_a_peak_raises_its_own_days_alone():
    asked = question(escrows_per_day=50)
    peak = Scenario.model_validate({"peaks": [{"day": 2, "factor": 4}]})
    sizes = [len(arrivals(asked, peak, 1, day)) for day in range(4)]
    assert sizes[2] > 2.5 * max(sizes[0], sizes[1], sizes[3])


def test_what_is_held_neither_rises_nor_falls_from_a_start_in_steady_state():
    asked = question(escrows_per_day=20, lasts_days=14, stories=300)
    calm = asked.scenarios["as it is"]
    past = pilot(asked, calm)
    runs = [played(asked, calm, past, number) for number in range(3)]
    held = [[day.held_minor for day in run.days if day.rail == "STRIPE"] for run in runs]
    first = fmean(each for days in held for each in days[:5])
    last = fmean(each for days in held for each in days[-5:])
    assert last == pytest.approx(first, rel=0.35)


def test_equal_seeds_tell_equal_months_and_others_do_not():
    asked = question()
    calm = asked.scenarios["as it is"]
    past = pilot(asked, calm)
    assert played(asked, calm, past, 0) == played(asked, calm, past, 0)
    assert played(asked, calm, past, 0) != played(asked, calm, past, 1)


def test_an_outage_keeps_the_money_of_its_hours_away():
    asked = question(escrows_per_day=30, lasts_days=3)
    calm = Scenario()
    out = Scenario.model_validate(
        {"outages": [{"provider": "stripe", "day": 0, "hour": 0, "lasts_hours": 60}]}
    )
    past = pilot(asked, calm)
    usual, without = (played(asked, each, past, 0).totals for each in (calm, out))
    assert without["paid_in_minor", "STRIPE"] < usual["paid_in_minor", "STRIPE"] / 2
