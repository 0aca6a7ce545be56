"""Turn messages into protobuf and back. The only module that knows the generated classes.

Records and proto messages share names and field names, so one codec walks them all. It
is compiled per record type at first use, into closures that know the generated class, the
names to read and the slots to fill. A record is filled slot by slot, past its `__init__`,
which for a frozen one costs as much as all of protobuf.

Reading is strict where a default would be silent: a field that is absent, an enum that is
unspecified and a negative amount are `Unreadable`. It is lenient towards newer writers:
unknown fields are passed over, and an enum number without a name here is kept as an
`UnknownEnum`, which is written again as the number it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from importlib import import_module
from operator import attrgetter
from re import sub
from types import ModuleType
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from toolkit.core.errors import Unreadable
from toolkit.core.money import Currency, Money
from toolkit.messages.shape import Arity, Field, shape

T = TypeVar("T")
Convert = Callable[[Any], Any]
Copy = Callable[[Any, Any], None]

NAMES = (
    "audit",
    *("closing", "contracts", "custody", "escrow", "money", "notifications", "payments"),
    *("reconciliation", "wallets", "webhooks"),
)
ROOMS: dict[str, ModuleType] = {
    name: import_module(f"toolkit.messages.pb.{name}_pb2") for name in NAMES
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_S = 86_400
SECOND_NS = 1_000_000_000


class UnknownEnum(int):
    """The number of an enum value that only a newer schema has a name for.

    It equals no member of our enum, so that a `match` falls through to its last case.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"UnknownEnum({int(self)})"


def encode(message: Any) -> bytes:
    """Write a record as protobuf."""
    data: bytes = ENCODERS[message.__class__](message)
    return data


def decode(cls: type[T], data: bytes) -> T:
    """Read a record of this type.

    Raises Unreadable when the bytes are no such message or a field is missing or wrong.
    """
    message: T = DECODERS[cls](data)
    return message


def descriptor(cls: type) -> Descriptor:
    """Answer what protobuf knows of a record: its full name, its file, its place in it."""
    found: Descriptor = _generated(cls).DESCRIPTOR
    return found


class _Compiled(dict[type, Callable[[Any], Any]]):
    """What was compiled for each record, when it was first asked for."""

    def __init__(self, compile: Callable[[type], Callable[[Any], Any]]) -> None:
        self._compile = compile

    def __missing__(self, cls: type) -> Callable[[Any], Any]:
        return self.setdefault(cls, self._compile(cls))


def _encoder(cls: type) -> Callable[[Any], bytes]:
    generated, fill = _generated(cls), _filler(cls)

    def encode(message: Any) -> bytes:
        proto = generated()
        fill(message, proto)
        data: bytes = proto.SerializeToString()
        return data

    return encode


def _decoder(cls: type) -> Callable[[bytes], Any]:
    from_string, read = _generated(cls).FromString, _reader(cls)

    def decode(data: bytes) -> Any:
        try:
            proto = from_string(data)
        except DecodeError as error:
            full_name = descriptor(cls).full_name
            raise Unreadable(f"these bytes are no {full_name}: {error}") from error
        return read(proto)

    return decode


ENCODERS, DECODERS = _Compiled(_encoder), _Compiled(_decoder)


@cache
def _generated(cls: Any) -> Any:
    room = cls.__module__.rpartition(".")[2]
    generated = getattr(ROOMS.get(room), cls.__name__, None)
    known = generated.DESCRIPTOR.fields_by_name if generated else ()
    if generated is None or {field.name for field in shape(cls)} != set(known):
        raise LookupError(
            f"{cls.__module__}.{cls.__name__} is not what proto/{room}.proto declares: "
            f"bring them together, run `python -m toolkit.messages.proto`, and see that "
            f"the codec's NAMES have {room!r}"
        )
    return generated


# Writing: a filler copies a whole record, a writer one of its fields.


@cache
def _filler(cls: type) -> Copy:
    if cls in FILLERS:
        return FILLERS[cls]
    plain = tuple(field.name for field in shape(cls) if _is_plain(field))
    values_of = _values_of(plain)
    writers = tuple(_writer(cls, field) for field in shape(cls) if not _is_plain(field))

    def fill(message: Any, proto: Any) -> None:
        for name, value in zip(plain, values_of(message)):  # noqa: B905 - strict is slow
            setattr(proto, name, value)
        for write in writers:
            write(message, proto)

    return fill


def _fill_timestamp(moment: datetime, proto: Any) -> None:
    since = moment - EPOCH
    proto.seconds = since.days * DAY_S + since.seconds
    proto.nanos = since.microseconds * 1000


def _fill_money(money: Money, proto: Any) -> None:
    proto.minor = money.minor
    proto.currency = money.currency


FILLERS: Mapping[type, Copy] = {datetime: _fill_timestamp, Money: _fill_money}


def _writer(cls: type, field: Field) -> Copy:
    if field.arity is Arity.REPEATED:
        return _list_writer(cls, field)
    return _part_writer(field) if _is_nested(field.kind) else _scalar_writer(cls, field)


def _scalar_writer(cls: type, field: Field) -> Copy:
    name, value_of, to_raw = field.name, attrgetter(field.name), _to_raw(cls, field)

    def write(message: Any, proto: Any) -> None:
        value = value_of(message)
        if value is not None or field.arity is Arity.REQUIRED:  # which refuses a None
            setattr(proto, name, to_raw(value))

    return write


def _part_writer(field: Field) -> Copy:
    value_of, fill = attrgetter(field.name), _filler(field.kind)  # of either side

    def write(message: Any, proto: Any) -> None:
        value = value_of(message)
        if value is not None or field.arity is Arity.REQUIRED:
            fill(value, value_of(proto))

    return write


def _list_writer(cls: type, field: Field) -> Copy:
    values_of, to_raw = attrgetter(field.name), _to_raw(cls, field)  # of either side

    def write_scalars(message: Any, proto: Any) -> None:
        values_of(proto).extend(map(to_raw, values_of(message)))

    if not _is_nested(field.kind):
        return write_scalars
    fill = _filler(field.kind)

    def write_parts(message: Any, proto: Any) -> None:
        for value in values_of(message):
            fill(value, values_of(proto).add())

    return write_parts


def _to_raw(cls: type, field: Field) -> Convert:
    numbers = _enum_numbers(cls, field)
    if numbers is None:
        return _identity
    return lambda value: numbers.get(value, value)  # an UnknownEnum is its own number


# Reading: a reader makes a whole record, or the value of one of its fields.


@cache
def _reader(cls: type) -> Convert:
    return READERS[cls] if cls in READERS else _record_reader(cls)


@cache
def _record_reader(cls: type) -> Convert:
    plain = tuple(field.name for field in shape(cls) if _is_plain(field))
    values_of = _values_of(plain)
    setters = tuple(getattr(cls, name).__set__ for name in plain)
    others = tuple(
        (getattr(cls, field.name).__set__, _field_reader(cls, field))
        for field in shape(cls)
        if not _is_plain(field)
    )

    def read(proto: Any) -> Any:
        values = values_of(proto)
        if not all(values):  # what is not zero must have been written
            _demand(proto, plain)
        message: Any = object.__new__(cls)
        for put, value in zip(setters, values):  # noqa: B905 - strict is slow
            put(message, value)
        for put, value_of in others:
            put(message, value_of(proto))
        return message

    return _checked(cls, read) if hasattr(cls, "__post_init__") else read


def _checked(cls: Any, read: Convert) -> Convert:
    full_name, check = descriptor(cls).full_name, cls.__post_init__

    def read_checked(proto: Any) -> Any:
        message = read(proto)
        try:
            check(message)
        except ValueError as error:
            raise Unreadable(f"{full_name}: {error}") from error
        return message

    return read_checked


def _read_timestamp(proto: Any) -> datetime:
    seconds, nanos = proto.seconds, proto.nanos
    try:
        if 0 <= nanos < SECOND_NS:
            return EPOCH + timedelta(0, seconds, nanos // 1000)
    except OverflowError:
        pass  # beyond the years a datetime knows
    raise Unreadable(f"{seconds} s and {nanos} ns are no time of ours")


def _read_money(proto: Any) -> Money:
    """Read what is in nearly every message by hand; what is unusual, as any record."""
    minor, currency = proto.minor, CURRENCIES.get(proto.currency)
    if minor <= 0 or currency is None:
        return _record_reader(Money)(proto)  # type: ignore[no-any-return]  # of Money
    money: Money = object.__new__(Money)
    PUT_MINOR(money, minor)
    PUT_CURRENCY(money, currency)
    return money


CURRENCIES = {currency.value: currency for currency in Currency}
PUT_MINOR, PUT_CURRENCY = (vars(Money)[name].__set__ for name in ("minor", "currency"))
READERS: Mapping[type, Convert] = {datetime: _read_timestamp, Money: _read_money}


def _field_reader(cls: type, field: Field) -> Convert:
    nested, value_of, name = _is_nested(field.kind), attrgetter(field.name), field.name
    convert = _reader(field.kind) if nested else _from_raw(cls, field)

    def read_part(proto: Any) -> Any:
        if not proto.HasField(name):
            _demand(proto, (name,))
        return convert(value_of(proto))

    def read_scalar(proto: Any) -> Any:
        raw = value_of(proto)
        if not raw:
            _demand(proto, (name,))
        return convert(raw)

    def read_optional(proto: Any) -> Any:
        return convert(value_of(proto)) if proto.HasField(name) else None

    def read_repeated(proto: Any) -> Any:
        return tuple(map(convert, value_of(proto)))

    match field.arity:
        case Arity.REQUIRED:
            return read_part if nested else read_scalar
        case Arity.OPTIONAL:
            return read_optional
    return read_repeated


def _demand(proto: Any, names: Sequence[str]) -> None:
    for name in names:
        if not proto.HasField(name):
            raise Unreadable(f"{proto.DESCRIPTOR.full_name}.{name} is missing")


def _from_raw(cls: type, field: Field) -> Convert:
    numbers = _enum_numbers(cls, field)
    if numbers is None:
        return _identity
    members = {number: member for member, number in numbers.items()}
    where = f"{descriptor(cls).full_name}.{field.name}"

    def member_of(raw: Any) -> Any:
        member = members.get(raw)
        if member is not None:
            return member
        if raw == 0:
            raise Unreadable(f"{where} is unspecified")
        if isinstance(raw, str):
            raise Unreadable(f"{where} is {raw!r}, which is none of {', '.join(members)}")
        return UnknownEnum(raw)

    return member_of


# What both need to know of a field.


def _is_plain(field: Field) -> bool:
    return field.arity is Arity.REQUIRED and field.kind in (str, int, bool, bytes)


def _is_nested(kind: Any) -> bool:
    return kind is datetime or is_dataclass(kind)


def _enum_numbers(cls: type, field: Field) -> dict[Any, Any] | None:
    """Answer what stands for each member on the wire: its number, or in text its value."""
    if not issubclass(field.kind, Enum):
        return None
    enum = descriptor(cls).fields_by_name[field.name].enum_type
    if enum is None:
        return {member: member.value for member in field.kind}
    prefix = sub(r"(?<!^)(?=[A-Z])", "_", field.kind.__name__).upper()
    return {
        member: enum.values_by_name[f"{prefix}_{member.name}"].number
        for member in field.kind
    }


def _values_of(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Read these attributes at once; `attrgetter` itself is plural from two names on."""
    match len(names):
        case 0:
            return lambda _: ()
        case 1:
            value_of = attrgetter(names[0])
            return lambda message: (value_of(message),)
    return attrgetter(*names)


def _identity(value: Any) -> Any:
    return value
