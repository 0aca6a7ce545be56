"""The relay: what was said reaches the broker in order, at least once."""

from dataclasses import dataclass, field

import pytest

from sims.world.time import SimTasks, Wait
from tests.runtime.bench import add
from toolkit.core.errors import Unavailable
from toolkit.runtime.relay import Relay


@dataclass
class Broker:
    """Takes a second to write, and sometimes confirms only so many, or nothing."""

    bench: object
    written: list = field(default_factory=list)
    confirms: list = field(default_factory=list)
    silences: int = 0

    async def publish(self, postings):
        await Wait(self.bench.env.timeout(1))
        if self.silences:
            self.silences -= 1
            raise Unavailable("no broker")
        count = self.confirms.pop(0) if self.confirms else len(postings)
        self.written += [p.cargo.message.total for p in postings]
        return {p.seq for p in postings[:count]}


@pytest.fixture
def broker(bench):
    return Broker(bench)


def relay(bench, broker, tasks=None):
    one = Relay("counting", bench.database, broker, bench.clock, limit=4)
    (tasks or bench.tasks).spawn(one.run())


def test_what_was_said_is_published_in_order_and_deleted(bench, broker):
    bench.handle(add(1, amount=10))
    relay(bench, broker)
    bench.env.run(until=60)
    assert broker.written == list(range(1, 11))
    assert bench.database.outbox == {}


def test_what_is_said_later_wakes_it(bench, broker):
    relay(bench, broker)
    bench.env.run(until=1_000)
    bench.handle(add(1))
    bench.env.run(until=1_002)
    assert broker.written == [1]


def test_what_was_not_confirmed_stays_and_is_said_again(bench, broker):
    broker.confirms = [2]
    bench.handle(add(1, amount=4))
    relay(bench, broker)
    bench.env.run(until=60)
    assert broker.written == [1, 2, 3, 4, 3, 4]
    assert bench.database.outbox == {}


def test_a_broker_that_is_away_loses_nothing(bench, broker):
    broker.silences = 8
    bench.handle(add(1, amount=3))
    relay(bench, broker)
    bench.env.run(until=3_600)
    assert broker.written == [1, 2, 3]


def test_it_asks_an_absent_broker_ever_more_rarely(bench, broker):
    broker.silences = 10**6
    bench.handle(add(1))
    relay(bench, broker)
    bench.env.run(until=3_600)
    asked = 10**6 - broker.silences
    assert 10 < asked < 60


@pytest.mark.parametrize("dies_at", [0.5, 1.0, 1.5, 2.5, 3.5])
def test_one_that_dies_at_any_moment_loses_and_reorders_nothing(bench, broker, dies_at):
    bench.handle(add(1, amount=10))
    first = SimTasks(bench.env)
    relay(bench, broker, first)
    bench.env.run(until=dies_at)
    first.kill()
    relay(bench, broker)
    bench.env.run(until=60)
    assert list(dict.fromkeys(broker.written)) == list(range(1, 11))
    assert bench.database.outbox == {}


def test_two_of_them_do_not_publish_side_by_side(bench, broker):
    bench.handle(add(1, amount=10))
    relay(bench, broker)
    relay(bench, broker)
    bench.env.run(until=60)
    assert broker.written == list(range(1, 11))
