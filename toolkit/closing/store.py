"""Closings at rest, and the journal that is written with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.closing.ledger import journal
from toolkit.closing.policy import name_of
from toolkit.closing.state import Absent, State, Transaction
from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import bigints, moments, texts, uuids
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.table import Row, StateTable
from toolkit.messages.payload import from_payload_json, payload_json

TRANSACTIONS = StateTable(
    "transactions",
    {
        "transaction_id": "text",
        "version": "bigint",
        "state": "text",
        "buyer_id": "text",
        "seller_id": "text",
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


class ClosingStore:
    """Maps closings to rows and back, and books what their events moved."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        rows = await TRANSACTIONS.load(connection, keys)
        return {
            row["transaction_id"]: Versioned(state_of(row), row["version"]) for row in rows
        }

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],
    ) -> None:
        await _book(connection, events)
        rows = [row_of(key, *states[key]) for key in sorted(states)]
        await TRANSACTIONS.save(connection, rows, found)


def row_of(transaction_id: str, state: Any, version: int) -> Row:
    """Lay a closing out in columns; of what was refused nothing is known but that."""
    row: dict[str, Any] = {
        "transaction_id": transaction_id,
        "version": version,
        "state": name_of(state),
        "buyer_id": None,
        "seller_id": None,
        "document": None,
    }
    if isinstance(state, Absent):
        return row
    return row | {
        "buyer_id": state.terms.buyer_id,
        "seller_id": state.terms.seller_id,
        "document": payload_json(state),
    }


def state_of(row: Row) -> State:
    """Read a closing off its row."""
    if row["document"] is None:
        return Absent()
    return from_payload_json(Transaction, row["document"])


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
