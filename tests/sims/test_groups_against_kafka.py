"""The model of consumer groups beside a real Kafka: who owns what, and after a death."""

import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from sims.world.groups import Group, Protocol, Timing
from tests.sims.test_groups import SIX, World

pytestmark = [pytest.mark.slow, pytest.mark.real, pytest.mark.xdist_group("real")]

SESSION_S, HEARTBEAT_S = 6.0, 1.0  # the shortest session that a broker allows
STRATEGIES = {Protocol.EAGER: "range", Protocol.COOPERATIVE: "cooperative-sticky"}
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
        "partition.assignment.strategy": STRATEGIES[protocol],
        "session.timeout.ms": str(int(SESSION_S * 1_000)),
        "heartbeat.interval.ms": str(int(HEARTBEAT_S * 1_000)),
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
    timing = Timing(session_s=SESSION_S, heartbeat_s=HEARTBEAT_S)
    world.group = Group(world.env, SIX, protocol, timing)
    stays, dies = world.join(), world.join()
    world.env.run(until=60.0)
    shared = (len(stays.owned), len(dies.owned))
    dies.die()
    while len(stays.owned) < len(SIX):
        world.env.run(until=world.env.now + 0.05)
    return shared, world.env.now - 60.0


@pytest.mark.parametrize("protocol", list(STRATEGIES))
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


def test_what_was_not_acknowledged_comes_again_to_the_next_owner(real_broker):
    """Offsets are ours: whoever takes over reads from where the database says."""
    with topic(real_broker) as name:
        producer = Producer({"bootstrap.servers": real_broker})
        for number in range(20):
            producer.produce(name, key=b"k", value=str(number).encode())
        producer.flush(30)
        seen = []
        for _ in range(2):
            consumer = Consumer(settings_of(real_broker, name, Protocol.COOPERATIVE))
            consumer.subscribe([name])
            found = []
            until = time.monotonic() + 60
            while len(found) < 20 and time.monotonic() < until:
                message = consumer.poll(0.2)
                if message and not message.error():
                    found.append(message.value())
            consumer.close()
            seen.append(found)
    assert seen[0] == seen[1]
    assert len(seen[0]) == 20
