"""Read a record's value, by the schemas alone, into the JSON text that the archive keeps.

Reconciliation meets the services by data: `messages.binpb` is the set of their schemas,
written by `python -m toolkit.messages.proto` and held to them by a test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped]  # it carries no types
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

SCHEMAS = Path(__file__).parent / "messages.binpb"
MOMENT = "google.protobuf.Timestamp"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIX_BYTES = 5  # a zero byte and the schema's id


def payload_of(event_type: str, value: bytes) -> str | None:
    """Write a value's fields as JSON; None where it is no message of this type."""
    cls = _classes().get(event_type)
    content = _unframed(value)
    if cls is None or content is None:
        return None
    try:
        fields = _fields(cls.FromString(content))
    except (DecodeError, OverflowError):
        return None
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


@cache
def _classes() -> Mapping[str, Any]:
    """Every message by its short name, which the header `ce_type` has."""
    pool = descriptor_pool.DescriptorPool()
    schemas = descriptor_pb2.FileDescriptorSet.FromString(SCHEMAS.read_bytes())
    for file in schemas.file:
        pool.Add(file)
    return {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{file.package}.{message.name}")
        )
        for file in schemas.file
        for message in file.message_type
    }


def _unframed(value: bytes) -> bytes | None:
    """Take off what Confluent's framing puts before a message: a list of places is last."""
    if value[:1] != b"\0" or len(value) <= PREFIX_BYTES:
        return None
    count, at = _varint(value, PREFIX_BYTES)
    for _ in range(count >> 1):  # zig-zag, and never negative
        _, at = _varint(value, at)
    return value[at:]


def _varint(value: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while at < len(value):
        byte = value[at]
        number, shift, at = number | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            break
    return number, at


def _fields(message: Any) -> dict[str, Any]:
    """What is there, in the order of the schema; a list is there even if it is empty."""
    return {
        field.name: _value(field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if field.is_repeated or message.HasField(field.name)
    }


def _value(field: Any, value: Any) -> Any:
    if field.is_repeated:
        return [_single(field, each) for each in value]
    return _single(field, value)


def _single(field: Any, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM:
        return _name(field.enum_type, value)
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return value
    if field.message_type.full_name == MOMENT:
        moment = EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
        return moment.isoformat().removesuffix("+00:00") + "Z"
    return _fields(value)


def _name(enum: Any, number: int) -> str | int:
    """Name a value without the prefix that all names of its enum begin with."""
    known = enum.values_by_number
    if number not in known:
        return number
    prefix = known[0].name.removesuffix("UNSPECIFIED")
    name: str = known[number].name
    return name.removeprefix(prefix)
