"""How long to wait before another try, and what is worth one."""

from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.bench import NOW
from toolkit.core.errors import Conflict, Declined, Fenced, Unavailable
from toolkit.runtime.retry import FIRST, MOST, backoff, persistently

seeds = st.uuids()
attempts = st.integers(0, 10_000)


@given(attempts, seeds)
def test_a_wait_is_between_half_and_all_of_its_turn(attempt, seed):
    longest = min(FIRST * 2 ** min(attempt, 20), MOST)
    assert longest / 2 <= backoff(attempt, seed) <= longest


@given(attempts, seeds)
def test_a_history_that_is_played_again_waits_the_same(attempt, seed):
    assert backoff(attempt, seed) == backoff(attempt, UUID(int=seed.int))


@given(seeds)
def test_each_try_waits_longer_until_the_longest_wait(seed):
    waits = [backoff(attempt, seed) for attempt in range(0, 12, 2)]
    assert waits == sorted(waits)
    assert backoff(0, seed) <= FIRST


def test_a_crowd_spreads_out():
    seeds = [UUID(int=n * 7919 + 1) for n in range(1_000)]
    waits = sorted(backoff(6, seed) for seed in seeds)
    assert len(set(waits)) > 990
    assert waits[-1] - waits[0] > FIRST


@pytest.mark.parametrize("obstacle", [Conflict("moved on"), Unavailable("no answer")])
def test_what_stands_in_the_way_is_waited_for(bench, obstacle):
    tries = []

    async def work():
        tries.append(bench.clock.now())
        if len(tries) < 4:
            raise obstacle
        return "done"

    assert bench.run(persistently(bench.clock, UUID(int=1), work)) == "done"
    gaps = [late - early for early, late in pairwise(tries)]
    assert gaps == [backoff(n, UUID(int=1)) for n in range(3)]


@pytest.mark.parametrize("failure", [Declined("no"), Fenced("theirs"), ValueError("bug")])
def test_what_no_second_try_mends_passes_through(bench, failure):
    async def work():
        raise failure

    with pytest.raises(type(failure)):
        bench.run(persistently(bench.clock, UUID(int=1), work))
    assert bench.clock.now() == NOW


def test_the_longest_wait_is_minutes_and_not_days():
    assert backoff(10_000, UUID(int=1)) <= timedelta(minutes=5)
