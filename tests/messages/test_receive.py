"""What a broker brings is read only if its schema is known for it and says all there is."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from toolkit.core.errors import Unreadable
from toolkit.core.message import first
from toolkit.core.money import Currency, Money
from toolkit.messages.codec import encode
from toolkit.messages.escrow import CreateEscrow, MarkDelivered
from toolkit.messages.wire import WireFormat, frame, place, subject

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
MESSAGE = MarkDelivered(escrow_id="e1", actor_id="seller", evidence="a photograph")
ENVELOPE = first(MESSAGE, UUID(int=1), NOW)
OURS, NEWER, ANOTHERS, UNKNOWN = 7, 8, 9, 10
REGISTERED = {
    OURS: {subject(MarkDelivered)},
    NEWER: {subject(MarkDelivered), subject(CreateEscrow)},
    ANOTHERS: {"payments.events.v1-toolkit.payments.v1.PaymentFailed"},
}


@pytest.fixture
def asked():
    return []


@pytest.fixture
def wires(asked):
    def subjects_of(id):
        asked.append(id)
        return REGISTERED.get(id, ())

    return WireFormat({MarkDelivered: OURS}, subjects_of)


def wire(wires, schema_id=OURS, behind=b""):
    """Write the message as somebody with this schema would, and more behind it."""
    value = frame(schema_id, place(MarkDelivered)) + encode(MESSAGE) + behind
    return replace(wires.encode(ENVELOPE), value=value)


def receive(wires, wire, key="e1"):
    return wires.receive(MESSAGE.topic, key, wire)


def test_what_our_schema_wrote_is_read_and_nobody_is_asked(wires, asked):
    assert receive(wires, wire(wires)) == ENVELOPE
    assert asked == []


def test_a_newer_schema_of_the_message_is_asked_about_once(wires, asked):
    for _ in range(3):
        assert receive(wires, wire(wires, NEWER, behind=b"\xfa\x01\x03new")) == ENVELOPE
    assert asked == [NEWER]


def test_a_schema_that_nobody_registered_is_unreadable_until_somebody_does(wires):
    with pytest.raises(Unreadable, match="schema id 10 is not known to the registry"):
        receive(wires, wire(wires, UNKNOWN))
    REGISTERED[UNKNOWN] = {subject(MarkDelivered)}
    try:
        assert receive(wires, wire(wires, UNKNOWN)) == ENVELOPE
    finally:
        del REGISTERED[UNKNOWN]


def test_a_schema_of_another_subject_is_unreadable(wires):
    with pytest.raises(
        Unreadable,
        match=r"schema id 9 is registered for payments\S+, and not for escrow\.commands",
    ):
        receive(wires, wire(wires, ANOTHERS))


@pytest.mark.parametrize("behind", [b"\xfa\x01\x03new", b"\x98\x06\x05"])
def test_bytes_behind_what_the_schema_says_are_unreadable(wires, behind):
    with pytest.raises(Unreadable, match="bytes were added behind it"):
        receive(wires, wire(wires, behind=behind))


def test_a_record_of_another_key_than_its_content_is_unreadable(wires):
    with pytest.raises(Unreadable, match="is of key 'e1', and its record of 'e2'"):
        receive(wires, wire(wires), key="e2")


def test_a_message_on_another_topic_is_unreadable(wires):
    with pytest.raises(Unreadable, match=r"travels on escrow\.commands\.v1"):
        wires.receive("payments.commands.v1", "e1", wire(wires))


def test_what_we_put_aside_ourselves_was_on_no_topic(wires):
    assert wires.decode("agenda", wire(wires)) == ENVELOPE


@pytest.mark.parametrize("forgotten", [{"amount": None}, {"buyer_id": None}])
def test_a_message_that_lacks_a_field_is_not_written(forgotten):
    fields = {
        "escrow_id": "e1",
        "contract_id": "c1",
        "buyer_id": "buyer",
        "seller_id": "seller",
        "amount": Money(minor=1, currency=Currency.USD),
    }
    with pytest.raises((TypeError, AttributeError)):
        encode(CreateEscrow(**{**fields, **forgotten}))
