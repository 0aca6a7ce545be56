"""Records come again, in another order, or are none: whoever hears them is not misled."""

import asyncio
import random
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.schema_registry import SchemaRegistryClient

from tests.faults.observed import PLANTED
from toolkit.core.message import first
from toolkit.infra.clock import SystemClock
from toolkit.infra.schemas import register_schemas
from toolkit.messages.escrow import MarkDelivered, ReleaseFunds, ReleaseReason
from toolkit.messages.topics import PARTITIONS
from toolkit.messages.wire import WireFormat

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("real")]

COMMANDS = "escrow.commands.v1"
LARGEST = 20_000_000
HEARD = (
    *(COMMANDS, "escrow.events.v1", "payments.commands.v1", "payments.events.v1"),
    *("webhook.events.v1", "contracts.events.v1"),
)
EVENTS = "select aggregate_id, version, event_id from {} order by 1, 2"


def events(dsn, aggregates):
    """What happened to these, by the services' own record."""
    with psycopg.connect(dsn) as session:
        return [
            row
            for service in ("escrow", "payments")
            for row in session.execute(EVENTS.format(f"{service}.events"))
            if row[0] in aggregates
        ]


def records(bootstrap):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "echo"})
    places = [TopicPartition(t, n, 0) for t in HEARD for n in range(PARTITIONS[t])]
    missing = sum(consumer.get_watermark_offsets(place)[1] for place in places)
    consumer.assign(places)
    found = []
    while len(found) < missing:
        found += consumer.consume(1_000, timeout=0.2)
    consumer.close()
    return found


def publish(bootstrap, said):
    """Say it as it is, past everything that would be careful."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "message.max.bytes": LARGEST,
        }
    )
    for topic, key, value, headers in said:
        producer.produce(topic, value, key, headers=[*headers, (PLANTED, b"1")])
    assert producer.flush(30) == 0


async def test_what_is_delivered_again_and_in_any_order_changes_nothing(ordeal):
    deployment = ordeal.deployment
    bootstrap = deployment.settings.kafka_bootstrap
    async with ordeal.crowd() as crowd:
        await crowd.sold(3)
    ended = {escrow_id for _, escrow_id in ordeal.witness.contracts}
    before = await asyncio.to_thread(events, deployment.dsn, ended)
    assert before
    async with ordeal.crowd() as crowd:
        again = await asyncio.to_thread(records, bootstrap)
        for seed in (1, 2):
            random.Random(seed).shuffle(again)
            said = [(r.topic(), r.key(), r.value(), r.headers() or []) for r in again]
            await asyncio.to_thread(publish, bootstrap, said)
        await crowd.sold(2)
    assert await asyncio.to_thread(events, deployment.dsn, ended) == before


@pytest.fixture
def wire_format(real_platform):
    with SchemaRegistryClient({"url": real_platform.settings.registry_url}) as registry:
        return WireFormat(register_schemas(registry))


def wire(wire_format, message, key):
    """A command as a stranger writes it: fit for the topic, if not for the state."""
    written = wire_format.encode(first(message, uuid4(), SystemClock().now()))
    return (COMMANDS, key, written.value, list(written.headers))


def poison(wire_format, kind, key):
    delivered = MarkDelivered(escrow_id=key, actor_id="bob", evidence="x")
    topic, _, value, headers = wire(wire_format, delivered, key)
    match kind:
        case "undecodable":
            return (topic, key, b"\x00garbage", headers)
        case "of an unknown type":
            named = [(n, b"EscrowTeleported" if n == "ce_type" else v) for n, v in headers]
            return (topic, key, value, named)
        case "of an unknown schema":
            return (topic, key, value[:1] + b"\x00\x01\x86\x9f" + value[5:], headers)
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind", ["undecodable", "of an unknown type", "of an unknown schema"]
)
async def test_poison_costs_its_own_key_and_nobody_else(ordeal, wire_format, kind):
    deployment = ordeal.deployment
    key = f"poison-{uuid4()}"
    behind = MarkDelivered(escrow_id=key, actor_id="bob", evidence="x")
    async with ordeal.crowd() as crowd:
        said = [poison(wire_format, kind, key), wire(wire_format, behind, key)]
        await asyncio.to_thread(publish, deployment.settings.kafka_bootstrap, said)
        await crowd.sold(2)
    with psycopg.connect(deployment.dsn) as session:
        letters = session.execute(
            "select count(*) from escrow.dead_letters where key = %s", [key]
        ).fetchone()
        parked = session.execute(
            "select count(*) from escrow.parked where key = %s", [key]
        ).fetchone()
    assert (letters, parked) == ((1,), (1,))


async def test_a_command_that_the_state_does_not_allow_is_refused_by_an_event(
    ordeal, wire_format
):
    deployment = ordeal.deployment
    async with ordeal.crowd() as crowd:
        await crowd.sold(1)
        _, escrow_id = ordeal.witness.contracts[0]
        ask = ReleaseFunds(escrow_id=escrow_id, actor_id="ada", reason=ReleaseReason.BUYER)
        said = [wire(wire_format, ask, escrow_id)]
        await asyncio.to_thread(publish, deployment.settings.kafka_bootstrap, said)
        await crowd.sold(1)
    told = events(deployment.dsn, {escrow_id})
    with psycopg.connect(deployment.dsn) as session:
        (refused,) = session.execute(
            "select count(*) from escrow.events where aggregate_id = %s"
            " and type = 'EscrowRefusedCommand'",
            [escrow_id],
        ).fetchone()
    assert told
    assert refused == 1


async def test_a_record_of_ten_megabytes_is_handled_or_buried_and_nobody_waits(
    ordeal, wire_format
):
    """A broker that lets it through is the worst case: ours must not choke on it."""
    deployment = ordeal.deployment
    bootstrap = deployment.settings.kafka_bootstrap
    key = f"large-{uuid4()}"
    large = MarkDelivered(escrow_id=key, actor_id="bob", evidence="x" * 10_000_000)
    await asyncio.to_thread(let_through, bootstrap)
    async with ordeal.crowd() as crowd:
        await asyncio.to_thread(publish, bootstrap, [wire(wire_format, large, key)])
        await crowd.sold(2)


def let_through(bootstrap):
    """Raise the topic's limit, as somebody in a hurry might."""
    entry = ConfigEntry(
        "max.message.bytes", str(LARGEST), incremental_operation=AlterConfigOpType.SET
    )
    topic = ConfigResource(ConfigResource.Type.TOPIC, COMMANDS, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for answer in admin.incremental_alter_configs([topic]).values():
        answer.result(20)
