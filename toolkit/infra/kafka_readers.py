"""How far everybody has read, for a broker that forgets what it should keep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import psycopg
from psycopg.sql import SQL, Identifier

from toolkit.core.ports import Partition

log = logging.getLogger(__name__)

EVERY_S = 0.5
OFFSETS = "select topic, partition, next_offset from {}.offsets"


class Readers:
    """The slowest reader of each partition, by where they keep their offsets.

    `schemas` are the services that read; `archived_up_to` answers for the archive, which
    reads every partition of the topics that end in an event.
    """

    def __init__(
        self, dsn: str, schemas: Sequence[str], archived_up_to: Callable[[Partition], int]
    ) -> None:
        self._dsn = dsn
        self._schemas = schemas
        self._archived_up_to = archived_up_to
        self._read_up_to: dict[Partition, int] = {}

    def read_up_to(self, partition: Partition) -> int | None:
        """The offset before which everybody has read, or None where nobody reads."""
        return self._read_up_to.get(partition)

    async def run(self) -> None:
        while True:
            try:
                await self.refresh()
            except psycopg.OperationalError as obstacle:
                log.warning("the readers' offsets cannot be read: %s", obstacle)
            await asyncio.sleep(EVERY_S)

    async def refresh(self) -> None:
        """Ask everybody once."""
        found: dict[Partition, int] = {}
        connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        async with connection:
            for schema in self._schemas:
                query = SQL(OFFSETS).format(Identifier(schema))
                for topic, number, offset in await (
                    await connection.execute(query)
                ).fetchall():
                    partition = Partition(topic, number)
                    found[partition] = min(offset, found.get(partition, offset))
        for partition, offset in found.items():
            if ".events." in partition.topic:
                found[partition] = min(offset, self._archived_up_to(partition))
        self._read_up_to = found
