"""How a message looks to Kafka: framed as Confluent does, with CloudEvents' headers.

The value is a zero byte, the schema's id in four bytes, the message's place in the
schema's file, and the protobuf. Everything else an envelope knows travels in headers, in
the binary mode of the CloudEvents binding, so that tools can route a record unread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from toolkit.core.errors import Unreadable
from toolkit.core.message import Envelope, Message, record
from toolkit.messages.codec import decode, descriptor, encode
from toolkit.messages.exact import decode_exactly
from toolkit.messages.payload import from_payload_json, instant, payload_json
from toolkit.messages.topics import DEAD_LETTERS, RECORD_BY_TYPE, RECORDS

__all__ = ["Wire", "WireFormat", "from_payload_json", "local_ids", "payload_json"]

MAGIC = b"\0"
PREFIX_BYTES = 5  # the magic byte and the schema's id
CONTENT_TYPE = b"application/x-protobuf"
TYPE = "ce_type"
HOUSE = "."  # is in the name of every topic, and of no place in our own house


@record
class Wire:
    """The bytes of a record and what is written on its outside: names, and their values.

    Messages of one type share their names, so a batch of them has few tuples of these.
    """

    value: bytes
    names: tuple[str, ...] = ()
    values: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, value: bytes, headers: Iterable[tuple[str, bytes]]) -> Wire:
        """Gather a record whose headers come in pairs."""
        pairs = tuple(headers)
        return cls(
            value=value, names=tuple(n for n, _ in pairs), values=tuple(v for _, v in pairs)
        )

    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """The headers in pairs, as a broker carries them."""
        return tuple(zip(self.names, self.values, strict=True))


def local_ids() -> dict[type[Message], int]:
    """Number the messages 1, 2, 3 in their order, where no registry gives ids."""
    return {cls: number for number, cls in enumerate(RECORDS, start=1)}


class WireFormat:
    """Envelopes to wire and back, with the ids a schema registry gave to our messages."""

    def __init__(
        self,
        schema_ids: Mapping[type[Message], int] | None = None,
        subjects_of: Callable[[int], Collection[str]] | None = None,
    ) -> None:
        """Without `subjects_of` nobody can say what an id that is not ours stands for."""
        ids = local_ids() if schema_ids is None else schema_ids
        self._ids, self._subjects_of = ids, subjects_of
        self._others: set[tuple[int, type[Message]]] = set()  # ids of other versions
        self._frames = {cls: frame(id, place(cls)) for cls, id in ids.items()}
        self._places = {cls: place(cls) for cls in RECORDS}

    def encode(self, envelope: Envelope) -> Wire:
        """Write an envelope."""
        message = envelope.message
        names, values = _outside(envelope)
        value = self._frames[message.__class__] + encode(message)
        return Wire(value=value, names=names, values=values)

    def decode(self, topic: str, wire: Wire) -> Envelope:
        """Read an envelope off a topic.

        Raises Unreadable, with the reason, when it is no message of ours or does not
        belong on this topic.
        """
        headers = dict(wire.headers)
        cls = _record_of(headers, topic)
        return self._read(headers, cls, decode, wire.value)

    def receive(self, topic: str, key: str, wire: Wire) -> Envelope:
        """Read what a broker brought, from whoever wrote it.

        Raises Unreadable also when its schema is not one that is registered for this
        message on this topic, when there is more than the schema says, and when the
        record is of another key than its content.
        """
        headers = dict(wire.headers)
        cls = _record_of(headers, topic)
        id = int.from_bytes(wire.value[1:PREFIX_BYTES], "big")
        is_ours = id == self._ids.get(cls)
        read = decode_exactly if is_ours else decode
        envelope = self._read(headers, cls, read, wire.value)
        if not is_ours:
            self._demand_registered(id, cls)
        if envelope.key != key:
            raise Unreadable(
                f"this {cls.__name__} is of key {envelope.key!r:.80}, and its record of "
                f"{key!r:.80}"
            )
        return envelope

    def _demand_registered(self, id: int, cls: type[Message]) -> None:
        """See that a schema of another version is one of this message's."""
        if self._subjects_of is None or (id, cls) in self._others:
            return
        found = self._subjects_of(id)
        if not found:
            raise Unreadable(f"schema id {id} is not known to the registry")
        if subject(cls) not in found:
            raise Unreadable(
                f"schema id {id} is registered for {', '.join(sorted(found)):.200}, and "
                f"not for {subject(cls)}"
            )
        self._others.add((id, cls))

    def _read(
        self,
        headers: Mapping[str, bytes],
        cls: type[Message],
        read: Callable[[type[Message], bytes], Message],
        value: bytes,
    ) -> Envelope:
        message = read(cls, _unframed(cls, self._places[cls], value))
        try:
            return _envelope(headers, message)
        except (ValueError, OverflowError) as error:
            raise Unreadable(f"the headers of this {cls.__name__}: {error}") from error


def subject(message: type[Message]) -> str:
    """Name a message's subject at the registry: its topic and its full name."""
    return f"{message.topic}-{descriptor(message).full_name}"


# The framing


def frame(schema_id: int, place: bytes) -> bytes:
    """Write what comes before a message: magic byte, schema id, place in the schema."""
    return MAGIC + schema_id.to_bytes(4, "big") + place


def place(cls: type) -> bytes:
    """Write where a message stands in its schema; the first place has a short form."""
    found = descriptor(cls)
    index: int = list(found.file.message_types_by_name).index(found.name)
    return _zigzag(1) + _zigzag(index) if index else b"\0"


def _zigzag(number: int) -> bytes:
    """Write a number that is not negative as a zig-zag varint."""
    rest, written = number << 1, bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)


def _unframed(cls: type[Message], place: bytes, value: bytes) -> bytes:
    """Take the frame off, having seen that the schema means the message the header names.

    The schema's id is not compared here: a newer writer has a newer one. Files only grow
    at their end, so that a message's place in its file stays what it was.
    """
    if value[:1] != MAGIC:
        raise Unreadable(
            f"this {cls.__name__} begins with {value[:1].hex() or 'nothing'}, not with the "
            "zero byte of Confluent's framing"
        )
    end = PREFIX_BYTES + len(place)
    if value[PREFIX_BYTES:end] != place:
        raise Unreadable(
            f"header {TYPE} says {cls.__name__}, but the value is another message of the "
            f"schema, or cut short: {value[:end].hex()}"
        )
    return value[end:]


# The headers


def source_of(topic: str) -> str:
    """Name the room that speaks on a topic, as a URI reference."""
    return f"/{topic.partition('.')[0]}"


def _outside(envelope: Envelope) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """Write the names and the values of an envelope's headers."""
    cause, version, trace = envelope.causation_id, envelope.version, envelope.traceparent
    names, standing = _standing(
        envelope.message.__class__,
        cause is not None,
        version is not None,
        trace is not None,
    )
    values = [
        *standing,
        str(envelope.id).encode(),
        _time(envelope.occurred_at),
        envelope.key.encode(),
        _hex(envelope.correlation_id),
    ]
    if cause is not None:
        values.append(_hex(cause))
    if version is not None:
        values.append(b"%d" % version)
    if trace is not None:
        values.append(trace.encode())
    return names, tuple(values)


@cache
def _standing(
    cls: type[Message],
    has_cause: bool,
    has_version: bool,
    has_trace: bool,
) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """The names of a type's headers, and the values that all its messages share."""
    fixed = {
        "ce_specversion": b"1.0",
        "ce_source": source_of(cls.topic).encode(),
        TYPE: cls.__name__.encode(),
        "content-type": CONTENT_TYPE,
    }
    names = [*fixed, "ce_id", "ce_time", "ce_subject", "ce_correlationid"]
    optional = {
        "ce_causationid": has_cause,
        "ce_sequence": has_version,
        "traceparent": has_trace,
    }
    names += [name for name, is_there in optional.items() if is_there]
    return tuple(names), tuple(fixed.values())


# The messages of a batch share their moment, and those of one cause its id.


@lru_cache(64)
def _time(moment: datetime) -> bytes:
    return instant(moment).encode()


@lru_cache(4_096)
def _hex(id: UUID) -> bytes:
    return str(id).encode()


def _record_of(headers: Mapping[str, bytes], topic: str) -> type[Message]:
    name = headers.get(TYPE)
    if name is None:
        raise Unreadable(f"header {TYPE} is missing, so nothing says what this record is")
    cls = RECORD_BY_TYPE.get(name.decode("utf-8", "replace"))
    if cls is None:
        raise Unreadable(f"header {TYPE}: {name!r:.80} is no message of ours")
    if HOUSE not in topic:
        return cls  # put aside by ourselves: no broker carried it
    if cls.topic != topic.removesuffix(DEAD_LETTERS):
        raise Unreadable(f"a {cls.__name__} travels on {cls.topic}, not on {topic}")
    return cls


def _envelope(headers: Mapping[str, bytes], message: Any) -> Envelope:
    """Gather an envelope; a ValueError says which header is missing or wrong."""
    version = _required(headers, "ce_specversion")
    if version != "1.0":
        raise ValueError(f"ce_specversion is {version!r:.80}, and we read 1.0")
    causation = _text(headers, "ce_causationid")
    sequence = _text(headers, "ce_sequence")
    return Envelope(
        id=_uuid("ce_id", _required(headers, "ce_id")),
        message=message,
        occurred_at=_moment("ce_time", _required(headers, "ce_time")),
        correlation_id=_uuid("ce_correlationid", _required(headers, "ce_correlationid")),
        causation_id=None if causation is None else _uuid("ce_causationid", causation),
        version=None if sequence is None else _count("ce_sequence", sequence),
        traceparent=_text(headers, "traceparent"),
    )


def _text(headers: Mapping[str, bytes], name: str) -> str | None:
    raw = headers.get(name)
    return None if raw is None else raw.decode()


def _required(headers: Mapping[str, bytes], name: str) -> str:
    text = _text(headers, name)
    if text is None:
        raise ValueError(f"{name} is missing")
    return text


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(f"{name} is no UUID: {text!r:.80}") from None


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} is no count: {text!r:.80}")
    return int(text)


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is no RFC 3339 time: {text!r:.80}") from None
    if moment.tzinfo is None:
        raise ValueError(f"{name} names no time zone: {text!r:.80}")
    return moment.astimezone(UTC)
