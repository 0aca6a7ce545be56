"""The model of Kafka beside a real one: who owns what and when, and what can be read."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random
from statistics import mean

import pytest
import simpy
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from sims.world.broker import SimBroker
from sims.world.groups import Group, Protocol, Timing
from sims.world.reader import AT_ONCE, Fetching
from sims.world.time import SimTasks
from tests.sims.test_groups import SIX, World
from tests.sims.test_infrastructure import TOPIC, said
from toolkit.core.ports import Cursor

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.xdist_group("real")]

SESSION_S, HEARTBEAT_S = 6.0, 1.0  # the shortest session that a broker allows
CLASSIC = {
    "session.timeout.ms": str(int(SESSION_S * 1_000)),
    "heartbeat.interval.ms": str(int(HEARTBEAT_S * 1_000)),
}
PROTOCOLS = {  # in the last the broker sets the pace: ours has the same
    Protocol.EAGER: {**CLASSIC, "partition.assignment.strategy": "range"},
    Protocol.COOPERATIVE: {
        **CLASSIC,
        "partition.assignment.strategy": "cooperative-sticky",
    },
    Protocol.CONSUMER: {"group.protocol": "consumer"},
}
OTHER = """
import sys
from confluent_kafka import Consumer
settings = dict(line.split("=", 1) for line in sys.argv[2:])
consumer = Consumer(settings)
consumer.subscribe([sys.argv[1]])
while True:
    consumer.poll(0.1)
    print(len(consumer.assignment()), flush=True)
"""


def settings_of(address, group, protocol):
    return {
        "bootstrap.servers": address,
        "group.id": group,
        **PROTOCOLS[protocol],
        "enable.auto.commit": "false",
        "auto.offset.reset": "earliest",
    }


@contextmanager
def topic(address):
    name = f"groups-{time.time_ns()}"
    admin = AdminClient({"bootstrap.servers": address})
    admin.create_topics([NewTopic(name, len(SIX), 1)])[name].result(30)
    yield name
    admin.delete_topics([name])[name].result(30)


def owns(consumer, count, within_s=60.0):
    """Poll until it owns so many; answer how long that took."""
    started = time.monotonic()
    while time.monotonic() < started + within_s:
        consumer.poll(0.05)
        if len(consumer.assignment()) == count:
            return time.monotonic() - started
    raise AssertionError(f"{len(consumer.assignment())} instead of {count}")


def in_the_model(protocol):
    """Two members share; one dies; how many each had, and when the other has all."""
    world = World(protocol)
    usual = Timing.of(protocol)
    timing = replace(usual, session_s=SESSION_S, heartbeat_s=HEARTBEAT_S)
    world.group = Group(world.env, SIX, protocol, timing)
    stays, dies = world.join(), world.join()
    world.env.run(until=60.0)
    shared = (len(stays.owned), len(dies.owned))
    dies.die()
    while len(stays.owned) < len(SIX):
        world.env.run(until=world.env.now + 0.05)
    return shared, world.env.now - 60.0


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_a_group_shares_and_takes_over_as_a_real_one_does(real_broker, protocol):
    with topic(real_broker) as name:
        settings = settings_of(real_broker, f"{name}-{protocol}", protocol)
        stays = Consumer(settings)
        stays.subscribe([name])
        owns(stays, len(SIX))
        given = [f"{key}={value}" for key, value in settings.items()]
        dies = subprocess.Popen([sys.executable, "-c", OTHER, name, *given])
        try:
            owns(stays, len(SIX) // 2)
            time.sleep(2 * HEARTBEAT_S)
        finally:
            dies.kill()
            dies.wait()
        took_s = owns(stays, len(SIX))
        stays.close()
    shared, modelled_s = in_the_model(protocol)
    assert shared == (3, 3)
    assert took_s == pytest.approx(modelled_s, abs=SESSION_S / 2)
    assert took_s > SESSION_S - 2 * HEARTBEAT_S


def filled(address, name, count=20):
    """Write so many records of one key, and so to one partition."""
    producer = Producer({"bootstrap.servers": address})
    for number in range(count):
        producer.produce(name, key=b"k", value=str(number).encode())
    producer.flush(30)


def read(consumer, count, within_s=60.0):
    """Poll until so many have come; answer their offsets."""
    found = []
    until = time.monotonic() + within_s
    while len(found) < count and time.monotonic() < until:
        message = consumer.poll(0.2)
        if message and not message.error():
            found.append((message.partition(), message.offset()))
    return found


def test_what_was_not_acknowledged_comes_again_to_the_next_owner(real_broker):
    """Offsets are ours: whoever takes over reads from where the database says."""
    with topic(real_broker) as name:
        filled(real_broker, name)
        seen = []
        for _ in range(2):
            consumer = Consumer(settings_of(real_broker, name, Protocol.COOPERATIVE))
            consumer.subscribe([name])
            seen.append(read(consumer, 20))
            consumer.close()
    assert seen[0] == seen[1]
    assert len(seen[0]) == 20


def test_who_comes_after_the_retention_begins_at_what_is_left(real_broker):
    with topic(real_broker) as name:
        filled(real_broker, name)
        consumer = Consumer(settings_of(real_broker, name, Protocol.CONSUMER))
        consumer.subscribe([name])
        number = read(consumer, 20)[0][0]
        consumer.close()
        admin = AdminClient({"bootstrap.servers": real_broker})
        forgotten = TopicPartition(name, number, 12)
        admin.delete_records([forgotten])[forgotten].result(30)
        late = Consumer(settings_of(real_broker, f"{name}-late", Protocol.CONSUMER))
        late.subscribe([name])
        seen = [offset for _, offset in read(late, 8)]
        late.close()
    assert seen == list(range(12, 20))
    modelled = Reading(retention_s={TOPIC: 7.5})
    modelled.says(count=20, every_s=1.0)
    assert modelled.read_at(20.0) == seen
    assert [(m.first, m.count) for m in modelled.broker.missed] == [(0, 12)]


def test_a_fetch_that_wants_more_waits_as_long_as_a_real_one(real_broker):
    """A record comes at any moment of the wait, so half of it is what it waits for."""
    wait_s, every_s, count = 1.0, 1.37, 12
    with topic(real_broker) as name:
        settings = {
            **settings_of(real_broker, name, Protocol.CONSUMER),
            "fetch.min.bytes": "100000",
            "fetch.wait.max.ms": str(int(wait_s * 1_000)),
        }
        consumer = Consumer(settings)
        consumer.subscribe([name])
        owns(consumer, len(SIX))
        producer = Producer({"bootstrap.servers": real_broker, "linger.ms": 0})
        waited_s, next_s = [], time.monotonic() + every_s
        while len(waited_s) < count:
            if time.monotonic() >= next_s:
                producer.produce(name, key=b"k", value=repr(time.monotonic()).encode())
                producer.flush(10)
                next_s += every_s
            message = consumer.poll(0.02)
            if message and not message.error():
                waited_s.append(time.monotonic() - float(message.value()))
        consumer.close()
    modelled = Reading(fetching=Fetching(bytes_min=100_000, wait_max_s=wait_s))
    modelled.says(count=count, every_s=every_s)
    modelled.read_at(count * every_s + wait_s)
    assert max(waited_s) < wait_s + 0.5
    assert mean(waited_s) == pytest.approx(mean(modelled.waited_s), abs=0.35)
    assert mean(modelled.waited_s) == pytest.approx(wait_s / 2, abs=0.2)


class Reading:
    """One reader of the model, and when it read what."""

    def __init__(self, retention_s=None, fetching=AT_ONCE):
        self.env = simpy.Environment()
        self.broker = SimBroker(
            self.env, Random(1), {TOPIC: 1}, retention_s=retention_s or {}
        )
        self.broker.protocol = Protocol.CONSUMER
        self.fetching, self.said_s, self.waited_s, self.offsets = fetching, [], [], []
        if not retention_s:
            self.joins()

    def joins(self):
        self.consumer = self.broker.consumer("escrow", [TOPIC], self.fetching)
        SimTasks(self.env).spawn(self.listen())

    async def listen(self):
        while True:
            polled = await self.consumer.poll(500, timedelta(seconds=1))
            if polled.assigned:
                cursors = [Cursor(partition=p, epoch=1, offset=0) for p in polled.assigned]
                await self.consumer.start(cursors)
            for delivery in polled.deliveries:
                self.offsets.append(delivery.offset)
                self.waited_s.append(self.env.now - self.said_s[delivery.offset])

    def says(self, count, every_s):
        for _ in range(count):
            self.env.run(until=self.env.now + every_s)
            self.said_s.append(self.env.now)
            posting = said(len(self.said_s))
            self.broker.append(posting.topic, posting.key, posting.cargo)

    def read_at(self, until_s):
        """Have somebody read what there is now, who may not have been there before."""
        if not self.broker.groups:
            self.joins()
        self.env.run(until=max(until_s, self.env.now) + 0.5)
        return self.offsets
