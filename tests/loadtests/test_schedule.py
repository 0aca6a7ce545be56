"""When people arrive: from a seed, at the rate that is meant, whatever the workers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from loadtests.orders import Segment
from loadtests.schedule import arrivals, rate_at

RAMP = [
    Segment(length_s=100.0, from_per_s=0.0, to_per_s=20.0),
    Segment(length_s=100.0, from_per_s=40.0, to_per_s=40.0),
]


def test_equal_seeds_give_equal_arrivals():
    mix = {"escrow": 2.0, "reading": 1.0}

    assert list(arrivals(RAMP, mix, 7)) == list(arrivals(RAMP, mix, 7))
    assert list(arrivals(RAMP, mix, 7)) != list(arrivals(RAMP, mix, 8))


def test_as_many_come_as_the_profile_says_and_when_it_says():
    moments = [arrival.at_s for arrival in arrivals(RAMP, {"escrow": 1.0}, 7)]

    ramp = sum(at_s < 100.0 for at_s in moments)
    assert moments == sorted(moments)
    assert 900 < ramp < 1_100
    assert 3_800 < len(moments) - ramp < 4_200


def test_gaps_between_arrivals_are_as_spread_as_they_are_long():
    """A Poisson process has that; a metronome has no spread at all."""
    steady = [Segment(length_s=500.0, from_per_s=20.0, to_per_s=20.0)]
    moments = [arrival.at_s for arrival in arrivals(steady, {"escrow": 1.0}, 3)]
    gaps = [b - a for a, b in pairwise(moments)]

    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert 0.95 < spread / mean < 1.05


@given(some.floats(min_value=0.0, max_value=300.0))
def test_the_rate_never_leaves_what_the_segments_say(at_s):
    assert 0.0 <= rate_at(RAMP, at_s) <= 40.0


def test_where_nobody_is_meant_to_come_nobody_comes():
    silence = [Segment(length_s=10.0, from_per_s=0.0, to_per_s=0.0)]

    assert list(arrivals(silence, {"escrow": 1.0}, 7)) == []
    assert list(arrivals([], {"escrow": 1.0}, 7)) == []
