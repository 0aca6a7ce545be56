"""Payments at rest, and the journal that is written with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import bigints, moments, texts, uuids
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.table import StateTable
from toolkit.messages.payload import from_payload_json, payload_json
from toolkit.payments.ledger import journal
from toolkit.payments.state import Payment

PAYMENTS = StateTable(
    "payments",
    {
        "escrow_id": "text",
        "version": "bigint",
        "payment_id": "text",
        "rail": "text",
        "intent_ref": "text",
        "document": "jsonb",
    },
)

BOOK = """
    insert into journal (event_id, line, account, minor, currency, booked_at)
    select * from unnest(
      %(event_id)s::uuid[], %(line)s::bigint[], %(account)s::text[], %(minor)s::bigint[],
      %(currency)s::text[], %(booked_at)s::timestamptz[]
    )
"""


class PaymentStore:
    """Maps payments to rows and back, and books what their events moved."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        return {
            row["escrow_id"]: Versioned(
                from_payload_json(Payment, row["document"]), row["version"]
            )
            for row in await PAYMENTS.load(connection, keys)
        }

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],
    ) -> None:
        await _book(connection, events)
        rows = [
            {
                "escrow_id": key,
                "version": version,
                "payment_id": state.payment_id,
                "rail": state.rail.value,
                "intent_ref": state.intent_ref,
                "document": payload_json(state),
            }
            for key, (state, version) in sorted(states.items())
        ]
        await PAYMENTS.save(connection, rows, found)


async def _book(connection: Connection, events: Sequence[Envelope]) -> None:
    booked = [
        (event, number, line)
        for event in events
        for number, line in enumerate(journal(event.message))
    ]
    if booked:
        await connection.execute(
            BOOK,
            {
                "event_id": uuids(event.id for event, _, _ in booked),
                "line": bigints(number for _, number, _ in booked),
                "account": texts(line.account for _, _, line in booked),
                "minor": bigints(line.minor for _, _, line in booked),
                "currency": texts(line.currency.value for _, _, line in booked),
                "booked_at": moments(event.occurred_at for event, _, _ in booked),
            },
            binary=True,
        )
