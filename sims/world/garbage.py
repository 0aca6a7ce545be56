"""Records that nobody can read: what a bug elsewhere, or a torn disk, puts on a topic."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from toolkit.core.message import Envelope, Message, record

PROBLEM = "these bytes are no message we know"


@record
class Garbage(Message):
    """Bytes under a key; they are never handled, only buried."""

    topic: ClassVar[str] = ""

    under: str

    @property
    def key(self) -> str:
        return self.under


def garbage(key: str, id: UUID, at: datetime) -> Envelope:
    """Make something unreadable. The envelope is our own mark on it, to find it again."""
    return Envelope(id=id, message=Garbage(under=key), occurred_at=at, correlation_id=id)


def is_poison(envelope: object, poisoned: AbstractSet[UUID]) -> bool:
    """Is this, or was its cause, put there by a world that knows nobody can handle it?"""
    ids = {getattr(envelope, "id", None), getattr(envelope, "causation_id", None)}
    return not poisoned.isdisjoint(ids)


def is_readable(envelope: Envelope) -> bool:
    """Could a consumer make anything of it?"""
    return type(envelope.message) is not Garbage
