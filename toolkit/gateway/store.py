"""Idempotency keys at rest, one statement for each step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from toolkit.core.errors import Unavailable
from toolkit.gateway.idempotency import Answer, Busy, Claim, Different, Fresh, Outcome

Connection = AsyncConnection[tuple[Any, ...]]

# A claim that ran out unanswered may be taken over, for the same request only.
CLAIM = """
    insert into idempotency_keys as held
      (scope, key, fingerprint, claimed_at, claimed_until)
    values (%(scope)s, %(key)s, %(fingerprint)s, %(at)s, %(until)s)
    on conflict (scope, key) do update
    set claimed_at = excluded.claimed_at, claimed_until = excluded.claimed_until
    where held.status is null and held.claimed_until <= excluded.claimed_at
      and held.fingerprint = excluded.fingerprint
    returning true
"""

FIND = """
    select fingerprint = %(fingerprint)s, status, body from idempotency_keys
    where scope = %(scope)s and key = %(key)s
"""

KEEP = """
    insert into idempotency_keys as held
      (scope, key, fingerprint, claimed_at, claimed_until, status, body)
    values (%(scope)s, %(key)s, %(fingerprint)s, %(at)s, %(until)s, %(status)s, %(body)s)
    on conflict (scope, key) do update set status = excluded.status, body = excluded.body
    where held.status is null
"""

RELEASE = """
    delete from idempotency_keys
    where scope = %(scope)s and key = %(key)s and status is null
      and fingerprint = %(fingerprint)s and claimed_at = %(at)s
"""


@dataclass(frozen=True, slots=True)
class PostgresKeys:
    """Keys in the gateway's own schema."""

    pool: AsyncConnectionPool[Connection]

    async def claim(self, claim: Claim) -> Outcome:
        async with self._connection() as connection:
            if await (await connection.execute(CLAIM, _values(claim))).fetchone():
                return Fresh()
            row = await (await connection.execute(FIND, _values(claim))).fetchone()
        match row:
            case (False, _, _):
                return Different()
            case (True, int(status), bytes(body)):
                return Answer(status=status, body=body)
            case _:  # held by somebody, or given up at this very moment
                return Busy()

    async def keep(self, claim: Claim, answer: Answer) -> None:
        values = {**_values(claim), "status": answer.status, "body": answer.body}
        async with self._connection() as connection:
            await connection.execute(KEEP, values)

    async def release(self, claim: Claim) -> None:
        async with self._connection() as connection:
            await connection.execute(RELEASE, _values(claim))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self.pool.connection() as connection:
                yield connection
        except psycopg.OperationalError as failure:
            raise Unavailable(f"the keys do not answer: {failure}") from failure


def _values(claim: Claim) -> dict[str, Any]:
    return {
        "scope": claim.scope,
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "at": claim.at,
        "until": claim.until,
    }
