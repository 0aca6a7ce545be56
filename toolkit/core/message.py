"""Commands ask, events tell, envelopes carry either one between services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from hashlib import sha1
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import NAMESPACE_URL, UUID, SafeUUID

T = TypeVar("T")

OF_UNKNOWN_SAFETY = SafeUUID.unknown  # as `uuid.uuid5` says; an enum is slow to ask
VERSION_5 = 0x5000 << 64 | 0x8000 << 48  # and the variant of the RFC
FREE_BITS = (1 << 128) - 1 & ~(0xF000 << 64 | 0xC000 << 48)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Declare an immutable, keyword-only value. Every message and every state is one."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


def replace(value: T, **changes: Any) -> T:
    """Copy a record with some fields changed.

    It is `dataclasses.replace` at half the cost, which every fold of a state pays: fields
    are put into their slots, past an `__init__` that asks for each of them again.
    """
    cls: Any = value.__class__
    made: T = object.__new__(cls)
    for name, get, put in _slots(cls):
        put(made, changes.pop(name) if name in changes else get(value))
    if changes:
        raise TypeError(f"{cls.__name__} has no {', '.join(changes)}")
    if hasattr(made, "__post_init__"):
        made.__post_init__()
    return made


@cache
def _slots(
    cls: Any,
) -> tuple[tuple[str, Callable[[Any], Any], Callable[[Any, Any], None]], ...]:
    """Name each field of a record, with how to read it and how to write it."""
    slots = ((each.name, getattr(cls, each.name)) for each in fields(cls))
    return tuple((name, slot.__get__, slot.__set__) for name, slot in slots)


class Message:
    """Anything said between services. Messages that share a key are handled in order."""

    __slots__ = ()

    topic: ClassVar[str]

    @property
    def key(self) -> str:
        raise NotImplementedError


class Command(Message):
    """A request, named in the imperative. The receiver may refuse it."""

    __slots__ = ()


class Event(Message):
    """A fact, named in the past tense. Nobody may refuse it."""

    __slots__ = ()


@record
class Envelope:
    """A message with what CloudEvents wants to know about it.

    `version` counts the events of one aggregate on one topic, from 1; commands have none.
    """

    id: UUID
    message: Any  # a Message; Any, so that `match` may narrow it freely
    occurred_at: datetime
    correlation_id: UUID
    causation_id: UUID | None = None
    version: int | None = None
    traceparent: str | None = None

    @property
    def key(self) -> str:
        key: str = self.message.key
        return key

    @property
    def type(self) -> str:
        return type(self.message).__name__

    def caused(
        self,
        index: int | str,
        message: Message,
        at: datetime,
        version: int | None = None,
    ) -> Envelope:
        """Wrap a consequence. Its id is derived: a retry emits the very same envelope."""
        return Envelope(
            id=named(self.id, str(index)),
            message=message,
            occurred_at=at,
            correlation_id=self.correlation_id,
            causation_id=self.id,
            version=version,
            traceparent=self.traceparent,
        )


def first(
    message: Message, id: UUID, at: datetime, traceparent: str | None = None
) -> Envelope:
    """Wrap a message that nothing of ours caused: it opens a correlation of its own."""
    return Envelope(
        id=id, message=message, occurred_at=at, correlation_id=id, traceparent=traceparent
    )


def derived(*parts: str) -> UUID:
    """Name a thing by what it is made of, so that whoever names it again agrees."""
    return named(NAMESPACE_URL, "/".join(parts))


def named(namespace: UUID, name: str) -> UUID:
    """Make the UUID of version 5 that RFC 9562 gives to a name.

    It is `uuid.uuid5` at half the cost, which every message pays several times: the parts
    are put in place without the checks that a UUID from outside needs.
    """
    digest = sha1(
        namespace.int.to_bytes(16) + name.encode(), usedforsecurity=False
    ).digest()
    made = object.__new__(UUID)
    object.__setattr__(made, "int", int.from_bytes(digest[:16]) & FREE_BITS | VERSION_5)
    object.__setattr__(made, "is_safe", OF_UNKNOWN_SAFETY)
    return made
