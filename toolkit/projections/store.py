"""Views at rest, and how they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed, Identifier
from psycopg_pool import AsyncConnectionPool

from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import Envelope
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import booleans, texts
from toolkit.messages.escrow import Rail
from toolkit.messages.payload import from_payload_json, payload_json
from toolkit.projections.model import (
    Agreement,
    EscrowView,
    Payment,
    PaymentStatus,
    State,
    Terms,
)
from toolkit.projections.queries import Reader, Summary, Wanted

Row = tuple[Any, ...]
Connection = AsyncConnection[Row]
Decode = Callable[[str, bytes, bytes], Envelope]  # topic, value and packed headers

ESCROWS = "escrows"
COLUMNS = {
    "escrow_id": "text",
    "version": "bigint",
    "contract_id": "text",
    "buyer_id": "text",
    "seller_id": "text",
    "amount_minor": "bigint",
    "currency": "text",
    "rail": "text",
    "state": "text",
    "created_at": "timestamptz",
    "told_at": "timestamptz",
    "payment_id": "text",
    "payment_status": "text",
    "provider_ref": "text",
    "fund_by": "timestamptz",
    "held_at": "timestamptz",
    "delivered_at": "timestamptz",
    "auto_release_at": "timestamptz",
    "dispute_id": "text",
    "in_minor": "bigint",
    "out_minor": "bigint",
    "refunded_minor": "bigint",
    "agreement": "jsonb",
    "payment": "jsonb",
}

LOAD = """
    select escrow_id, version, agreement::text, payment::text from escrows
    where escrow_id = any(%s) order by escrow_id for update
"""

SAVE = """
    with written as (
      insert into {table} as kept ({columns})
      select {columns} from jsonb_to_recordset(%(rows)s::jsonb) as given ({typed})
      order by escrow_id
      on conflict (escrow_id) do update set {updates}
      where kept.version = (%(found)s::jsonb ->> excluded.escrow_id)::bigint
      returning 1
    )
    select count(*) from written
"""

FIND = """
    select escrow_id, agreement::text, payment::text from escrows
    where {column} = %(id)s
      and (%(sees_all)s or buyer_id = %(buyer_id)s or seller_id = %(seller_id)s)
    order by escrow_id limit 1
"""
FIND_BY = {column: FIND.format(column=column) for column in ("escrow_id", "contract_id")}

TERMS = """
    select position, contract_id, buyer_id, seller_id, amount_minor, currency, rail
    from unnest(
      %(ids)s::text[], %(sees_all)s::boolean[], %(buyers)s::text[], %(sellers)s::text[]
    ) with ordinality as asked (escrow_id, sees_all, buyer, seller, position)
    join escrows using (escrow_id)
    where contract_id is not null and (sees_all or buyer_id = buyer or seller_id = seller)
"""

PAGE = """
    select escrow_id, created_at, contract_id, buyer_id, seller_id, amount_minor, currency,
      rail, state, payment_status, in_minor, out_minor, refunded_minor, fund_by, held_at,
      delivered_at, auto_release_at, dispute_id
    from escrows
    where {conditions}
    order by created_at desc, escrow_id collate "C" desc limit %(limit)s
"""
# Each is a condition only where it is asked for, so that the plan fits what is.
CONDITIONS = {
    "states": "state = any(%(states)s)",
    "rail": "rail = %(rail)s",
    "buyer_id": "buyer_id = %(buyer_id)s",
    "seller_id": "seller_id = %(seller_id)s",
    "created_from": "created_at >= %(created_from)s",
    "created_until": "created_at < %(created_until)s",
    "after_id": '(created_at, escrow_id collate "C") < (%(after_at)s, %(after_id)s)',
    "own": "(buyer_id = %(own_as_buyer)s or seller_id = %(own_as_seller)s)",
}


NEWEST = "select max(told_at) from escrows"


class ViewStore:
    """What the adapter loads under lock, and saves where it has not moved on."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        found = await connection.execute(LOAD, [list(keys)])
        return {
            escrow_id: Versioned(view_of(escrow_id, *documents), version)
            for escrow_id, version, *documents in await found.fetchall()
        }

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],  # noqa: ARG002 - a projection says nothing
    ) -> None:
        if await write(connection, states, found) < len(states):
            raise Conflict("a view has moved on since it was read")


@dataclass(frozen=True, slots=True)
class PostgresQueries:
    """The query side over the service's own tables."""

    pool: AsyncConnectionPool[Connection]

    async def escrow(self, escrow_id: str, reader: Reader) -> EscrowView | None:
        return await self._find("escrow_id", escrow_id, reader)

    async def escrow_of_contract(
        self, contract_id: str, reader: Reader
    ) -> EscrowView | None:
        return await self._find("contract_id", contract_id, reader)

    async def terms(self, asked: Sequence[tuple[str, Reader]]) -> Sequence[Terms | None]:
        values = {
            "ids": texts([escrow_id for escrow_id, _ in asked]),
            "sees_all": booleans([reader.sees_all for _, reader in asked]),
            "buyers": texts([reader.buyer_id for _, reader in asked]),
            "sellers": texts([reader.seller_id for _, reader in asked]),
        }
        rows = await self._all(TERMS, values)
        found = {position: terms_of(row) for position, *row in rows}
        return [found.get(position) for position in range(1, len(asked) + 1)]

    async def page(self, wanted: Wanted, reader: Reader) -> Sequence[Summary]:
        after = wanted.after
        values = {
            "limit": wanted.limit,
            "states": sorted(wanted.states),
            "rail": wanted.rail and str(wanted.rail),
            "buyer_id": wanted.buyer_id,
            "seller_id": wanted.seller_id,
            "created_from": wanted.created_from,
            "created_until": wanted.created_until,
            "after_at": after and after.created_at,
            "after_id": after and after.escrow_id,
            "own": not reader.sees_all,
            "own_as_buyer": reader.buyer_id,
            "own_as_seller": reader.seller_id,
        }
        asked = [SQL(text) for name, text in CONDITIONS.items() if values[name]]
        known = SQL("created_at is not null and contract_id is not null")
        query = SQL(PAGE).format(conditions=SQL(" and ").join([known, *asked]))
        return [summary_in(row) for row in await self._all(query, values)]

    async def _find(self, column: str, id: str, reader: Reader) -> EscrowView | None:
        values = {
            "id": id,
            "sees_all": reader.sees_all,
            "buyer_id": reader.buyer_id,
            "seller_id": reader.seller_id,
        }
        rows = await self._all(FIND_BY[column], values)
        return view_of(*rows[0]) if rows else None

    async def _all(self, query: str | Composed, values: dict[str, Any]) -> list[Row]:
        try:
            async with self.pool.connection() as connection:
                await connection.set_autocommit(True)  # one statement, one round trip
                return await (await connection.execute(query, values)).fetchall()
        except psycopg.OperationalError as failure:
            raise Unavailable(f"the read models do not answer: {failure}") from failure


async def newest_at(pool: AsyncConnectionPool[Connection]) -> datetime | None:
    """Say when the newest of all that the views know happened; None, where none is."""
    async with pool.connection() as connection:
        row = await (await connection.execute(NEWEST)).fetchone()
    assert row, "an aggregate always answers"
    newest: datetime | None = row[0]
    return newest


async def write(
    connection: Connection,
    states: Mapping[str, Versioned],
    found: Mapping[str, int],
    table: str = ESCROWS,
) -> int:
    """Write rows whose version is still the one found, and answer how many were."""
    rows = [row_of(state, version) for state, version in states.values()]
    values = {"rows": json.dumps(rows), "found": json.dumps(dict(found))}
    written = await connection.execute(_save(table), values)
    (count,) = await written.fetchone() or (0,)
    return int(count)


def view_of(escrow_id: str, agreement: str, payment: str) -> EscrowView:
    return EscrowView(
        escrow_id=escrow_id,
        agreement=from_payload_json(Agreement, agreement),
        payment=from_payload_json(Payment, payment),
    )


def summary_in(row: Row) -> Summary:
    escrow_id, created_at, *terms = row[:8]
    state, payment_status, in_minor, out_minor, refunded_minor, *moments = row[8:]
    fund_by, held_at, delivered_at, auto_release_at, dispute_id = moments
    return Summary(
        escrow_id=escrow_id,
        created_at=created_at,
        terms=terms_of(terms),
        state=State(state),
        payment_status=PaymentStatus(payment_status),
        in_minor=in_minor,
        out_minor=out_minor,
        refunded_minor=refunded_minor,
        fund_by=fund_by,
        held_at=held_at,
        delivered_at=delivered_at,
        auto_release_at=auto_release_at,
        dispute_id=dispute_id,
    )


def terms_of(row: Sequence[Any]) -> Terms:
    contract_id, buyer_id, seller_id, amount_minor, currency, rail = row
    return Terms(
        contract_id=contract_id,
        buyer_id=buyer_id,
        seller_id=seller_id,
        amount=Money(amount_minor, Currency(currency)),
        rail=Rail(rail),
    )


def row_of(view: EscrowView, version: int) -> dict[str, Any]:
    """Lay a view out in columns: its two documents, and what is read off them."""
    agreement, terms = view.agreement, view.agreement.terms
    return {
        "escrow_id": view.escrow_id,
        "version": version,
        "contract_id": terms and terms.contract_id,
        "buyer_id": terms and terms.buyer_id,
        "seller_id": terms and terms.seller_id,
        "amount_minor": terms and terms.amount.minor,
        "currency": terms and terms.amount.currency,
        "rail": terms and str(terms.rail),
        "state": view.state,
        "created_at": agreement.created_at and agreement.created_at.isoformat(),
        "told_at": view.told_at and view.told_at.isoformat(),
        "payment_id": agreement.payment_id,
        "payment_status": view.payment.status,
        "provider_ref": view.payment.provider_ref,
        "fund_by": agreement.fund_by and agreement.fund_by.isoformat(),
        "held_at": agreement.held_at and agreement.held_at.isoformat(),
        "delivered_at": agreement.delivered_at and agreement.delivered_at.isoformat(),
        "auto_release_at": view.auto_release_at and view.auto_release_at.isoformat(),
        "dispute_id": view.dispute and view.dispute.dispute_id,
        "in_minor": view.in_minor,
        "out_minor": view.out_minor,
        "refunded_minor": view.refunded_minor,
        "agreement": document(agreement),
        "payment": document(view.payment),
    }


def document(facts: Any) -> Any:
    """Write a record as the archive writes messages: by its shape."""
    return json.loads(payload_json(facts))


def _save(table: str) -> Composed:
    names = [Identifier(name) for name in COLUMNS]
    return SQL(SAVE).format(
        table=Identifier(table),
        columns=SQL(", ").join(names),
        typed=SQL(", ").join(
            SQL("{} {}").format(Identifier(name), SQL(kind))
            for name, kind in COLUMNS.items()
        ),
        updates=SQL(", ").join(SQL("{0} = excluded.{0}").format(name) for name in names),
    )
