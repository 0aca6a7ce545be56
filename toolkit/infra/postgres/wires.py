"""Messages at rest: the very bytes that go on the wire, headers in one exact column."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from struct import Struct
from typing import Any

from toolkit.core.errors import Unreadable
from toolkit.core.message import Envelope
from toolkit.core.ports import Delivery, Partition
from toolkit.messages.wire import Wire

Encode = Callable[[Envelope], Wire]
Decode = Callable[[str, Wire], Envelope]

LENGTHS = Struct("!HI")  # of a name and of its value
SIZE = Struct("!H")  # of the layout
KEY_LENGTH_MAX = 1_000  # more than an index needs to tell ours apart, less than it can hold


def pack(wire: Wire) -> bytes:
    """Write what the headers are, names and lengths, and then all values.

    Messages of one type have the same layout, so a reader need not take it apart again.
    """
    values = wire.values
    return _layout(wire.names, tuple(map(len, values))) + b"".join(values)


def unpack(packed: bytes) -> tuple[tuple[str, bytes], ...]:
    """Read what `pack` wrote, in pairs."""
    return wire(b"", packed).headers


@lru_cache(4_096)  # some lengths vary: a type, a number, a subject
def _places(layout: bytes) -> tuple[tuple[str, ...], tuple[slice, ...]]:
    """Say what is named in this layout, and where each value lies behind it."""
    names, slices, at, begin = [], [], 0, SIZE.size + len(layout)
    while at < len(layout):
        name_length, length = LENGTHS.unpack_from(layout, at)
        at += LENGTHS.size + name_length
        names.append(layout[at - name_length : at].decode())
        slices.append(slice(begin, begin + length))
        begin += length
    return tuple(names), tuple(slices)


def wire(value: bytes, packed: bytes) -> Wire:
    """Put a value and what `pack` wrote together again."""
    start = SIZE.size + SIZE.unpack_from(packed)[0]
    names, slices = _places(packed[SIZE.size : start])
    return Wire(value=value, names=names, values=tuple([packed[s] for s in slices]))


def wire_of(cargo: Any, encode: Encode) -> Wire:
    """Give the bytes of a delivery: the broker's, or our own where none carried it."""
    if not isinstance(cargo, Envelope):
        given: Wire = cargo
        return given
    try:
        return encode(cargo)
    except (ValueError, TypeError, AttributeError):  # even so somebody must see it
        return Wire(value=repr(cargo).encode(errors="replace"))


def delivered(
    partition: Partition, offset: int, key: str, cargo: Wire, decode: Decode
) -> Delivery:
    """Read a message again; what was unreadable may be readable by now."""
    envelope, problem = None, None
    try:
        envelope = _keyed(decode(partition.topic, cargo), key)
    except Unreadable as failure:
        problem = str(failure)
    return Delivery(
        partition=partition,
        offset=offset,
        key=key,
        envelope=envelope,
        cargo=cargo,
        problem=problem,
    )


def _keyed(envelope: Envelope, key: str) -> Envelope:
    """See that a message is of the key under which it was put aside."""
    if legible(envelope.key) != legible(key):
        raise Unreadable(f"its key is {key!r:.80}, and its content's {envelope.key!r:.80}")
    return envelope


def legible(text: str) -> str:
    """Make anybody's text fit for a column and its index; ours passes as it is."""
    if text.isprintable() and len(text) <= KEY_LENGTH_MAX:
        return text
    clean = text[:KEY_LENGTH_MAX].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return clean.encode(errors="replace").decode()


@lru_cache(maxsize=4_096)  # some lengths vary: a type, a number, a subject
def _layout(names: tuple[str, ...], lengths: tuple[int, ...]) -> bytes:
    """Write the sizes of everything, as `_places` reads them."""
    places = [
        LENGTHS.pack(len(encoded), length) + encoded
        for encoded, length in zip(map(str.encode, names), lengths, strict=True)
    ]
    layout = b"".join(places)
    return SIZE.pack(len(layout)) + layout
