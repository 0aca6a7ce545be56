"""The desk of a service's dead letters: what lies there, who asked for what, who agreed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from toolkit.core.approval import Proposal
from toolkit.core.message import record
from toolkit.core.ports import Agreed, Delivery, Partition
from toolkit.infra.postgres.database import PostgresDatabase
from toolkit.infra.postgres.failures import translated
from toolkit.infra.postgres.wires import delivered, wire

FIND = """
    select id, topic, partition, "offset", key, error, failed_at, resolved_at,
      claimed, attempts, (select count(*) from parked where parked.key = dead_letters.key
        and resolved_at is null), value, headers
    from dead_letters
    where (%(id)s::bigint is null or id = %(id)s)
      and (%(topic)s::text is null or topic = %(topic)s)
      and (%(key)s::text is null or key = %(key)s)
      and (%(error)s::text is null or position(lower(%(error)s) in lower(error)) > 0)
      and (%(since)s::timestamptz is null or failed_at >= %(since)s)
      and (%(resolved)s or resolved_at is null)
    order by id limit %(limit)s
"""
REQUESTS = """
    select letter_id, id, action, reason, proposed_by, proposed_at,
      decision, decided_by, decided_at, remark
    from dead_letter_requests where letter_id = any(%s) order by id
"""
EXPIRE = """
    update dead_letter_requests
    set decision = 'EXPIRED', decided_at = %(at)s, remark = 'nobody decided in time'
    where letter_id = %(id)s and decided_at is null and proposed_at <= %(stale)s
"""
ASK = """
    insert into dead_letter_requests (letter_id, action, reason, proposed_by, proposed_at)
    select id, %(action)s, %(reason)s, %(by)s, %(at)s from dead_letters
    where id = %(id)s and resolved_at is null
    on conflict do nothing returning id
"""
REJECT = """
    update dead_letter_requests
    set decision = 'REJECTED', decided_by = %(by)s, decided_at = %(at)s, remark = %(reason)s
    where id = %(id)s and decided_at is null returning id
"""


class Action(StrEnum):
    """What may be done about a dead letter; either way its key goes on."""

    REPLAY = "replay"  # the message is handled again, and then what waited behind it
    DISCARD = "discard"  # the message is passed over


@record
class Request:
    """What somebody asked for, and what became of it."""

    id: int
    action: Action
    reason: str
    proposal: Proposal
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    remark: str | None


@record
class Letter:
    """A dead letter with all that happened to it; `waiting` counts what it parks."""

    id: int
    service: str
    delivery: Delivery
    error: str
    failed_at: datetime
    resolved_at: datetime | None
    waiting: int
    requests: tuple[Request, ...]

    @property
    def open_request(self) -> Request | None:
        return next((r for r in self.requests if r.decision is None), None)

    def agreed(self, request: Request, by: str, at: datetime) -> Agreed:
        """Say what is to be done now that a second person has agreed."""
        return Agreed(
            request_id=request.id,
            letter_id=self.id,
            again=self.delivery if request.action is Action.REPLAY else None,
            approved_by=by,
            approved_at=at,
        )


@record
class Wanted:
    """Which dead letters are asked for; None leaves a side open."""

    id: int | None = None
    topic: str | None = None
    key: str | None = None
    error: str | None = None  # any part of it, in any case
    since: datetime | None = None
    resolved: bool = False  # those too that are done with
    limit: int = 100


@record
class Desk:
    """Where people look at one service's dead letters, and ask for what is to be done."""

    database: PostgresDatabase

    async def find(self, wanted: Wanted) -> list[Letter]:
        """Answer dead letters, oldest first, each with its requests."""
        given = {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
        with translated():
            async with self.database.pool.connection() as connection:
                rows = await (await connection.execute(FIND, given)).fetchall()
                ids = [row[0] for row in rows]
                asked = await (await connection.execute(REQUESTS, [ids])).fetchall()
        requests: dict[int, list[Request]] = defaultdict(list)
        for letter_id, *rest in asked:
            requests[letter_id].append(_request(rest))
        return [self._letter(row, requests) for row in rows]

    async def ask(
        self, letter: Letter, action: Action, reason: str, by: str, at: datetime
    ) -> bool:
        """Ask for something; False when it is resolved, or something is asked for."""
        stale = at - Proposal(proposed_by=by, proposed_at=at).good_for
        given = {
            "id": letter.id,
            "action": action.name,
            "reason": reason,
            "by": by,
            "at": at,
            "stale": stale,
        }
        with translated():
            async with (
                self.database.pool.connection() as connection,
                connection.transaction(),
            ):
                await connection.execute(EXPIRE, given)
                answer = await connection.execute(ASK, given)
                return await answer.fetchone() is not None

    async def reject(self, request: Request, reason: str, by: str, at: datetime) -> bool:
        """Turn a request down, or take one's own back; False when it is decided already."""
        given = {"id": request.id, "reason": reason, "by": by, "at": at}
        with translated():
            async with self.database.pool.connection() as connection:
                answer = await connection.execute(REJECT, given)
                return await answer.fetchone() is not None

    def _letter(
        self, row: Sequence[Any], requests: Mapping[int, Sequence[Request]]
    ) -> Letter:
        id, topic, number, offset, key, error, failed_at, resolved_at, *rest = row
        claimed, attempts, waiting, value, headers = rest
        delivery = delivered(
            Partition(topic, number),
            offset,
            key,
            wire(value, headers),
            self.database.decode,
        )
        return Letter(
            id=id,
            service=self.database.schema,
            delivery=replace(delivery, claimed=claimed, attempts=attempts),
            error=error,
            failed_at=failed_at,
            resolved_at=resolved_at,
            waiting=waiting,
            requests=tuple(requests[id]),
        )


def _request(row: Sequence[Any]) -> Request:
    id, action, reason, proposed_by, proposed_at, decision, decided_by, decided_at, *_ = row
    approved = decision == "APPROVED"
    return Request(
        id=id,
        action=Action[action],
        reason=reason,
        proposal=Proposal(
            proposed_by=proposed_by,
            proposed_at=proposed_at,
            approved_by=decided_by if approved else None,
            approved_at=decided_at if approved else None,
        ),
        decision=decision,
        decided_by=decided_by,
        decided_at=decided_at,
        remark=row[-1],
    )
