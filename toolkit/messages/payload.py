"""The JSON text of a message's fields: the archive keeps it, reconciliation reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from toolkit.core.errors import Unreadable
from toolkit.core.message import Message
from toolkit.messages.codec import UnknownEnum
from toolkit.messages.shape import Arity, Field, shape

T = TypeVar("T")
Convert = Callable[[Any], Any]
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def payload_json(message: Message) -> str:
    """Write a message's fields in their order, without those that are absent."""
    return ENCODER.encode(_plain(message))


def from_payload_json(cls: type[T], text: str) -> T:
    """Read what `payload_json` wrote; fields we do not know are passed over.

    What is not there is as the record declares it: a state at rest may be older than its
    newest field. Raises Unreadable when the text is no JSON object or a field is missing or
    wrong.
    """
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"this payload of {cls.__name__} is no JSON: {error}") from error
    made: T = _record(cls, fields)
    return made


def instant(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC, such as `2026-11-18T09:30:00Z`."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _plain(value: Any) -> dict[str, Any]:
    """Lay a record out as JSON has it."""
    found = {}
    for name, convert in _parts(value.__class__):
        part = getattr(value, name)
        if part is not None:
            found[name] = convert(part) if convert else part
    return found


@cache
def _parts(cls: type) -> tuple[tuple[str, Convert | None], ...]:
    """Say how each field of a record is written; None is for what JSON knows itself."""
    return tuple((field.name, _converter(field)) for field in shape(cls))


def _converter(field: Field) -> Convert | None:
    convert = _scalar_converter(field.kind)
    if field.arity is not Arity.REPEATED:
        return convert
    return lambda items: [convert(item) if convert else item for item in items]


def _scalar_converter(kind: type) -> Convert | None:
    if kind is datetime:
        return instant
    if is_dataclass(kind):
        return _plain
    return _named if issubclass(kind, Enum) else None


def _named(member: Any) -> Any:
    """Write a member by its name, and one that we have no name for by its number."""
    return member.name if isinstance(member, Enum) else member


def _record(cls: type, fields: Any) -> Any:
    if not isinstance(fields, dict):
        raise Unreadable(f"a {cls.__name__} is an object of fields, not {fields!r:.80}")
    values = {
        field.name: _field(cls, field, fields)
        for field in shape(cls)
        if field.name in fields or field.name not in _with_default(cls)
    }
    try:
        return cls(**values)
    except ValueError as error:
        raise Unreadable(f"{cls.__name__}: {error}") from error


@cache
def _with_default(cls: Any) -> frozenset[str]:
    return frozenset(f.name for f in dataclass_fields(cls) if f.default is not MISSING)


def _field(cls: type, field: Field, fields: dict[str, Any]) -> Any:
    where, value = f"{cls.__name__}.{field.name}", fields.get(field.name)
    match field.arity, value:
        case Arity.OPTIONAL, None:
            return None
        case Arity.REPEATED, list():
            return tuple(_value(field.kind, item, where) for item in value)
        case Arity.REQUIRED | Arity.OPTIONAL, _ if value is not None:
            return _value(field.kind, value, where)
    raise Unreadable(f"{where} is {'missing' if value is None else 'no list'}")


def _value(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, value)
    try:
        if kind is datetime:
            return datetime.fromisoformat(value).astimezone(UTC)
        if issubclass(kind, Enum):
            return UnknownEnum(value) if type(value) is int else kind[value]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"{where}: {value!r:.80} is no {kind.__name__}") from error
    if type(value) is not kind:
        raise Unreadable(f"{where}: {value!r:.80} is no {kind.__name__}")
    return value
