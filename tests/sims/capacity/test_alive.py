"""A peak begins in the middle of stories that last for weeks, and nobody waits for them."""

from datetime import timedelta

import numpy as np
import pytest

from sims.capacity import alive, confirm
from sims.capacity.alive import alive_mean, going_on, stretches
from sims.capacity.flow import Chance
from sims.capacity.question import Question
from sims.capacity.search import answered
from sims.studies.story import Past
from tests.sims.capacity.test_confirmation import PATH

DAY_S = 86_400.0


def past(*stories):
    moments = [[timedelta(seconds=each) for each in story] for story in stories]
    return Past(lives=[max(story) for story in moments], moments=moments)


def test_as_many_are_alive_as_littles_law_says():
    assert alive_mean(past([0, DAY_S], [0, 3 * DAY_S]), rate=2.0) == 2.0 * 2 * DAY_S


def test_as_many_stories_act_in_a_window_as_have_a_moment_in_it():
    told = past([0.0, DAY_S, 9 * DAY_S], [0.0, 3 * DAY_S])
    counts = [len(going_on(told, 5.0, 20.0, Chance(seed=n))) for n in range(300)]
    expected = 5.0 / 2 * 20.0 * (2 + 1)  # each story at each moment that is not its birth
    assert np.mean(counts) == pytest.approx(expected, rel=0.03)
    assert np.var(counts) == pytest.approx(expected, rel=0.25), "Poisson's law"


def test_a_story_with_two_moments_in_one_window_is_drawn_once():
    near = [timedelta(seconds=each) for each in (100, 105, 300)]
    assert list(stretches(near, 20.0)) == [(100.0, 80.0), (105.0, 100.0), (300.0, 280.0)]


@pytest.mark.slow
def test_a_peak_amid_everybodys_stories_handles_more_than_openings(monkeypatch):
    monkeypatch.setattr(confirm, "RUNS", 1)
    monkeypatch.setattr(alive, "TOLD", 150)
    small = {**PATH, "load": {"rate_per_s": 2}, "escrows_confirmed": 10}
    question = Question.model_validate(small)
    (point,) = answered(question)
    alone = confirm.confirmed(question, point.rate, point.plan)
    amid = confirm.confirmed(question, point.rate, point.plan, is_alive=True)
    assert alone.playing == 0
    assert amid.playing > 30
    assert amid.alive > 100_000
    assert amid.unfinished == 0
    assert amid.handled["escrow"] > 1.5 * alone.handled["escrow"]
