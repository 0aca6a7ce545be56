"""Postgres and Kafka in virtual time fail, wait and answer as the real ones do."""

from random import Random

import pytest
import simpy

from sims.world.broker import Hiccups, SimBroker
from sims.world.database import Ailments, SimDatabase
from sims.world.latency import measured
from sims.world.time import ShuffledEnvironment, SimTasks, Wait
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import Envelope, derived
from toolkit.core.ports import Effects, Partition, Posting, Versioned
from toolkit.messages.escrow import EscrowDelivered

TOPIC = "escrow.events.v1"


class House:
    """One database, and coroutines that use it."""

    def __init__(self, **how):
        self.env = simpy.Environment()
        self.tasks = SimTasks(self.env)
        self.database = SimDatabase(
            self.tasks, env=self.env, random=Random(1), lasts=lambda _r, _n: 1.0, **how
        )
        self.told = []

    async def change(self, key, who, *, stays_s=0.0):
        try:
            async with self.database.transaction() as transaction:
                found = await transaction.open([derived(who)], [key])
                version = found.states[key].version if key in found.states else 0
                await Wait(self.env.timeout(stays_s))
                await transaction.write(
                    Effects(states={key: Versioned(who, version + 1)}, found={key: version})
                )
        except (Conflict, Unavailable) as failed:
            self.told.append((who, type(failed).__name__, self.env.now))
        else:
            self.told.append((who, "done", self.env.now))

    def play(self, *works):
        for work in works:
            self.tasks.spawn(work)
        self.env.run()
        return self.told


def test_who_changes_an_aggregate_is_waited_for():
    house = House()
    told = house.play(house.change("E1", "one"), house.change("E1", "two"))
    assert told == [("one", "done", 1.0), ("two", "done", 1.5)]
    assert house.database.states["E1"] == Versioned("two", 2)
    assert house.database.struck["lock_wait"] == 1


def test_without_locks_the_second_is_refused_at_the_commit():
    house = House(locks_rows=False)
    told = house.play(house.change("E1", "one"), house.change("E1", "two"))
    assert [outcome for _, outcome, _ in told] == ["Conflict", "done"]


def test_whoever_sits_on_a_lock_is_ended_by_those_who_wait():
    house = House()
    told = house.play(house.change("E1", "frozen", stays_s=60.0), house.change("E1", "two"))
    assert [(who, outcome) for who, outcome, _ in told] == [
        ("two", "done"),
        ("frozen", "Unavailable"),
    ]
    assert house.database.states["E1"] == Versioned("two", 1)


def test_a_pool_has_so_many_sessions_and_the_next_one_waits():
    house = House(pool=1)
    told = house.play(house.change("E1", "one"), house.change("E2", "two"))
    assert [at for *_, at in told] == [1.0, 1.5]
    assert house.database.struck["pool_wait"] == 1


def test_a_commit_nobody_hears_of_is_a_commit():
    house = House(ailments=Ailments(is_silent_after=1.0))
    assert house.play(house.change("E1", "one"))[0][1] == "Unavailable"
    assert house.database.states["E1"] == Versioned("one", 1)


def test_a_commit_that_is_refused_leaves_no_trace():
    house = House(ailments=Ailments(refuses=1.0))
    assert house.play(house.change("E1", "one"))[0][1] == "Conflict"
    assert not house.database.states


def test_a_failover_ends_what_is_open_and_refuses_what_is_new():
    house = House()

    async def fail():
        await Wait(house.env.timeout(0.1))
        house.database.fail_over(for_s=5.0)
        await house.change("E2", "meanwhile")
        await Wait(house.env.timeout(5.0))
        await house.change("E2", "afterwards")

    outcomes = [
        (who, what) for who, what, _ in house.play(house.change("E1", "one"), fail())
    ]
    assert outcomes == [
        ("meanwhile", "Unavailable"),
        ("one", "Unavailable"),
        ("afterwards", "done"),
    ]
    assert "E1" not in house.database.states


def said(number):
    message = EscrowDelivered(escrow_id="E1", delivered_at=None, auto_release_at=None)
    id = derived("said", str(number))
    told = Envelope(id=id, message=message, occurred_at=None, correlation_id=id)
    return Posting(seq=number, topic=TOPIC, key="E1", cargo=told)


def published(broker, count=10):
    confirmed = []

    async def publish():
        confirmed.append(await broker.publish([said(n) for n in range(count)]))

    SimTasks(broker.env).spawn(publish())
    broker.env.run()
    written = [e.id for log in broker.logs.values() for e in log]
    return confirmed[0], written


def test_what_is_confirmed_is_written_and_what_is_written_may_not_be_confirmed():
    uncertain = 0
    for seed in range(30):
        broker = SimBroker(
            simpy.Environment(), Random(seed), {TOPIC: 1}, hiccups=Hiccups(unconfirmed=1.0)
        )
        confirmed, written = published(broker)
        assert written[: len(confirmed)] == [said(n).cargo.id for n in sorted(confirmed)]
        assert len(confirmed) < 10
        uncertain += len(written) > len(confirmed)
    assert uncertain


def test_a_broker_that_is_away_has_nothing_and_says_nothing():
    broker = SimBroker(simpy.Environment(), Random(1), {TOPIC: 1})
    broker.leave(for_s=60.0)
    assert published(broker) == (set(), [])


def test_a_group_lags_by_what_it_has_not_read():
    broker = SimBroker(simpy.Environment(), Random(1), {TOPIC: 1})
    consumer = broker.consumer("escrow", [TOPIC])
    published(broker)
    assert broker.lag("escrow") == 10
    consumer.positions[Partition(TOPIC, 0)] = 4
    assert broker.lag("escrow") == 6


def first_of_equals(seed):
    env = ShuffledEnvironment(Random(seed))
    order = []
    for name in "abcdef":
        env.timeout(1.0).callbacks.append(lambda _, name=name: order.append(name))
    env.timeout(0.5).callbacks.append(lambda _: order.append("early"))
    env.run()
    return order


def test_a_seed_says_which_of_equal_moments_is_first():
    assert first_of_equals(1) == first_of_equals(1)
    assert len({tuple(first_of_equals(seed)) for seed in range(5)}) > 1
    assert all(first_of_equals(seed)[0] == "early" for seed in range(5))


def test_latencies_are_drawn_as_they_were_measured():
    lasts = measured([0.001] * 98 + [0.001, 0.002, 1.0])
    drawn = sorted(lasts(Random(seed), 1) for seed in range(2_000))
    assert drawn[1_000] == 0.001
    assert 0.002 < drawn[-5] <= 1.0


@pytest.mark.parametrize("quantiles", [[], [1.0], [2.0, 1.0], [-1.0, 1.0]])
def test_what_is_no_distribution_is_refused(quantiles):
    with pytest.raises(ValueError, match="in order"):
        measured(quantiles)
