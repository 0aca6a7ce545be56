"""Archive, event tables and topics are told equal where they are, and unequal by name."""

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from confluent_kafka import Producer
from hypothesis import given

from recon.__main__ import main
from recon.copies.messages import payload_of
from tests.messages.examples import ENVELOPES, unhurried
from toolkit.archive.files import append
from toolkit.archive.service import _readable
from toolkit.core.message import Envelope
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Delivery, Partition
from toolkit.infra.mock_cluster import MockCluster
from toolkit.infra.postgres import wires
from toolkit.messages.escrow import EscrowCreated, EscrowDelivered, Rail
from toolkit.messages.payload import payload_json
from toolkit.messages.wire import Wire, WireFormat

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
TOPIC = EscrowCreated.topic
FORMAT = WireFormat()
TABLES = (
    Path(__file__).parents[2] / "toolkit/infra/postgres/runtime/0001_runtime.sql"
).read_text(encoding="utf-8")


def envelope(number, *, version=1, escrow=None, at=NOW, money=12_300):
    escrow = escrow or f"E{number}"
    if version == 1:
        message = EscrowCreated(
            escrow_id=escrow,
            contract_id=f"C{number}",
            buyer_id="B",
            seller_id="S",
            rail=Rail.STRIPE,
            amount=Money(money, Currency.USD),
        )
    else:
        message = EscrowDelivered(escrow_id=escrow, delivered_at=at, auto_release_at=at)
    return Envelope(
        id=UUID(int=number),
        message=message,
        occurred_at=at + timedelta(microseconds=number),
        correlation_id=UUID(int=number),
        causation_id=None,
        version=version,
    )


HISTORY = [
    *(envelope(number) for number in range(1, 8)),
    *(envelope(number, version=2, escrow=f"E{number - 10}") for number in range(11, 14)),
]


def archived(root, envelopes):
    """What the archivist writes, in two partitions."""
    placed = defaultdict(list)
    for each in envelopes:
        partition = Partition(TOPIC, int(each.key[1:]) % 2)
        offset = len(placed[partition])
        delivery = Delivery(
            partition=partition, offset=offset, key=each.key, envelope=each, cargo=each
        )
        placed[partition].append(_readable(delivery, each))
    for partition, rows in placed.items():
        append(root, partition, first=0, goes_on_at=len(rows), readable=rows)
    return root


def recorded(dsn, envelopes, schema="escrow"):
    """What a service commits."""
    with psycopg.connect(dsn) as session:
        session.execute(f"create schema {schema}")
        session.execute(f"set search_path to {schema}")
        session.execute(TABLES)
        for each in envelopes:
            wire = FORMAT.encode(each)
            session.execute(
                "insert into events values (%s, %s, %s, %s, %s, %s, %s, %s, null, %s, %s)",
                [
                    *(TOPIC, each.key, each.version, each.id, each.type),
                    *(each.occurred_at, each.correlation_id, each.causation_id),
                    *(wire.value, wires.pack(wire)),
                ],
            )


def published(bootstrap, envelopes):
    """What a relay sends."""
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 2})
    for each in envelopes:
        wire = FORMAT.encode(each)
        headers = list(wire.headers)
        producer.produce(TOPIC, wire.value, each.key.encode(), headers=headers)
    assert producer.flush(10) == 0


@pytest.fixture
def compared(tmp_path, postgres_dsn, monkeypatch, capsys):
    """Run the command on an archive and event tables; answer status and document."""
    monkeypatch.setenv("RECON_POSTGRES_DSN", postgres_dsn)

    def run(in_archive, in_tables, *options):
        archived(tmp_path / "archive", in_archive)
        recorded(postgres_dsn, in_tables)
        asked = ["compare-events", "--archive", str(tmp_path / "archive"), "--postgres"]
        status = main([*asked, "--json", *options])
        said = capsys.readouterr()
        assert said.out, said.err
        return status, json.loads(said.out)

    return run


def named(document):
    return {(d["kind"], d["event_id"], d["differs_in"]) for d in document["differences"]}


def test_equal_copies_are_equal(compared):
    status, found = compared(HISTORY, HISTORY)
    assert (status, found["is_equal"]) == (0, True)
    assert found["events"] == {"archive": len(HISTORY), "event_tables": len(HISTORY)}


def test_an_event_that_the_archive_holds_twice_is_one(compared):
    assert compared([*HISTORY, HISTORY[2]], HISTORY)[0] == 0


def test_an_event_that_one_lacks_is_named_with_where_it_is(compared):
    status, found = compared(HISTORY[1:], HISTORY[:-1])
    assert status == 1
    assert named(found) == {
        ("ONLY_IN_ONE", str(HISTORY[0].id), ""),
        ("ONLY_IN_OTHER", str(HISTORY[-1].id), ""),
    }


def test_another_payload_is_named(compared):
    status, found = compared([envelope(1, money=12_301), *HISTORY[1:]], HISTORY)
    assert status == 1
    assert named(found) == {("DIFFERS", str(HISTORY[0].id), "payload")}


def test_another_version_is_named(compared):
    other = envelope(11, version=3, escrow="E1")
    rest = [each for each in HISTORY if each.id != other.id]
    status, found = compared([*rest, other], HISTORY)
    assert status == 1
    assert named(found) == {("DIFFERS", str(other.id), "aggregate_version")}


def test_two_events_of_one_version_are_named(compared):
    rival = envelope(99, escrow="E1")
    _, found = compared([*HISTORY, rival], HISTORY)
    both = f"{HISTORY[0].id} {rival.id}"
    assert named(found) == {
        ("VERSION_TWICE", both, ""),
        ("ONLY_IN_OTHER", str(rival.id), ""),
    }


def test_one_id_with_two_contents_is_named(compared):
    _, found = compared([*HISTORY, envelope(1, money=5)], HISTORY)
    assert ("ID_TWICE", str(HISTORY[0].id), "") in named(found)


def test_a_day_looks_at_its_own_events_only(compared):
    before = envelope(50, at=NOW - timedelta(days=1))
    assert compared([*HISTORY, before], HISTORY, "--day", "2026-11-19")[0] == 0


def test_all_differences_are_in_the_file(compared, tmp_path):
    compared(HISTORY[:1], HISTORY, "--output", str(tmp_path / "differences.csv"))
    with (tmp_path / "differences.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(HISTORY) - 1


def test_a_database_that_does_not_answer_could_not_be_read(tmp_path, monkeypatch, capsys):
    archived(tmp_path / "archive", HISTORY)
    secret = "postgresql://reader:not_to_be_told@127.0.0.1:1/events"  # noqa: S105 - of nobody
    monkeypatch.setenv("RECON_POSTGRES_DSN", secret)
    asked = ["compare-events", "--archive", str(tmp_path / "archive"), "--postgres"]
    assert main(asked) == 2
    said = capsys.readouterr()
    assert "cannot be read" in said.err
    assert "not_to_be_told" not in said.out + said.err


def test_one_place_alone_is_wrong_usage(tmp_path):
    assert main(["compare-events", "--archive", str(tmp_path)]) == 64


def test_topics_are_read_from_their_beginning_to_now(tmp_path, capsys):
    archived(tmp_path / "archive", HISTORY)
    with MockCluster({TOPIC: 3}) as cluster:
        published(cluster.bootstrap, HISTORY[:-1])
        asked = [
            *("compare-events", "--archive", str(tmp_path / "archive")),
            *("--kafka", cluster.bootstrap, "--topic", TOPIC),
        ]
        assert main(asked) == 1
        assert f"{HISTORY[-1].id} is in the archive and not in the topics" in (
            capsys.readouterr().out
        )
        published(cluster.bootstrap, HISTORY[-1:])
        assert main(asked) == 0


def test_other_bytes_of_the_same_content_are_named(
    postgres_dsn, monkeypatch, capsys, tmp_path
):
    """A field that nobody knows changes bytes, and nothing that can be read."""
    monkeypatch.setenv("RECON_POSTGRES_DSN", postgres_dsn)
    recorded(postgres_dsn, HISTORY)
    unknown = b"\xf8\x7f\x01"  # field 2047, a varint
    with MockCluster({TOPIC: 1}) as cluster:
        published(cluster.bootstrap, HISTORY[1:])
        wire = FORMAT.encode(HISTORY[0])
        monkeypatch.setattr(
            WireFormat, "encode", lambda *_: Wire.of(wire.value + unknown, wire.headers)
        )
        published(cluster.bootstrap, HISTORY[:1])
        out = tmp_path / "differences.csv"
        asked = ["compare-events", "--postgres", "--kafka", cluster.bootstrap]
        assert main([*asked, "--topic", TOPIC, "--json", "--output", str(out)]) == 1
    assert named(json.loads(capsys.readouterr().out)) == {
        ("DIFFERS", str(HISTORY[0].id), "bytes")
    }


@unhurried
@given(ENVELOPES)
def test_every_message_says_what_the_archive_writes_of_it(told):
    read = payload_of(told.type, FORMAT.encode(told).value)
    assert json.loads(read) == json.loads(payload_json(told.message))


def test_what_is_no_message_has_no_payload():
    assert payload_of("EscrowCreated", b"garbage") is None
    assert payload_of("NobodyKnows", FORMAT.encode(HISTORY[0]).value) is None
    assert payload_of("EscrowCreated", b"\0\0\0\0\1\0\xff\xff\xff") is None
