"""The agenda worker: timers speak once, providers are asked until they have answered."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest

from sims.world.time import SimTasks, Wait
from tests.runtime.bench import HOUR, Answered, Call, Remind, add, delivered
from toolkit.core.errors import Declined, Unavailable
from toolkit.runtime.agenda import LEASE, AgendaWorker


@dataclass
class Provider:
    """Takes its time, and refuses to answer so often."""

    bench: object
    takes_s: float = 1.0
    failures: list = field(default_factory=list)
    attempts: list = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def perform(self, command, attempt):
        self.attempts.append(attempt)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await Wait(self.bench.env.timeout(self.takes_s))
        self.busy -= 1
        if self.failures:
            raise self.failures.pop()
        return [Answered(counter_id=command.counter_id)]


@pytest.fixture
def provider(bench):
    return Provider(bench)


def work(bench, provider, *, limit=32, tasks=None):
    tasks = tasks or bench.tasks
    worker = AgendaWorker(
        bench.database, bench.handler, provider.perform, bench.clock, tasks, limit
    )
    tasks.spawn(worker.run())


def call(number, key="a"):
    return delivered(Call(counter_id=key), number)


def said(bench, type_):
    return [
        p.cargo.message for p in bench.database.outbox.values() if p.cargo.type == type_
    ]


def test_an_answer_comes_back_as_a_fact_and_ends_the_entry(bench, provider):
    bench.handle(call(1))
    work(bench, provider)
    bench.let(pass_=HOUR)
    assert said(bench, "Answered") == [Answered(counter_id="a")]
    assert bench.database.agenda == {}


def test_no_more_are_asked_at_once_than_allowed(bench, provider):
    bench.handle(*(call(n, f"k{n}") for n in range(50)))
    work(bench, provider, limit=5)
    bench.let(pass_=timedelta(seconds=10.5))
    assert provider.busiest == 5
    assert len(said(bench, "Answered")) == 50


def test_a_slow_call_holds_up_no_other(bench, provider):
    provider.takes_s = 60.0
    bench.handle(call(1))
    work(bench, provider)
    bench.let(pass_=timedelta(seconds=10))
    provider.takes_s = 1.0
    bench.handle(call(2, "b"))
    bench.let(pass_=timedelta(seconds=5))
    assert said(bench, "Answered") == [Answered(counter_id="b")]


def test_without_an_answer_it_is_asked_again_later_and_later(bench, provider):
    provider.failures = [Unavailable("no answer")] * 6
    bench.handle(call(1))
    work(bench, provider)
    bench.let(pass_=HOUR)
    asked_at = [attempt.now for attempt in provider.attempts]
    gaps = [late - early for early, late in pairwise(asked_at)]
    assert len(gaps) == 6
    assert all(gap < later for gap, later in zip(gaps, gaps[2:], strict=False))


def test_every_try_has_the_same_key_and_its_own_number(bench, provider):
    provider.failures = [Unavailable("no answer")] * 3
    bench.handle(call(1))
    work(bench, provider)
    bench.let(pass_=HOUR)
    assert len({attempt.key for attempt in provider.attempts}) == 1
    assert len({attempt.since for attempt in provider.attempts}) == 1
    assert [attempt.number for attempt in provider.attempts] == [0, 1, 2, 3]


@pytest.mark.parametrize("bug", [Declined("nobody took this"), KeyError("id")])
def test_a_bug_in_one_call_stops_no_other(bench, provider, bug):
    provider.failures = [bug]
    bench.handle(call(1))
    bench.handle(call(2, "b"))
    work(bench, provider)
    bench.let(pass_=HOUR)
    assert len(said(bench, "Answered")) == 2


def test_a_worker_that_dies_leaves_its_calls_to_the_next_after_the_lease(bench, provider):
    provider.takes_s = 30.0
    bench.handle(call(1))
    first = SimTasks(bench.env)
    work(bench, provider, tasks=first)
    bench.let(pass_=timedelta(seconds=10))
    first.kill()
    work(bench, provider)
    bench.let(pass_=LEASE - timedelta(seconds=20))
    assert len(provider.attempts) == 1
    bench.let(pass_=HOUR)
    assert len(provider.attempts) == 2
    assert len(said(bench, "Answered")) == 1


def test_two_workers_do_not_ask_for_the_same(bench, provider):
    bench.handle(*(call(n, f"k{n}") for n in range(20)))
    work(bench, provider, limit=3)
    work(bench, provider, limit=3)
    bench.let(pass_=HOUR)
    assert len(provider.attempts) == 20


def test_a_timer_speaks_once_when_it_is_due(bench, provider):
    bench.handle(delivered(Remind(counter_id="a", name="tea"), 1))
    work(bench, provider)
    bench.let(pass_=HOUR - timedelta(seconds=1))
    assert said(bench, "Add") == []
    bench.let(pass_=timedelta(seconds=2))
    assert len(said(bench, "Add")) == 1
    bench.let(pass_=48 * HOUR)
    assert len(said(bench, "Add")) == 1
    assert bench.database.agenda == {}


def test_a_timer_that_is_moved_speaks_at_its_new_time_only(bench, provider):
    bench.handle(delivered(Remind(counter_id="a", name="tea"), 1))
    work(bench, provider)
    bench.let(pass_=HOUR / 2)
    bench.handle(delivered(Remind(counter_id="a", name="tea", after=2 * HOUR), 2))
    bench.let(pass_=HOUR)
    assert said(bench, "Add") == []
    bench.let(pass_=2 * HOUR)
    assert len(said(bench, "Add")) == 1


def test_an_answer_meets_what_was_handled_meanwhile(bench, provider):
    provider.takes_s = 30.0
    bench.handle(call(1))
    work(bench, provider)
    bench.let(pass_=timedelta(seconds=10))
    bench.handle(add(2))
    bench.let(pass_=HOUR)
    assert [e.version for e in bench.database.events] == [1, 2]


def test_a_provider_that_says_how_long_is_left_alone_for_that_long(bench, provider):
    provider.failures.append(Unavailable("too fast", retry_after=HOUR))
    bench.handle(call(1))
    work(bench, provider)
    bench.env.run(until=HOUR.total_seconds())
    assert len(provider.attempts) == 1
    bench.env.run(until=2 * HOUR.total_seconds())
    assert len(provider.attempts) == 2
