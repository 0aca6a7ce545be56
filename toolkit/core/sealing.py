"""What nobody may read at rest: keys that wrap keys, and who keeps them."""

from __future__ import annotations

from typing import Protocol

from toolkit.core.message import record


@record
class WrappedKey:
    """A key as it may be stored: only the service that wrapped it can say what it is."""

    master: str  # which of the service's keys wrapped it
    wrapped: bytes


class KeyGone(Exception):  # noqa: N818 - says what happened
    """The master key is no longer there, so what it wrapped is lost to everybody."""


class Unreadable(Exception):  # noqa: N818 - says what happened
    """It was altered, belongs to another place, or was sealed with another key."""


class KeyService(Protocol):
    """A KMS: it wraps keys for others, and its own never leave it.

    `context` says whose key it is; a wrapped key opens in its own context only.
    """

    @property
    def master(self) -> str:
        """Name the key that wraps from now on."""
        ...

    async def wrap(self, key: bytes, context: str) -> WrappedKey:
        """Wrap a key. Raises Unavailable while the service cannot be reached."""
        ...

    async def unwrap(self, wrapped: WrappedKey, context: str) -> bytes:
        """Open a wrapped key. Raises KeyGone, Unreadable, or Unavailable."""
        ...
