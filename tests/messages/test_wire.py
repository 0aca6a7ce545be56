"""On the wire a message is framed as Confluent does and labelled as CloudEvents says."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.examples import ENVELOPES, unhurried
from toolkit.core.errors import Unreadable
from toolkit.core.message import Envelope, first
from toolkit.core.money import Money
from toolkit.messages.codec import encode
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.escrow import CreateEscrow, EscrowFundsHeld, MarkDelivered
from toolkit.messages.topics import PARTITIONS, RECORD_BY_TYPE, RECORDS
from toolkit.messages.wire import Wire, WireFormat, frame, place

FORMAT = WireFormat()
ID = UUID("7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a01")
CAUSE = UUID("7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a02")
CORRELATION = UUID("7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a03")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HELD = Envelope(
    id=ID,
    message=EscrowFundsHeld(
        escrow_id="e-1",
        payment_id="p-1",
        amount=Money(12_300),
        held_at=datetime(2026, 11, 18, 9, 30, tzinfo=UTC),
    ),
    occurred_at=datetime(2026, 11, 18, 9, 30, 0, 250_000, tzinfo=UTC),
    correlation_id=CORRELATION,
    causation_id=CAUSE,
    version=3,
    traceparent=TRACE,
)
TOPIC = "escrow.events.v1"


def relabelled(**headers):
    """Give the wire of HELD with other headers; None leaves one out."""
    changed = dict(FORMAT.encode(HELD).headers) | headers
    present = tuple((name, value) for name, value in changed.items() if value is not None)
    return Wire.of(value=FORMAT.encode(HELD).value, headers=present)


@unhurried
@given(ENVELOPES)
def test_an_envelope_is_read_as_it_was_written(envelope):
    wire = FORMAT.encode(envelope)
    assert FORMAT.decode(envelope.message.topic, wire) == envelope


def test_the_first_message_of_a_schema_has_the_short_index():
    executed = ContractExecuted(
        contract_id="c",
        buyer_id="b",
        seller_id="s",
        amount=Money(1),
        executed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    wire = WireFormat({ContractExecuted: 258}).encode(first(executed, ID, HELD.occurred_at))
    assert wire.value == b"\x00\x00\x00\x01\x02\x00" + encode(executed)


def test_a_later_message_of_a_schema_has_its_index_in_zigzag():
    delivered = MarkDelivered(escrow_id="e", actor_id="s", evidence="x")
    wire = WireFormat({MarkDelivered: 7}).encode(first(delivered, ID, HELD.occurred_at))
    assert wire.value == b"\x00\x00\x00\x00\x07\x02\x02" + encode(delivered)
    assert frame(1, b"\x00") == b"\x00\x00\x00\x00\x01\x00"


def test_confluents_own_client_reads_our_frame():
    from confluent_kafka.schema_registry.serde import SchemaId

    class Reader(SchemaId):
        """Its reading of a frame."""

    import io

    for cls in RECORDS:
        reader = Reader("PROTOBUF")
        rest = reader.from_bytes(io.BytesIO(frame(77, place(cls)) + b"payload"))
        assert rest.read() == b"payload"
        assert reader.id == 77


def test_the_headers_are_those_of_a_cloud_event():
    assert dict(FORMAT.encode(HELD).headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a01",
        "ce_source": b"/escrow",
        "ce_type": b"EscrowFundsHeld",
        "ce_time": b"2026-11-18T09:30:00.250000Z",
        "ce_subject": b"e-1",
        "ce_correlationid": b"7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a03",
        "ce_causationid": b"7f6ae3b2-6d8e-5a4f-9c1b-0f4f2f8b9a02",
        "ce_sequence": b"3",
        "traceparent": TRACE.encode(),
        "content-type": b"application/x-protobuf",
    }


def test_what_a_message_does_not_have_gets_no_header():
    create = CreateEscrow(
        escrow_id="e", contract_id="c", buyer_id="b", seller_id="s", amount=Money(1)
    )
    names = [name for name, _ in FORMAT.encode(first(create, ID, HELD.occurred_at)).headers]
    assert not {"ce_causationid", "ce_sequence", "traceparent"} & set(names)


def test_further_headers_are_passed_over():
    assert FORMAT.decode(TOPIC, relabelled(x_route=b"\xff\xfe")) == HELD


def test_dead_letters_are_read_like_the_topic_they_come_from():
    assert FORMAT.decode(f"{TOPIC}.dlq", FORMAT.encode(HELD)) == HELD


def test_a_time_with_an_offset_is_read_as_the_same_instant():
    wire = relabelled(ce_time=b"2026-11-18T10:30:00.25+01:00")
    assert FORMAT.decode(TOPIC, wire) == HELD


def test_an_id_of_a_schema_that_is_newer_than_ours_is_no_obstacle():
    newer = WireFormat(dict.fromkeys(RECORDS, 999_999)).encode(HELD)
    assert FORMAT.decode(TOPIC, newer) == HELD


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"ce_type": None}, "ce_type is missing"),
        ({"ce_type": b"EscrowVanished"}, "EscrowVanished' is no message of ours"),
        ({"ce_type": b"\xff"}, "is no message of ours"),
        ({"ce_type": b"PaymentFailed"}, r"travels on payments\.events\.v1, not on"),
        ({"ce_type": b"EscrowReleased"}, "the value is another message"),
        ({"ce_specversion": b"2.0"}, "we read 1.0"),
        ({"ce_specversion": None}, "ce_specversion is missing"),
        ({"ce_id": None}, "ce_id is missing"),
        ({"ce_id": b"seven"}, "ce_id is no UUID: 'seven'"),
        ({"ce_correlationid": None}, "ce_correlationid is missing"),
        ({"ce_causationid": b"x"}, "ce_causationid is no UUID"),
        ({"ce_sequence": b"-1"}, "ce_sequence is no count"),
        ({"ce_time": b"noon"}, "ce_time is no RFC 3339 time"),
        ({"ce_time": b"2026-11-18T09:30:00"}, "ce_time names no time zone"),
        ({"traceparent": b"\xff"}, "the headers of this EscrowFundsHeld"),
    ],
)
def test_a_header_that_is_wrong_is_named(headers, problem):
    with pytest.raises(Unreadable, match=problem):
        FORMAT.decode(TOPIC, relabelled(**headers))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"", "begins with nothing"),
        (b"\x01" + FORMAT.encode(HELD).value[1:], "begins with 01, not with the zero byte"),
        (FORMAT.encode(HELD).value[:6], "or cut short"),
        (FORMAT.encode(HELD).value[:-3], r"are no toolkit\.escrow\.v1\.EscrowFundsHeld"),
    ],
)
def test_a_value_that_is_wrong_says_how(value, problem):
    with pytest.raises(Unreadable, match=problem):
        FORMAT.decode(TOPIC, Wire.of(value=value, headers=FORMAT.encode(HELD).headers))


BYTES = st.binary(max_size=40)
NAMES = st.sampled_from([name for name, _ in FORMAT.encode(HELD).headers]) | st.text()


@unhurried
@given(
    st.sampled_from(sorted(PARTITIONS)),
    BYTES | BYTES.map(lambda tail: FORMAT.encode(HELD).value[:7] + tail),
    st.lists(st.tuples(NAMES, BYTES)),
    st.booleans(),
)
def test_random_records_are_envelopes_or_unreadable(topic, value, headers, ours):
    kept = FORMAT.encode(HELD).headers if ours else ()
    try:
        envelope = FORMAT.decode(topic, Wire.of(value=value, headers=(*kept, *headers)))
    except Unreadable:
        return
    assert type(envelope.message) is RECORD_BY_TYPE[envelope.type]
