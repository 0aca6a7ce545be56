"""The Kafka adapters keep their promises against a broker that speaks the protocol."""

import asyncio
import time
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from toolkit.core.errors import Declined, Unavailable
from toolkit.core.message import first
from toolkit.core.ports import Cursor, Partition, Posting
from toolkit.infra.kafka import KafkaConsumer, KafkaProducer
from toolkit.infra.kafka_guard import Guard
from toolkit.infra.mock_cluster import MOCK_CONSUMER_SETTINGS, MockCluster, Request
from toolkit.messages.escrow import MarkDelivered
from toolkit.messages.topics import RECORD_BYTES_MAX
from toolkit.messages.wire import Wire, WireFormat

TOPIC = MarkDelivered.topic
FORMAT = WireFormat()
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
WAIT = timedelta(seconds=0.2)


@dataclass
class Broker:
    """A broker with our topic in four partitions, and what its consumers are told."""

    bootstrap: str
    settings: dict
    mock: MockCluster | None = None


@pytest.fixture
def mock_broker():
    with MockCluster({TOPIC: 4}) as running:
        yield Broker(running.bootstrap, dict(MOCK_CONSUMER_SETTINGS), running)


REAL = [pytest.mark.real]
pytestmark = pytest.mark.xdist_group("broker")  # one real broker is enough


@pytest.fixture(
    params=["mock", *(pytest.param(p, marks=REAL) for p in ("classic", "consumer"))]
)
def broker(request):
    """The mock cluster; and a real broker, with groups of the old protocol and the new."""
    if request.param == "mock":
        yield request.getfixturevalue("mock_broker")
        return
    bootstrap = request.getfixturevalue("real_broker")
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics([NewTopic(TOPIC, num_partitions=4)]).values():
        made.result(20)
    yield Broker(bootstrap, {"group.protocol": request.param})
    for gone in admin.delete_topics([TOPIC]).values():
        gone.result(20)
    while TOPIC in admin.list_topics(timeout=10).topics:
        time.sleep(0.05)


def posting(seq, key, evidence="a photograph"):
    message = MarkDelivered(escrow_id=key, actor_id="seller", evidence=evidence)
    envelope = first(message, id=uuid5(NAMESPACE_URL, f"{key}/{seq}"), at=NOW)
    return Posting(seq=seq, topic=TOPIC, key=key, cargo=envelope)


@asynccontextmanager
async def producer(broker, guard=None):
    made = KafkaProducer({"bootstrap.servers": broker.bootstrap}, FORMAT, guard)
    yield made
    await made.close()


@asynccontextmanager
async def consumer(broker, group="escrow"):
    settings = {"bootstrap.servers": broker.bootstrap, **broker.settings}
    made = KafkaConsumer(settings, group, [TOPIC], FORMAT)
    yield made
    await made.close()


class Member:
    """A reader that takes over what it is given, from a cursor kept outside."""

    def __init__(self, consumer, offsets):
        self.consumer, self.offsets = consumer, offsets
        self.owned, self.seen = set(), []

    async def turn(self):
        polled = await self.consumer.poll(500, WAIT)
        self.owned -= set(polled.revoked)
        self.owned |= set(polled.assigned)
        await self.consumer.start([self.cursor(p) for p in polled.assigned])
        for delivery in polled.deliveries:
            assert delivery.partition in self.owned
            assert delivery.offset == self.offsets[delivery.partition]
            self.offsets[delivery.partition] += 1
            self.seen.append(delivery)

    def cursor(self, partition):
        return Cursor(partition=partition, epoch=1, offset=self.offsets[partition])


async def until(done, *members, turns=150):
    for _ in range(turns):
        if done():
            return
        await asyncio.gather(*(member.turn() for member in members))
    pytest.fail("it did not happen in time")


async def test_what_is_published_arrives_in_order_of_its_key(broker):
    postings = [posting(seq, key=f"escrow-{seq % 7}") for seq in range(500)]
    async with producer(broker) as sender, consumer(broker) as reader:
        assert await sender.publish(postings) == set(range(500))
        member = Member(reader, defaultdict(int))
        await until(lambda: len(member.seen) >= 500, member)
    arrived = defaultdict(list)
    for delivery in member.seen:
        arrived[delivery.key].append(delivery.envelope)
    for key, envelopes in arrived.items():
        assert envelopes == [p.cargo for p in postings if p.key == key]


async def test_reading_goes_on_where_the_cursor_says(broker):
    offsets = defaultdict(int)
    async with producer(broker) as sender:
        await sender.publish([posting(seq, key="escrow-1") for seq in range(100)])
        async with consumer(broker) as reader:
            member = Member(reader, offsets)
            await until(lambda: len(member.seen) >= 100, member)
        (partition,) = {delivery.partition for delivery in member.seen}
        async with consumer(broker, group="another") as reader:
            later = Member(reader, defaultdict(int, {partition: 60}))
            await until(lambda: len(later.seen) >= 40, later)
    assert [delivery.offset for delivery in later.seen] == list(range(60, 100))


async def test_a_partition_that_was_not_started_delivers_nothing(broker):
    async with producer(broker) as sender, consumer(broker) as reader:
        await sender.publish([posting(seq, key=f"escrow-{seq}") for seq in range(50)])
        assigned = ()
        for _ in range(20):
            polled = await reader.poll(100, WAIT)
            assigned += tuple(polled.assigned)
            assert not polled.deliveries
            if assigned:
                break
        assert set(assigned) == {Partition(TOPIC, number) for number in range(4)}
        for _ in range(5):
            assert not (await reader.poll(100, WAIT)).deliveries


async def test_bytes_that_are_no_message_are_delivered_with_the_reason(broker):
    bad = Wire.of(
        value=b"not ours", headers=(("ce_type", b"MarkDelivered"), ("x", b"\xff"))
    )
    postings = [
        posting(1, key="escrow-1"),
        Posting(seq=2, topic=TOPIC, key="escrow-1", cargo=bad),
        posting(3, key="escrow-1"),
    ]
    async with producer(broker) as sender, consumer(broker) as reader:
        await sender.publish(postings)
        member = Member(reader, defaultdict(int))
        await until(lambda: len(member.seen) >= 3, member)
    good, poison, after = member.seen
    assert good.envelope
    assert after.envelope
    assert poison.envelope is None
    assert "Confluent's framing" in poison.problem
    assert poison.cargo == bad
    assert poison.key == "escrow-1"


async def test_a_cancelled_poll_loses_nothing(broker):
    async with producer(broker) as sender, consumer(broker) as reader:
        member = Member(reader, defaultdict(int))
        await until(lambda: len(member.owned) == 4, member)
        await member.turn()
        waiting = asyncio.ensure_future(reader.poll(100, timedelta(seconds=5)))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await sender.publish([posting(1, key="escrow-1")])
        await until(lambda: len(member.seen) == 1, member)


@pytest.mark.slow
async def test_when_a_member_leaves_the_other_takes_its_partitions_over(broker):
    offsets = defaultdict(int)
    async with producer(broker) as sender, consumer(broker) as reader:
        staying = Member(reader, offsets)
        async with consumer(broker) as second:
            leaving = Member(second, offsets)
            both = (staying, leaving)
            await until(lambda: all(len(m.owned) == 2 for m in both), *both)
            await sender.publish([posting(n, key=f"escrow-{n}") for n in range(200)])
            await until(lambda: sum(len(m.seen) for m in both) == 200, *both)
        await sender.publish([posting(n, key=f"escrow-{n}") for n in range(200, 400)])
        await until(lambda: sum(offsets.values()) == 400, staying)
    assert len(staying.owned) == 4
    assert leaving.seen
    assert len(staying.seen) + len(leaving.seen) == 400


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("broker", ["classic", "consumer"], indirect=True)
async def test_whoever_joins_in_the_midst_takes_half_and_nothing_is_read_twice(broker):
    """Cursors are kept outside, as in the database: each goes on where another ended."""
    offsets = defaultdict(int)
    batches = [
        [posting(n, f"escrow-{n}") for n in range(i, i + 20)] for i in range(0, 400, 20)
    ]
    async with producer(broker) as sender, consumer(broker) as reader:
        first_there = Member(reader, offsets)
        await sender.publish(batches.pop())
        await until(lambda: first_there.seen, first_there)
        async with consumer(broker) as second:
            both = (first_there, Member(second, offsets))

            async def speak():
                for batch in batches:
                    await sender.publish(batch)
                    await asyncio.sleep(0.1)

            speaking = asyncio.ensure_future(speak())
            await until(lambda: all(len(m.owned) == 2 for m in both), *both)
            await speaking
            await until(lambda: sum(offsets.values()) == 400, *both)
    ids = [delivery.envelope.id for member in both for delivery in member.seen]
    assert len(ids) == len(set(ids)) == 400


async def test_a_broker_that_fails_for_a_while_costs_no_order(mock_broker):
    async with producer(mock_broker) as sender, consumer(mock_broker) as reader:
        mock_broker.mock.fail(Request.PRODUCE, 6, 19, 6)  # not the leader, too few replicas
        await sender.publish([posting(seq, key="escrow-1") for seq in range(50)])
        member = Member(reader, defaultdict(int))
        await until(lambda: len(member.seen) >= 50, member)
    assert [d.envelope.id for d in member.seen] == [
        posting(seq, key="escrow-1").cargo.id for seq in range(50)
    ]


@pytest.mark.parametrize("change", [{"topic": "payments.events.v1"}, {"key": "escrow-2"}])
async def test_a_message_is_not_sent_where_it_does_not_belong(mock_broker, change):
    async with producer(mock_broker) as sender:
        with pytest.raises(Declined, match=r"belongs on escrow\.commands\.v1"):
            await sender.publish([replace(posting(1, key="escrow-1"), **change)])


async def test_a_record_too_large_for_the_broker_is_refused_at_once(broker):
    async with producer(broker) as sender:
        with pytest.raises(KafkaException, match="MSG_SIZE_TOO_LARGE"):
            await sender.publish([posting(1, key="escrow-1", evidence="x" * 2_000_000)])


async def test_the_largest_record_that_is_ever_said_is_taken(broker):
    large = posting(1, key="k" * 400, evidence="x" * (RECORD_BYTES_MAX - 1_000))
    async with producer(broker) as sender:
        assert await sender.publish([large]) == {1}


async def test_the_event_loop_runs_while_the_broker_is_away(mock_broker):
    async with producer(mock_broker) as sender, consumer(mock_broker) as reader:
        mock_broker.mock.stop_broker()
        sending = asyncio.ensure_future(sender.publish([posting(1, key="escrow-1")]))
        reading = asyncio.ensure_future(reader.poll(10, WAIT))
        started = asyncio.get_running_loop().time()
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - started < 1
        assert not sending.done()
        mock_broker.mock.start_broker()
        assert await sending == {1}
        await reading


async def test_a_producer_holds_back_before_the_broker_would_forget(mock_broker):
    read = {}
    guard = Guard(50_000, read_up_to=lambda partition: read.get(partition, 0))
    postings = [posting(seq, key="escrow-1", evidence="x" * 1_000) for seq in range(100)]
    async with producer(mock_broker, guard) as sender:
        confirmed = await sender.publish(postings)
        assert confirmed == set(range(len(confirmed)))
        assert 30 < len(confirmed) < 50
        rest = postings[len(confirmed) :]
        with pytest.raises(Unavailable, match="held back"):
            await sender.publish(rest)
        read.update({Partition(TOPIC, number): len(confirmed) for number in range(4)})
        assert await sender.publish(rest[:30]) == {p.seq for p in rest[:30]}


async def test_what_nobody_reads_holds_nothing_back(mock_broker):
    guard = Guard(5_000, read_up_to=lambda _: None)
    async with producer(mock_broker, guard) as sender:
        for seq in range(20):
            one = posting(seq, key="escrow-1", evidence="x" * 1_000)
            assert await sender.publish([one]) == {seq}


async def test_reading_what_the_broker_forgot_is_an_error(broker):
    async with producer(broker) as sender, consumer(broker) as reader:
        await sender.publish([posting(1, key="escrow-1")])
        offsets = defaultdict(lambda: 1_000)
        member = Member(reader, offsets)
        with pytest.raises(KafkaException):
            await until(lambda: False, member)
