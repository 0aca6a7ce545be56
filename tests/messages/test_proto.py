"""Records, schemas and generated classes never drift apart."""

from pathlib import Path

import pytest

from toolkit.core.money import Money
from toolkit.messages import codec, pb
from toolkit.messages.closing import (
    Distribution,
    Finding,
    Milestone,
    StatementLine,
    VerificationReport,
)
from toolkit.messages.codec import descriptor
from toolkit.messages.custody import TokenAmount
from toolkit.messages.notifications import Parties, Value
from toolkit.messages.payments import ChainRef
from toolkit.messages.proto.__main__ import PACKAGE, STRANGERS, generate
from toolkit.messages.reconciliation import DiscrepancyTotal
from toolkit.messages.shape import Arity, shape
from toolkit.messages.topics import RECORDS
from toolkit.messages.wallets import Deposit

NESTED = (ChainRef, TokenAmount, DiscrepancyTotal, Parties, Value)
OF_CLOSING = (Finding, VerificationReport, StatementLine, Distribution, Milestone, Deposit)
ALL = (*RECORDS, Money, *NESTED, *OF_CLOSING)


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_a_record_and_its_schema_have_the_same_fields(cls):
    schema = descriptor(cls).fields
    assert {field.name for field in shape(cls)} == {field.name for field in schema}
    repeated = {field.name for field in shape(cls) if field.arity is Arity.REPEATED}
    assert {field.name for field in schema if field.is_repeated} == repeated


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_a_record_is_packaged_under_its_room_and_version(cls):
    room = cls.__module__.rpartition(".")[2]
    assert descriptor(cls).full_name == f"toolkit.{room}.v1.{cls.__name__}"


def test_every_message_of_a_schema_has_a_record():
    declared = {
        message.full_name
        for room in codec.ROOMS.values()
        for message in room.DESCRIPTOR.message_types_by_name.values()
    }
    assert declared == {descriptor(cls).full_name for cls in ALL}


def test_the_enum_zero_always_means_unspecified():
    for room in codec.ROOMS.values():
        for enum in room.DESCRIPTOR.enum_types_by_name.values():
            assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")


def test_the_generated_classes_are_those_of_the_schemas(tmp_path):
    assert generate(into=tmp_path) == 0
    checked_in = Path(pb.__file__).parent
    for fresh in (tmp_path / PACKAGE).iterdir():
        assert fresh.read_text() == (checked_in / fresh.name).read_text(), (
            f"{fresh.name} is old: run `python -m toolkit.messages.proto`"
        )


def test_the_schemas_that_strangers_read_are_these(tmp_path):
    assert generate(into=tmp_path) == 0
    checked_in = Path(pb.__file__).parents[3] / STRANGERS
    assert (tmp_path / STRANGERS).read_bytes() == checked_in.read_bytes(), (
        f"{STRANGERS} is old: run `python -m toolkit.messages.proto`"
    )
