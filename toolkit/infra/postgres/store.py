"""What the adapter asks of a service's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from psycopg import AsyncConnection

from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned

Connection = AsyncConnection[tuple[Any, ...]]


class Store(Protocol):
    """A service's states at rest. It runs inside the adapter's transaction and pipeline.

    Statements are queued until one is fetched, so a store should execute all it has to
    and fetch at the end. The search path is the service's schema.
    """

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        """Lock the rows of these keys, in order of key, and answer those that exist."""
        ...

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],
    ) -> None:
        """Write states, in order of key, where the version is still the one found.

        Raises Conflict when fewer rows were written than there are states.
        """
        ...
