"""The gateway's own tables: idempotency keys and what was answered, and approvals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from toolkit.core.approval import Proposal
from toolkit.core.errors import Unavailable
from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.gateway.idempotency import Answer, Busy, Claim, Different, Fresh, Outcome
from toolkit.gateway.proposals import Approval, Waiting
from toolkit.infra.postgres.columns import Column, bigints, blobs, moments, texts
from toolkit.infra.postgres.failures import translated
from toolkit.infra.postgres.table import Row, StateTable
from toolkit.messages.escrow import CancelEscrow, ResolveDispute
from toolkit.messages.payload import from_payload_json, payload_json
from toolkit.projections.queries import Mark

Connection = AsyncConnection[tuple[Any, ...]]

# A claim that ran out unanswered may be taken over, for the same request only. Whoever
# finds neither a claim of their own nor an answer has met somebody at this very moment.
CLAIM = """
    with asked as (
      select * from unnest(
        %(scope)s::text[], %(key)s::text[], %(fingerprint)s::text[],
        %(at)s::timestamptz[], %(until)s::timestamptz[]
      ) with ordinality as asked (scope, key, fingerprint, at, until, position)
    ), claimed as (
      insert into idempotency_keys as held
        (scope, key, fingerprint, claimed_at, claimed_until)
      select scope, key, fingerprint, at, until from asked order by scope, key
      on conflict (scope, key) do update
      set claimed_at = excluded.claimed_at, claimed_until = excluded.claimed_until
      where held.status is null and held.claimed_until <= excluded.claimed_at
        and held.fingerprint = excluded.fingerprint
      returning scope, key
    )
    select claimed.key is not null, held.fingerprint = asked.fingerprint,
      held.status, held.body
    from asked left join claimed using (scope, key)
      left join idempotency_keys as held using (scope, key)
    order by position
"""

KEEP = """
    insert into idempotency_keys as held
      (scope, key, fingerprint, claimed_at, claimed_until, status, body)
    select * from unnest(
      %(scope)s::text[], %(key)s::text[], %(fingerprint)s::text[],
      %(at)s::timestamptz[], %(until)s::timestamptz[],
      %(status)s::bigint[], %(body)s::bytea[]
    ) as answered (scope, key) order by scope, key
    on conflict (scope, key) do update set status = excluded.status, body = excluded.body
    where held.status is null
"""

RELEASE = """
    delete from idempotency_keys
    where scope = %(scope)s and key = %(key)s and status is null
      and fingerprint = %(fingerprint)s and claimed_at = %(at)s
"""

REOPEN = """
    update idempotency_keys set claimed_until = claimed_at
    where scope = %(scope)s and key = %(key)s and status is null
      and fingerprint = %(fingerprint)s and claimed_at = %(at)s
"""


@dataclass(frozen=True, slots=True)
class PostgresKeys:
    """Keys in the gateway's own schema."""

    pool: AsyncConnectionPool[Connection]

    async def claim(self, claims: Sequence[Claim]) -> Sequence[Outcome]:
        """Claim each key once in a statement; a twin is told what the first one found."""
        first: dict[tuple[str, str], Claim] = {}
        for claim in claims:
            first.setdefault(claim.name, claim)
        found = dict(zip(first, await self._claim(list(first.values())), strict=True))
        return [_beside(first[claim.name], found[claim.name], claim) for claim in claims]

    async def keep(self, answered: Sequence[tuple[Claim, Answer]]) -> None:
        last = {claim.name: (claim, answer) for claim, answer in answered}
        values = {
            **_columns([claim for claim, _ in last.values()]),
            "status": bigints([answer.status for _, answer in last.values()]),
            "body": blobs([answer.body for _, answer in last.values()]),
        }
        async with self._connection() as connection:
            await connection.execute(KEEP, values, binary=True)

    async def release(self, claim: Claim) -> None:
        await self._let_go(RELEASE, claim)

    async def reopen(self, claim: Claim) -> None:
        await self._let_go(REOPEN, claim)

    async def _let_go(self, statement: str, claim: Claim) -> None:
        values = {
            "scope": claim.scope,
            "key": claim.key,
            "fingerprint": claim.fingerprint,
            "at": claim.at,
        }
        async with self._connection() as connection:
            await connection.execute(statement, values)

    async def _claim(self, claims: Sequence[Claim]) -> list[Outcome]:
        async with self._connection() as connection:
            rows = await connection.execute(CLAIM, _columns(claims), binary=True)
            return [_outcome(*row) for row in await rows.fetchall()]

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with self.pool.connection() as connection:
                await connection.set_autocommit(True)  # one statement, one round trip
                yield connection
        except psycopg.OperationalError as failure:
            raise Unavailable(f"the keys do not answer: {failure}") from failure


def _columns(claims: Sequence[Claim]) -> dict[str, Column]:
    return {
        "scope": texts([claim.scope for claim in claims]),
        "key": texts([claim.key for claim in claims]),
        "fingerprint": texts([claim.fingerprint for claim in claims]),
        "at": moments([claim.at for claim in claims]),
        "until": moments([claim.until for claim in claims]),
    }


def _beside(first: Claim, found: Outcome, twin: Claim) -> Outcome:
    """Answer whoever asked under a key, perhaps right behind somebody else."""
    if twin is first:
        return found
    if twin.fingerprint == first.fingerprint:
        return Busy() if isinstance(found, Fresh) else found
    return Busy() if isinstance(found, Different) else Different()


def _outcome(
    is_fresh: bool, is_same: bool | None, status: int | None, body: bytes | None
) -> Outcome:
    if is_fresh:
        return Fresh()
    if is_same is False:
        return Different()
    if status is not None and body is not None:
        return Answer(status=status, body=body)
    return Busy()


APPROVALS = StateTable(
    "approvals",
    {
        "approval_id": "text",
        "version": "bigint",
        "proposed_by": "text",
        "proposed_at": "timestamptz",
        "expires_at": "timestamptz",
        "approved_by": "text",
        "approved_at": "timestamptz",
        "reason": "text",
        "escrow_id": "text",
        "command": "text",
        "fields": "jsonb",
    },
)
WAITING = """
    select {columns} from approvals
    where approved_by is null and expires_at > %(now)s and (
      %(at)s::timestamptz is null or (proposed_at, approval_id) > (%(at)s, %(id)s::text)
    )
    order by proposed_at, approval_id limit %(limit)s
"""
LOG = """
    insert into approvals_log (approval_id, version, step, actor_id, at)
    select * from unnest(
      %(approval_id)s::text[], %(version)s::bigint[], %(step)s::text[],
      %(actor_id)s::text[], %(at)s::timestamptz[]
    )
"""
COMMANDS: Mapping[str, type[CancelEscrow | ResolveDispute]] = {
    kind.__name__: kind for kind in (CancelEscrow, ResolveDispute)
}


@dataclass(frozen=True, slots=True)
class PostgresProposals:
    """What waits for a second person, in the gateway's own schema."""

    pool: AsyncConnectionPool[Connection]

    async def waiting(
        self, now: datetime, limit: int, after: Mark | None = None
    ) -> Sequence[Waiting]:
        at, id = after or (None, None)
        values = {"now": now, "limit": limit, "at": at, "id": id}
        columns = ", ".join(
            f"{name}::text" if kind == "jsonb" else name
            for name, kind in APPROVALS.columns.items()
        )
        with translated():
            async with self.pool.connection() as connection:
                answer = await connection.execute(WAITING.format(columns=columns), values)
                rows = await answer.fetchall()
        found = [dict(zip(APPROVALS.columns, row, strict=True)) for row in rows]
        return [Waiting(row["approval_id"], _approval(row)) for row in found]


class ApprovalStore:
    """Approvals, and a log of their steps that nobody changes."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        rows = await APPROVALS.load(connection, keys)
        return {
            row["approval_id"]: Versioned(_approval(row), row["version"]) for row in rows
        }

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],  # noqa: ARG002 - the gateway tells nothing itself
    ) -> None:
        rows = [_row(id, versioned) for id, versioned in states.items()]
        await connection.execute(LOG, _steps(rows))
        await APPROVALS.save(connection, rows, found)


def _row(approval_id: str, versioned: Versioned) -> Row:
    kept: Approval = versioned.state
    proposal = kept.proposal
    return {
        "approval_id": approval_id,
        "version": versioned.version,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "expires_at": proposal.expires_at,
        "approved_by": proposal.approved_by,
        "approved_at": proposal.approved_at,
        "reason": kept.reason,
        "escrow_id": kept.command.escrow_id,
        "command": type(kept.command).__name__,
        "fields": payload_json(kept.command),
    }


def _steps(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Say who took each approval's last step."""
    return {
        "approval_id": [row["approval_id"] for row in rows],
        "version": [row["version"] for row in rows],
        "step": ["APPROVED" if row["approved_by"] else "PROPOSED" for row in rows],
        "actor_id": [row["approved_by"] or row["proposed_by"] for row in rows],
        "at": [row["approved_at"] or row["proposed_at"] for row in rows],
    }


def _approval(row: Row) -> Approval:
    return Approval(
        proposal=Proposal(
            proposed_by=row["proposed_by"],
            proposed_at=row["proposed_at"],
            good_for=row["expires_at"] - row["proposed_at"],
            approved_by=row["approved_by"],
            approved_at=row["approved_at"],
        ),
        reason=row["reason"],
        command=from_payload_json(COMMANDS[row["command"]], row["fields"]),
    )
