"""Every message survives the wire, and bytes that are none are told apart."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.examples import MESSAGES, unhurried, values
from toolkit.core.errors import Unreadable
from toolkit.core.money import Money
from toolkit.messages.codec import UnknownEnum, decode, descriptor, encode
from toolkit.messages.escrow import (
    EscrowCreated,
    EscrowFundsHeld,
    Rail,
)
from toolkit.messages.payments import ChainRef, RiskLevel, WalletScreened
from toolkit.messages.pb import escrow_pb2, money_pb2
from toolkit.messages.reconciliation import DiscrepancyTotal
from toolkit.messages.topics import RECORDS

NESTED = (Money, ChainRef, DiscrepancyTotal)
CREATED = EscrowCreated(
    escrow_id="e",
    contract_id="c",
    buyer_id="b",
    seller_id="s",
    amount=Money(12_300),
    rail=Rail.STRIPE,
)


@unhurried
@given(MESSAGES)
def test_a_message_is_read_as_it_was_written(message):
    assert decode(type(message), encode(message)) == message


@pytest.mark.parametrize("cls", [*RECORDS, *NESTED], ids=lambda cls: cls.__name__)
@unhurried
@given(data=st.data())
def test_each_record_survives_alone(cls, data):
    record = data.draw(values(cls))
    assert decode(cls, encode(record)) == record


@pytest.mark.parametrize("name", list(escrow_pb2.EscrowCreated.DESCRIPTOR.fields_by_name))
def test_a_missing_field_is_named_and_never_a_silent_zero(name):
    proto = escrow_pb2.EscrowCreated.FromString(encode(CREATED))
    proto.ClearField(name)
    if name == "payee_account":
        assert decode(EscrowCreated, proto.SerializeToString()) == CREATED
        return
    with pytest.raises(Unreadable, match=f"toolkit.escrow.v1.EscrowCreated.{name} is mis"):
        decode(EscrowCreated, proto.SerializeToString())


def test_a_missing_field_of_a_part_is_named_too():
    proto = escrow_pb2.EscrowCreated.FromString(encode(CREATED))
    proto.amount.ClearField("minor")
    with pytest.raises(Unreadable, match=r"toolkit\.money\.v1\.Money\.minor is missing"):
        decode(EscrowCreated, proto.SerializeToString())


def test_zero_false_and_the_empty_text_are_values():
    screened = WalletScreened(
        escrow_id="",
        payment_id="",
        address="",
        provider="",
        level=RiskLevel.LOW,
        sanctioned=False,
    )
    assert decode(WalletScreened, encode(screened)) == screened


def test_the_epoch_is_a_time_that_is_there():
    held = EscrowFundsHeld(
        escrow_id="e",
        payment_id="p",
        amount=Money(0),
        held_at=datetime(1970, 1, 1, tzinfo=UTC),
    )
    assert decode(EscrowFundsHeld, encode(held)) == held


def test_an_enum_number_of_a_newer_schema_is_kept():
    proto = escrow_pb2.EscrowCreated.FromString(encode(CREATED))
    proto.rail = 77
    created = decode(EscrowCreated, proto.SerializeToString())
    assert created.rail == UnknownEnum(77)
    assert created.rail not in tuple(Rail)
    assert encode(created) == proto.SerializeToString()


def test_an_unspecified_enum_is_unreadable():
    proto = escrow_pb2.EscrowCreated.FromString(encode(CREATED))
    proto.rail = 0
    with pytest.raises(Unreadable, match=r"EscrowCreated\.rail is unspecified"):
        decode(EscrowCreated, proto.SerializeToString())


def test_a_currency_we_do_not_keep_is_unreadable():
    data = money_pb2.Money(minor=1, currency="GBP").SerializeToString()
    with pytest.raises(Unreadable, match="'GBP', which is none of USD, EUR, USDC"):
        decode(Money, data)


def test_a_negative_amount_is_unreadable():
    data = money_pb2.Money(minor=-1, currency="USD").SerializeToString()
    with pytest.raises(Unreadable, match="money is never negative"):
        decode(Money, data)


@pytest.mark.parametrize(("seconds", "nanos"), [(2**62, 0), (0, -1), (0, 2**31 - 1)])
def test_a_time_that_is_none_is_unreadable(seconds, nanos):
    proto = escrow_pb2.EscrowFundsHeld(escrow_id="e", payment_id="p")
    proto.amount.CopyFrom(money_pb2.Money(minor=1, currency="USD"))
    proto.held_at.seconds, proto.held_at.nanos = seconds, nanos
    with pytest.raises(Unreadable, match="no time"):
        decode(EscrowFundsHeld, proto.SerializeToString())


def test_a_field_of_a_newer_schema_is_passed_over():
    assert decode(EscrowCreated, encode(CREATED) + b"\xf8\x07\x01") == CREATED


@unhurried
@given(st.sampled_from(RECORDS), st.binary(max_size=60))
def test_random_bytes_are_a_message_or_unreadable(cls, data):
    try:
        message = decode(cls, data)
    except Unreadable:
        return
    assert decode(cls, encode(message)) == message


@unhurried
@given(MESSAGES, st.data())
def test_a_message_cut_short_is_another_one_or_unreadable(message, data):
    whole = encode(message)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        decode(type(message), cut)
    except Unreadable:
        return


@pytest.mark.parametrize("cls", [*RECORDS, *NESTED], ids=lambda cls: cls.__name__)
def test_every_scalar_can_be_told_from_its_absence(cls):
    for field in descriptor(cls).fields:
        assert field.has_presence or field.is_repeated, field.full_name


def test_a_record_without_a_schema_says_what_to_do():
    class Unheard:
        pass

    with pytest.raises(LookupError, match=r"python -m toolkit\.messages\.proto"):
        encode(Unheard())
