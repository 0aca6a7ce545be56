"""What others saw of the platform: its broker, its provider and its clients, as tables."""

import threading
from contextlib import contextmanager, suppress
from uuid import UUID

import httpx
import psycopg
from confluent_kafka import Consumer, TopicPartition

from toolkit.assembly import SCHEMAS
from toolkit.escrow import service as escrow
from toolkit.messages.topics import TOPICS
from toolkit.payments import service as payments
from toolkit.projections import service as projections

ROUTES = {
    "escrow": escrow.wire(),
    "payments": payments.wire(),
    "projections": projections.wire(),
}
LISTENS = {
    "escrow": {"escrow.commands.v1", "payments.events.v1", "contracts.events.v1"},
    "payments": {"payments.commands.v1", "webhook.events.v1"},
    "projections": {"escrow.events.v1", "payments.events.v1"},
}
PLANTED = "x-planted"  # a header of what a test has published itself
LOOK_EVERY_S = 0.25
TABLES = """
create schema if not exists observed;
create table if not exists observed.records (
  topic text, partition int, "offset" bigint, key text,
  event_id uuid, type text, version bigint, planted boolean
);
create table if not exists observed.ends (topic text, partition int, next_offset bigint);
create table if not exists observed.heard (service text, topic text, type text);
create table if not exists observed.accepted (command_id uuid, escrow_id text, path text);
create table if not exists observed.contracts (contract_id text, escrow_id text);
create table if not exists observed.provider_objects (escrow_id text, kind text, count int);
create table if not exists observed.provider_balance (minor bigint);
create table if not exists observed.offsets (
  at timestamptz default clock_timestamp(),
  service text, topic text, partition int, epoch bigint, next_offset bigint
);
truncate observed.records, observed.ends, observed.heard, observed.accepted,
  observed.contracts, observed.provider_objects, observed.provider_balance;
"""


def observe(deployment, witness):
    """Write down everything that others know by now."""
    with psycopg.connect(deployment.dsn) as session:
        session.execute(TABLES)
        records, ends = read_broker(deployment.settings.kafka_bootstrap)
        _copy(session, "records", records)
        _copy(session, "ends", ends)
        _copy(session, "heard", heard())
        _copy(session, "accepted", witness.accepted)
        _copy(session, "contracts", witness.contracts)
        with httpx.Client(base_url=deployment.provider_url, timeout=10.0) as provider:
            _copy(session, "provider_objects", provider_objects(provider))
            _copy(session, "provider_balance", [(provider_balance(provider),)])


def heard():
    """Which messages each service is told by the broker; it knows others from itself."""
    return [
        (service, cls.topic, cls.__name__)
        for service, routes in ROUTES.items()
        for cls in routes
        if cls.topic in LISTENS[service]
    ]


def read_broker(bootstrap):
    """Read every topic from its beginning to its end, as a stranger would."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "observer",
            "enable.auto.commit": False,
        }
    )
    wanted, ends = {}, []
    for topic in TOPICS:
        for number in range(topic.partitions):
            place = TopicPartition(topic.name, number)
            low, high = consumer.get_watermark_offsets(place, timeout=20)
            ends.append((topic.name, number, high))
            if high > low:
                wanted[topic.name, number] = high
    records = []
    consumer.assign([TopicPartition(*place, 0) for place in wanted])
    while wanted:
        for message in consumer.consume(1_000, timeout=0.2):
            if message.error():
                raise AssertionError(message.error())
            records.append(_record(message))
            place = (message.topic(), message.partition())
            if message.offset() + 1 >= wanted.get(place, 0):
                wanted.pop(place, None)
    consumer.close()
    return records, ends


def _record(message):
    headers = dict(message.headers() or [])
    text = {
        name: (value or b"").decode(errors="replace") for name, value in headers.items()
    }
    try:
        event_id = UUID(text.get("ce_id", ""))
    except ValueError:
        event_id = None
    version = text.get("ce_sequence", "")
    return (
        *(message.topic(), message.partition(), message.offset()),
        (message.key() or b"").decode(errors="replace"),
        *(event_id, text.get("ce_type")),
        int(version) if version.isdecimal() else None,
        PLANTED in headers,
    )


def provider_objects(provider):
    answer = provider.get("/_sandbox/ledger", params={"reference": "escrow_id"})
    return [
        (escrow_id, kind, found["count"])
        for escrow_id, kinds in answer.json()["entries"].items()
        for kind, found in kinds.items()
    ]


def provider_balance(provider):
    bearer = {"Authorization": "Bearer sk_test_observer"}
    told = provider.get("/v1/balance", headers=bearer).json()
    return sum(each["amount"] for state in ("available", "pending") for each in told[state])


def _copy(session, table, rows):
    rows = list(rows)
    if rows:
        with session.cursor().copy(f"copy observed.{table} from stdin") as out:
            for row in rows:
                out.write_row(row)


@contextmanager
def watched_offsets(dsn):
    """Look at every service's offsets again and again while a block runs."""
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute(TABLES)
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(dsn, over), daemon=True)
    watcher.start()
    yield
    over.set()
    watcher.join()


def _watch(dsn, over):
    while not over.wait(LOOK_EVERY_S):
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(dsn, autocommit=True) as session,
        ):
            for service in ROUTES:
                assert service in SCHEMAS
                session.execute(
                    "insert into observed.offsets"
                    " (service, topic, partition, epoch, next_offset)"
                    f" select '{service}', topic, partition, epoch, next_offset"
                    f" from {service}.offsets"
                )
