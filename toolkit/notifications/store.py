"""Subjects at rest, and the outcome of every notification that is written with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import bigints, moments, texts, uuids
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.table import StateTable
from toolkit.messages.notifications import NotificationFailed, NotificationSent
from toolkit.messages.payload import from_payload_json, payload_json
from toolkit.notifications.state import Subject

SUBJECTS = StateTable(
    "subjects",
    {
        "subject_id": "text",
        "version": "bigint",
        "contract_id": "text",
        "buyer_id": "text",
        "seller_id": "text",
        "document": "jsonb",
    },
)

TRACK = """
    insert into deliveries (
      notification_id, recipient_id, channel, template, cause, attempts, reason, ended_at
    )
    select * from unnest(
      %(notification_id)s::uuid[], %(recipient_id)s::text[], %(channel)s::text[],
      %(template)s::text[], %(cause)s::uuid[], %(attempts)s::bigint[], %(reason)s::text[],
      %(ended_at)s::timestamptz[]
    )
"""


class NotificationStore:
    """Maps subjects to rows and back, and keeps track of what was delivered."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        return {
            row["subject_id"]: Versioned(
                from_payload_json(Subject, row["document"]), row["version"]
            )
            for row in await SUBJECTS.load(connection, keys)
        }

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],
    ) -> None:
        await _track(connection, events)
        rows = [
            _parties(state)
            | {
                "subject_id": key,
                "version": version,
                "document": payload_json(state),
            }
            for key, (state, version) in sorted(states.items())
        ]
        await SUBJECTS.save(connection, rows, found)


def _parties(known: Subject) -> dict[str, Any]:
    parties = known.parties
    return {
        "contract_id": parties and parties.contract_id,
        "buyer_id": parties and parties.buyer_id,
        "seller_id": parties and parties.seller_id,
    }


async def _track(connection: Connection, events: Sequence[Envelope]) -> None:
    ended = [
        (envelope, envelope.message)
        for envelope in events
        if isinstance(envelope.message, NotificationSent | NotificationFailed)
    ]
    if ended:
        await connection.execute(
            TRACK,
            {
                "notification_id": uuids(UUID(e.notification_id) for _, e in ended),
                "recipient_id": texts(e.recipient_id for _, e in ended),
                "channel": texts(e.channel.value for _, e in ended),
                "template": texts(e.template for _, e in ended),
                "cause": uuids(UUID(e.cause) for _, e in ended),
                "attempts": bigints(e.attempts for _, e in ended),
                "reason": texts(getattr(e, "reason", None) for _, e in ended),
                "ended_at": moments(envelope.occurred_at for envelope, _ in ended),
            },
            binary=True,
        )
