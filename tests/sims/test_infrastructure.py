"""Postgres and Kafka in virtual time fail, wait and answer as the real ones do."""

from datetime import timedelta
from random import Random

import pytest
import simpy

from sims.world.broker import Hiccups, Producing, SimBroker
from sims.world.database import Ailments, SimDatabase
from sims.world.groups import Protocol
from sims.world.latency import measured
from sims.world.reader import AT_ONCE, Fetching, gathering
from sims.world.time import ShuffledEnvironment, SimTasks, Wait
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import Envelope, derived
from toolkit.core.ports import Cursor, Effects, Partition, Posting, Versioned
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


def said(number, key="E1"):
    message = EscrowDelivered(escrow_id="E1", delivered_at=None, auto_release_at=None)
    id = derived("said", str(number))
    told = Envelope(id=id, message=message, occurred_at=None, correlation_id=id)
    return Posting(seq=number, topic=TOPIC, key=key, cargo=told)


def published(broker, count=10, keys=("E1",)):
    confirmed = []

    async def publish():
        postings = [said(n, keys[n % len(keys)]) for n in range(count)]
        confirmed.append(await broker.publish(postings))

    SimTasks(broker.env).spawn(publish())
    broker.env.run()
    written = [e.id for log in broker.logs.values() for e in log]
    return confirmed[0], written


def test_what_is_confirmed_is_written_and_what_is_written_may_not_be_confirmed():
    uncertain = 0
    for seed in range(30):
        broker = SimBroker(
            simpy.Environment(),
            Random(seed),
            {TOPIC: 1},
            hiccups=Hiccups(unconfirmed=0.3),
            producing=Producing(batch_records=3),
        )
        confirmed, written = published(broker)
        assert written == [said(n).cargo.id for n in range(len(written))]
        assert confirmed == set(range(len(confirmed)))  # nothing overtook what failed
        assert len(confirmed) in (0, 3, 6, 9, 10)
        uncertain += len(written) > len(confirmed)
    assert uncertain


def test_a_batch_that_failed_holds_up_its_partition_and_no_other():
    keys = ("E1", "E2", "E3", "E4")
    outcomes = set()
    for seed in range(30):
        broker = SimBroker(
            simpy.Environment(), Random(seed), {TOPIC: 6}, hiccups=Hiccups(unconfirmed=0.5)
        )
        confirmed, _ = published(broker, count=8, keys=keys)
        for key in keys:
            of_it = {n for n in range(8) if keys[n % 4] == key}
            assert of_it <= confirmed or not of_it & confirmed
        outcomes.add(len(confirmed))
    assert outcomes >= {0, 8}
    assert outcomes - {0, 8}


@pytest.mark.parametrize(("count", "took_s"), [(10, 0.0), (9, 5.0)])
def test_a_batch_that_is_not_full_waits_for_more(count, took_s):
    broker = SimBroker(
        simpy.Environment(),
        Random(1),
        {TOPIC: 1},
        producing=Producing(linger_s=5.0, batch_records=10),
    )
    published(broker, count=count)
    assert broker.env.now == pytest.approx(took_s, abs=0.1)


def test_partitions_on_other_brokers_have_their_records_later():
    broker = SimBroker(
        simpy.Environment(), Random(1), {TOPIC: 6}, producing=Producing(apart_s=10.0)
    )
    moments = set()
    broker.watchers.append(lambda _partition, _envelope: moments.add(broker.env.now))
    confirmed, _ = published(broker, count=12, keys=("E1", "E2", "E3", "E4"))
    assert len(confirmed) == 12
    assert len(moments) > 1


class Reader:
    """One consumer of a broker with one partition, and when it got what."""

    def __init__(self, fetching=AT_ONCE, **broker):
        self.env = simpy.Environment()
        self.broker = SimBroker(self.env, Random(1), {TOPIC: 1}, **broker)
        self.broker.protocol = Protocol.CONSUMER
        self.fetching, self.got = fetching, []

    def begins(self):
        self.consumer = self.broker.consumer("escrow", [TOPIC], self.fetching)
        SimTasks(self.env).spawn(self.listen())

    async def listen(self):
        while True:
            polled = await self.consumer.poll(500, timedelta(seconds=1))
            if polled.assigned:
                cursors = [Cursor(partition=p, epoch=1, offset=0) for p in polled.assigned]
                await self.consumer.start(cursors)
            self.got += [(d.offset, self.env.now) for d in polled.deliveries]

    def says(self, at_s, count=1):
        self.env.run(until=at_s)
        for _ in range(count):
            posting = said(len(self.broker.logs[Partition(TOPIC, 0)]))
            self.broker.append(posting.topic, posting.key, posting.cargo)

    def offsets_until(self, at_s):
        self.env.run(until=at_s)
        return [offset for offset, _ in self.got]


def test_a_fetch_waits_until_it_has_enough_or_its_time_is_over():
    reader = Reader(Fetching(bytes_min=3_000, wait_max_s=100.0))
    reader.begins()
    reader.says(30.0)
    assert reader.offsets_until(99.0) == []
    assert reader.offsets_until(101.0) == [0]
    reader.says(120.0, count=2)
    assert reader.offsets_until(121.0) == [0]
    reader.says(125.0)
    assert reader.offsets_until(126.0) == [0, 1, 2, 3]


def test_who_gathers_hears_of_its_group_all_the_same():
    reader = Reader(gathering(1_000.0))
    reader.begins()
    reader.says(10.0)
    other = Reader(gathering(1_000.0))
    other.env, other.broker = reader.env, reader.broker
    other.begins()
    reader.env.run(until=60.0)
    owned = [each.consumer.member.owned for each in (reader, other)]
    assert sorted(map(len, owned)) == [0, 1]
    reader.env.run(until=2_100.0)
    assert [offset for offset, _ in reader.got + other.got] == [0]


def test_who_comes_after_the_retention_has_missed_something():
    reader = Reader(retention_s={TOPIC: 55.0})
    for number in range(10):
        reader.says(10.0 * (number + 1))
    reader.begins()
    assert reader.offsets_until(101.0) == [4, 5, 6, 7, 8, 9]
    (gap,) = reader.broker.missed
    assert (gap.group, gap.first, gap.count) == ("escrow", 0, 4)


def test_who_reads_in_time_misses_nothing():
    reader = Reader(retention_s={TOPIC: 60.0})
    reader.begins()
    for number in range(10):
        reader.says(10.0 * (number + 1))
    assert reader.offsets_until(1_000.0) == list(range(10))
    assert reader.broker.missed == []


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
