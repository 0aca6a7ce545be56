"""A provider that is down is left alone, tried once after a rest, and taken back."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.bench import Bench
from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.runtime.breaker import Breaker, Guarded, Standing

REST = timedelta(seconds=30)
SILENCE, NO, BUG = Unavailable("no answer"), Declined("no"), ValueError("bug")


class Provider:
    """Answers as it is told, and counts how often it was asked."""

    def __init__(self, bench):
        self.bench, self.asked = bench, 0
        self.breaker = Breaker("acme", bench.clock, failures_max=3, rest=REST)

    def call(self, outcome="yes", takes_s=0.0):
        async def answer():
            self.asked += 1
            await self.bench.clock.sleep(timedelta(seconds=takes_s))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return self.breaker.call(answer)

    def tell(self, outcome="yes"):
        """Make one call, and answer how it ended."""
        try:
            return self.bench.run(self.call(outcome))
        except (Unavailable, Declined, ValueError) as failure:
            return failure

    def fail(self, times):
        for _ in range(times):
            self.tell(SILENCE)


@pytest.fixture
def provider(bench):
    return Provider(bench)


def test_calls_go_through_while_it_is_closed(provider):
    assert provider.tell("fine") == "fine"
    assert provider.breaker.standing is Standing.CLOSED


def test_silence_after_silence_opens_it(provider):
    provider.fail(2)
    assert provider.breaker.standing is Standing.CLOSED
    provider.fail(1)
    assert provider.breaker.standing is Standing.OPEN


@pytest.mark.parametrize("answer", ["yes", NO])
def test_an_answer_between_starts_the_count_again(provider, answer):
    provider.fail(2)
    provider.tell(answer)
    provider.fail(2)
    assert provider.breaker.standing is Standing.CLOSED


def test_one_that_says_not_yet_for_ever_is_not_left_alone(provider):
    for _ in range(9):
        provider.tell(Unfinished("SENT"))
    assert provider.breaker.standing is Standing.CLOSED


def test_a_bug_of_ours_says_nothing_of_the_provider(provider):
    provider.fail(2)
    provider.tell(BUG)
    assert provider.breaker.failures == 2


def test_while_it_is_open_nobody_is_asked_and_the_reason_is_said(provider):
    provider.fail(3)
    refusal = provider.tell()
    assert provider.asked == 3
    assert isinstance(refusal, Unavailable)
    assert "acme is left alone after 3 calls" in str(refusal)
    assert provider.breaker.refused == 1


def test_after_the_rest_one_call_tries_and_its_answer_closes(bench, provider):
    provider.fail(3)
    bench.let(pass_=REST)
    assert provider.breaker.standing is Standing.HALF_OPEN
    assert provider.tell("back") == "back"
    assert provider.breaker.standing is Standing.CLOSED
    provider.fail(2)
    assert provider.breaker.standing is Standing.CLOSED


def test_a_trial_that_fails_means_another_rest(bench, provider):
    provider.fail(3)
    bench.let(pass_=REST)
    provider.fail(1)
    assert provider.breaker.standing is Standing.OPEN
    assert provider.breaker.trips == 2
    bench.let(pass_=REST)
    assert provider.breaker.standing is Standing.HALF_OPEN


def test_a_trial_that_ends_in_a_bug_leaves_room_for_the_next(bench, provider):
    provider.fail(3)
    bench.let(pass_=REST)
    provider.tell(BUG)
    assert provider.tell("back") == "back"


def test_only_one_tries_at_a_time(bench, provider):
    provider.fail(3)
    bench.let(pass_=REST)
    ended = []

    async def caller(takes_s):
        try:
            ended.append(await provider.call("back", takes_s))
        except Unavailable:
            ended.append("refused")

    for _ in range(3):
        bench.tasks.spawn(caller(5.0))
    bench.let(pass_=timedelta(seconds=6))
    assert sorted(ended) == ["back", "refused", "refused"]


def test_a_call_from_before_it_opened_neither_closes_it_nor_prolongs_its_rest(
    bench, provider
):
    async def straggler(outcome):
        with suppress(Unavailable):
            await provider.call(outcome, takes_s=20.0)

    bench.tasks.spawn(straggler("late answer"))
    bench.tasks.spawn(straggler(SILENCE))
    bench.let(pass_=timedelta(seconds=1))
    provider.fail(3)
    opened_at = provider.breaker.opened_at
    bench.let(pass_=timedelta(seconds=25))
    assert provider.breaker.standing is Standing.OPEN
    assert provider.breaker.opened_at == opened_at


def test_a_trial_that_is_killed_leaves_room_for_the_next(bench, provider):
    provider.fail(3)
    bench.let(pass_=REST)
    bench.tasks.spawn(provider.call("never told", takes_s=60.0))
    bench.let(pass_=timedelta(seconds=1))
    bench.tasks.kill()
    assert provider.tell("back") == "back"


def test_a_guarded_performer_passes_command_and_attempt_on(provider, bench):
    class Rail:
        async def perform(self, command, attempt):
            return [command, attempt]

    guarded = Guarded(Rail(), provider.breaker)
    assert bench.run(guarded.perform("pay", "first")) == ["pay", "first"]


steps = st.lists(
    st.one_of(
        st.sampled_from(["yes", SILENCE, NO, BUG]),
        st.integers(1, 45).map(lambda s: timedelta(seconds=s)),
    ),
    max_size=60,
)


@given(steps)
def test_it_follows_a_plain_account_of_what_a_breaker_does(steps):
    """Count silences by hand, and compare who is asked and where the breaker stands."""
    bench = Bench()
    provider = Provider(bench)
    silences, closed_until, asked = 0, None, 0
    for step in steps:
        now = bench.clock.now()
        if isinstance(step, timedelta):
            bench.let(pass_=step)
            continue
        is_refused = closed_until is not None and now < closed_until
        provider.tell(step)
        if not is_refused:
            asked += 1
            if step is SILENCE:
                silences += 1
                if closed_until is not None or silences >= 3:
                    closed_until = now + REST
            elif step is not BUG:
                silences, closed_until = 0, None
        assert provider.asked == asked
        assert (provider.breaker.standing is Standing.CLOSED) == (closed_until is None)


@settings(max_examples=30)
@given(st.integers(1, 120), st.integers(1, 5))
def test_an_outage_costs_one_call_a_rest(seconds, callers):
    """However many ask every second, the provider hears the first few and one a rest."""
    bench = Bench()
    provider = Provider(bench)
    for _ in range(seconds):
        provider.fail(callers)
        bench.let(pass_=timedelta(seconds=1))
    assert provider.asked <= 3 + seconds // REST.total_seconds()
