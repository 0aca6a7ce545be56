"""Schemas go on from those that were released; what breaks them is named."""

import shutil

import pytest

from toolkit.messages.proto.__main__ import RELEASED, Unusable, check, release

ESCROW = """
syntax = "proto3";
package toolkit.escrow.v1;

enum Rail {
  RAIL_UNSPECIFIED = 0;
  RAIL_STRIPE = 1;
  RAIL_CUSTODIAN = 2;
}
message CreateEscrow {
  optional string escrow_id = 1;
  optional int64 amount = 2;
  optional Rail rail = 3;
}
message MarkDelivered {
  optional string escrow_id = 1;
  repeated string notes = 2;
}
"""


@pytest.fixture
def schemas(tmp_path):
    """Give a folder of schemas that were released, and may be edited."""
    (tmp_path / "escrow.proto").write_text(ESCROW)
    assert release(tmp_path / "released", tmp_path) == []
    return tmp_path


def edited(schemas, old, new):
    text = (schemas / "escrow.proto").read_text()
    assert old in text
    (schemas / "escrow.proto").write_text(text.replace(old, new))
    return check(schemas / "released", schemas)


def test_the_projects_schemas_go_on_from_those_released():
    assert any(RELEASED.glob("*.proto"))
    assert check() == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "int64 amount = 2",
            "int64 amount = 4",
            "CreateEscrow.amount has number 4, and had 2",
        ),
        (
            "optional int64 amount",
            "optional string amount",
            "CreateEscrow.amount is optional string, and was optional int64",
        ),
        (
            "  optional int64 amount = 2;\n",
            "",
            "CreateEscrow.amount (number 2) was dropped",
        ),
        (
            "int64 amount = 2",
            "int64 price = 2",
            "CreateEscrow.amount (number 2) is called price now",
        ),
        (
            "optional int64 amount",
            "int64 amount",
            "CreateEscrow.amount is int64, and was optional int64",
        ),
        (
            "repeated string notes",
            "optional string notes",
            "MarkDelivered.notes is optional string, and was repeated string",
        ),
        (
            "message MarkDelivered",
            "message Delivered",
            "message MarkDelivered is gone, or has another name",
        ),
        (
            "message CreateEscrow",
            "message First {}\nmessage CreateEscrow",
            "message CreateEscrow is number 2 of its file, and was number 1",
        ),
        ("  RAIL_CUSTODIAN = 2;\n", "", "Rail.RAIL_CUSTODIAN (2) was dropped"),
        (
            "RAIL_CUSTODIAN = 2",
            "RAIL_CUSTODIAN = 3",
            "Rail.RAIL_CUSTODIAN has number 3, and had 2",
        ),
        ("escrow.v1", "escrow.v2", "is of package toolkit.escrow.v2"),
    ],
)
def test_what_breaks_a_reader_is_named(schemas, old, new, complaint):
    found = edited(schemas, old, new)
    assert any(complaint in problem for problem in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "  optional int64 amount = 2;\n",
            "  optional int64 amount = 2;\n  optional string memo = 9;\n",
        ),
        ("  RAIL_CUSTODIAN = 2;\n", "  RAIL_CUSTODIAN = 2;\n  RAIL_BANK = 3;\n"),
        (
            "repeated string notes = 2;\n}\n",
            "repeated string notes = 2;\n}\nmessage Last {}\n",
        ),
    ],
)
def test_schemas_may_grow(schemas, old, new):
    assert edited(schemas, old, new) == []


def test_a_file_that_is_gone_is_named(schemas):
    shutil.copy(schemas / "escrow.proto", schemas / "released" / "closing.proto")
    (schemas / "released" / "closing.proto").write_text(
        ESCROW.replace("toolkit.escrow", "toolkit.closing")
    )
    assert check(schemas / "released", schemas) == ["closing.proto is gone"]


def test_what_breaks_is_not_released(schemas):
    assert edited(schemas, "int64 amount = 2", "int64 amount = 4")
    assert release(schemas / "released", schemas)
    assert "amount = 2" in (schemas / "released" / "escrow.proto").read_text()


def test_a_schema_that_is_none_is_said_to_be_none(schemas):
    (schemas / "escrow.proto").write_text("nonsense")
    with pytest.raises(Unusable, match="cannot be compiled"):
        check(schemas / "released", schemas)
