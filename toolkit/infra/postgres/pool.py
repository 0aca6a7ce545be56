"""Connections that give up in time: nothing that waits in the database waits for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from toolkit.infra.postgres.columns import register
from toolkit.infra.postgres.store import Connection

Pool = AsyncConnectionPool[Connection]

SESSION = {
    "timezone": "UTC",
    "jit": "off",  # never worth it for statements this short
    # Rows are looked up by key. A plan is made once, perhaps while a table is small, and
    # must still do when it is large: so never one that reads a table from end to end.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",  # a zombie must not keep its locks
    "client_connection_check_interval": "5s",  # a waiter that is gone must not be next
    "tcp_keepalives_idle": "10",  # nor may a machine that is gone keep the outbox
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
TRANSPORT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def session(dsn: str, schema: str, **settings: str) -> str:
    """Complete a DSN: the schema's search path, and limits to every kind of waiting."""
    chosen = {**SESSION, "search_path": schema, **settings}
    options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
    return make_conninfo(
        dsn, **{"application_name": schema, **TRANSPORT, "options": options}
    )


async def prepare(connection: AsyncConnection[Any]) -> None:
    """Teach a new connection our columns, and to plan each statement only once."""
    register(connection)
    connection.prepare_threshold = 0


@asynccontextmanager
async def open_pool(
    dsn: str, schema: str, size_min: int = 1, size_max: int = 8
) -> AsyncIterator[Pool]:
    """Keep so many connections to one service's schema."""
    pool: Pool = AsyncConnectionPool(
        session(dsn, schema),
        min_size=size_min,
        max_size=size_max,
        kwargs={"autocommit": True},  # transactions are opened within a pipeline
        configure=prepare,
        open=False,
        timeout=10,
        name=schema,
    )
    async with pool:
        yield pool
