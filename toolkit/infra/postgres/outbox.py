"""The outbox in the hands of one relay, for as long as its session lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from psycopg import AsyncConnection

from toolkit.core.ports import Posting
from toolkit.infra.postgres import statements
from toolkit.infra.postgres.columns import bigints
from toolkit.infra.postgres.failures import translated
from toolkit.infra.postgres.pool import prepare, session
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.wires import wire

PARTS = range(16)  # as the table's own column says
STANDS_STILL = "30s"
POLL_S = 0.05  # what other processes have said is seen this late


@dataclass(frozen=True, slots=True)
class PostgresOutbox:
    """Reads and deletes on the session that holds the lock: a dead one can do nothing."""

    connection: Connection
    parts: Sequence[int]
    posted: asyncio.Event

    async def read(self, limit: int) -> Sequence[Posting]:
        with translated():
            answer = await self.connection.execute(
                statements.READ, [bigints(self.parts), limit], binary=True
            )
            return [
                Posting(seq=seq, topic=topic, key=key, cargo=wire(value, headers))
                for seq, topic, key, value, headers in await answer.fetchall()
            ]

    async def delete(self, seqs: set[int]) -> None:
        if seqs:
            with translated():
                await self.connection.execute(statements.DELETE, [bigints(seqs)])

    async def rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.posted.wait(), POLL_S)
        self.posted.clear()


@asynccontextmanager
async def owned_outbox(
    dsn: str, schema: str, parts: Sequence[int], posted: asyncio.Event
) -> AsyncIterator[PostgresOutbox]:
    """Open a session of its own and wait for its parts, however long another holds them."""
    with translated():
        connection: Connection = await AsyncConnection.connect(
            session(dsn, schema, lock_timeout="0"), autocommit=True
        )
    async with connection:
        with translated():
            await prepare(connection)
            await connection.execute("set statement_timeout = 0")
            for part in sorted(parts):
                await connection.execute(statements.OWN, [f"{schema}.outbox/{part}"])
            await connection.execute("set statement_timeout = '30s'")
            # An owner who stands still, and cannot even be told so, is not waited for.
            await connection.execute(f"set idle_session_timeout = '{STANDS_STILL}'")
        yield PostgresOutbox(connection, parts, posted)
