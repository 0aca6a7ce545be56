"""The ports of one service's database, answered by PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.errors import LockNotAvailable

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Cursor, Entry, OwnedOutbox, Partition, Transaction
from toolkit.infra.postgres import statements
from toolkit.infra.postgres.columns import bigints, texts
from toolkit.infra.postgres.failures import translated
from toolkit.infra.postgres.outbox import PARTS, owned_outbox
from toolkit.infra.postgres.pool import Pool
from toolkit.infra.postgres.store import Store
from toolkit.infra.postgres.transaction import PostgresTransaction
from toolkit.infra.postgres.wires import Decode, Encode, wire

log = logging.getLogger(__name__)
FROZEN_AFTER_S = 30.0  # as long as an idle transaction may take
POLL_S = 0.2  # others may have put something on the agenda, and time passes


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """All that one service keeps. The pool is one of `open_pool` on the same schema.

    Relays of one service may share its outbox: each is given `parts` of its own.
    """

    pool: Pool
    schema: str
    store: Store
    encode: Encode
    decode: Decode
    parts: Sequence[int] = PARTS
    posted: asyncio.Event = field(default_factory=asyncio.Event)
    planned: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Run a transaction in one pipeline; it commits unless something failed inside."""
        async with (
            self._unblocked(),
            self.pool.connection() as connection,
            connection.pipeline() as pipeline,
        ):
            await connection.execute("begin")
            transaction = PostgresTransaction(
                connection, pipeline, self.store, self.encode, self.decode
            )
            yield transaction
            if transaction.doomed:
                raise transaction.doomed
            end = await connection.execute("commit")
            await pipeline.sync()
            if end.statusmessage != "COMMIT":
                raise Unavailable(f"the commit ended as {end.statusmessage}")
        self._ring(transaction)

    async def take_over(self, partitions: Sequence[Partition]) -> Sequence[Cursor]:
        async with self._unblocked(), self.pool.connection() as connection:
            answer = await connection.execute(
                statements.TAKE_OVER,
                [
                    texts(p.topic for p in partitions),
                    bigints(p.number for p in partitions),
                ],
            )
            rows = await answer.fetchall()
        owned = {
            Partition(topic, number): Cursor(
                partition=Partition(topic, number), epoch=epoch, offset=offset
            )
            for topic, number, epoch, offset in rows
        }
        return [owned[partition] for partition in partitions]

    @asynccontextmanager
    async def owned(self) -> AsyncIterator[OwnedOutbox]:
        assert isinstance(self.pool.conninfo, str), "a pool of open_pool has a plain DSN"
        async with owned_outbox(
            self.pool.conninfo, self.schema, self.parts, self.posted
        ) as outbox:
            yield outbox

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[Entry]:
        with translated():
            async with self.pool.connection() as connection:
                answer = await connection.execute(
                    statements.LEASE,
                    {"now": now, "until": until, "limit": limit},
                    binary=True,
                )
                rows = await answer.fetchall()
        return [
            Entry(
                id=id,
                due_at=due_at,
                since=since,
                performs=performs,
                attempts=attempts,
                envelope=self.decode(topic, wire(*cargo)),
            )
            for id, due_at, since, performs, attempts, topic, *cargo in rows
        ]

    async def postpone(self, id: UUID, due_at: datetime) -> None:
        with translated():
            async with self.pool.connection() as connection:
                await connection.execute(statements.POSTPONE, [due_at, id])

    async def rest(self, now: datetime) -> None:  # noqa: ARG002 - we look again soon anyway
        with suppress(TimeoutError):
            await asyncio.wait_for(self.planned.wait(), POLL_S)
        self.planned.clear()

    @asynccontextmanager
    async def _unblocked(self) -> AsyncIterator[None]:
        """End the sessions of frozen processes, once one of them has held us up."""
        try:
            with translated():
                yield
        except Unavailable as obstacle:
            if isinstance(obstacle.__cause__, LockNotAvailable):
                await self._end_frozen()
            raise

    async def _end_frozen(self) -> None:
        """End whoever stands still in the midst of a transaction, with all its locks.

        The server's own limit is for sessions that wait to be asked. It does not count for
        one whose process was stopped between two statements of a pipeline.
        """
        values = {"schema": self.schema, "after_s": FROZEN_AFTER_S}
        with suppress(psycopg.Error):
            async with self.pool.connection() as connection:
                answer = await connection.execute(statements.END_FROZEN, values)
                count = sum([ended async for (ended,) in answer])
                if count:
                    log.warning("%s: %s frozen sessions were ended", self.schema, count)

    def _ring(self, transaction: PostgresTransaction) -> None:
        """Wake this process's own workers at once; those of others look by themselves."""
        if transaction.has_posted:
            self.posted.set()
        if transaction.has_planned:
            self.planned.set()
