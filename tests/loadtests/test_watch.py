"""Lag and rates: what grows is told from what comes and goes, and a restart from a loss."""

from random import Random

import pytest

from loadtests.orders import Segment
from loadtests.schedule import rate_at
from loadtests.watch import Watch, evened, series, slope


def test_a_backlog_that_grows_is_told_from_one_that_comes_and_goes():
    random = Random(7)
    growing = [(t, 3.0 * t + random.gauss(0, 5)) for t in range(30)]
    coming_and_going = [(t, abs(random.gauss(0, 5))) for t in range(30)]

    assert slope(growing) == pytest.approx(3.0, abs=0.5)
    assert slope(coming_and_going) <= 0.0


def test_a_lag_that_only_follows_the_rate_does_not_grow():
    ramp = [Segment(length_s=60.0, from_per_s=1.0, to_per_s=7.0)]
    follows = [(t, 0.5 * rate_at(ramp, t)) for t in range(60)]
    falls_behind = [(t, 0.5 * rate_at(ramp, t) + 0.1 * t * t) for t in range(60)]

    assert slope(follows) > 0.0
    assert slope(evened(follows, ramp)) == pytest.approx(0.0, abs=1e-9)
    assert slope(evened(falls_behind, ramp)) > 0.5


def test_one_that_shrinks_has_a_slope_below_zero():
    assert slope([(t, 100.0 - 2.0 * t) for t in range(20)]) == pytest.approx(-2.0)


def test_too_short_a_look_proves_nothing():
    assert slope([(0.0, 1.0), (1.0, 5.0), (2.0, 9.0)]) is None


def test_a_counter_that_begins_anew_loses_nothing_that_was_seen(tmp_path):
    watch = Watch(tmp_path, {}, None)

    assert [watch._grows("a", value) for value in (100, 130, 5, 25)] == [0, 30, 35, 55]


def test_what_was_seen_is_told_in_seconds_of_the_run(tmp_path):
    (tmp_path / "generator-1.json").write_text('{"origin_s": 1000.0}')
    (tmp_path / "watch.csv").write_text("at_s,what,value\n1002.5,lag,4\n")

    assert series(tmp_path) == {"lag": [(2.5, 4.0)]}
