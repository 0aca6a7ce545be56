"""A bucket lets a burst pass and then the rate, whatever the pattern of asking."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core import rate as rates
from toolkit.core.rate import MemoryRates, Rate, Wanted

TEN = Rate(name="ten", per_s=2, burst=10)


class Hands:
    def __init__(self):
        self.now_s = 1_000.0

    def __call__(self):
        return self.now_s


async def allowed(buckets, count, whose="ada"):
    wanted = [Wanted(rate=TEN, whose=whose)]
    return sum([(await buckets.take(wanted))[0].allowed for _ in range(count)])


async def test_a_burst_passes_and_no_more():
    assert await allowed(MemoryRates(Hands()), 50) == 10


async def test_after_a_while_as_many_pass_as_the_rate_says():
    hands = Hands()
    buckets = MemoryRates(hands)
    await allowed(buckets, 50)
    hands.now_s += 3
    assert await allowed(buckets, 50) == 6


async def test_nobody_pays_for_somebody_else():
    buckets = MemoryRates(Hands())
    await allowed(buckets, 50)
    assert await allowed(buckets, 50, "bob") == 10


async def test_who_waits_as_told_is_let_pass():
    hands = Hands()
    buckets = MemoryRates(hands)
    await allowed(buckets, 10)
    (refused,) = await buckets.take([Wanted(rate=TEN, whose="ada")])
    assert (refused.allowed, refused.remaining) == (False, 0)
    hands.now_s += refused.wait_s
    assert await allowed(buckets, 2) == 1


async def test_it_counts_down_what_remains():
    buckets = MemoryRates(Hands())
    left = [(await buckets.take([Wanted(rate=TEN, whose="a")]))[0] for _ in range(10)]
    assert [verdict.remaining for verdict in left] == list(range(9, -1, -1))


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
async def test_no_window_lets_more_pass_than_burst_and_rate(pauses):
    hands, passed = Hands(), []
    buckets = MemoryRates(hands)
    for pause in pauses:
        hands.now_s += pause
        if await allowed(buckets, 1):
            passed.append(hands.now_s)
    for first, earlier in enumerate(passed):
        for later in range(first, len(passed)):
            window_s = passed[later] - earlier
            assert later - first + 1 <= TEN.burst + window_s * TEN.per_s + 1e-6
    assert all(a <= b for a, b in pairwise(passed))


async def test_many_strangers_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(rates, "KEPT_MAX", 100)
    buckets = MemoryRates(Hands())
    for number in range(1_000):
        await allowed(buckets, 1, f"stranger {number}")
    assert len(buckets.full_at_s) <= 100


def test_a_rate_that_lets_nobody_pass_is_refused():
    with pytest.raises(ValueError, match="nobody"):
        Rate(name="none", per_s=0, burst=1)
