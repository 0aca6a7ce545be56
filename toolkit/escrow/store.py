"""Escrows at rest: one row each, in the state that the contract names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.core.message import Envelope
from toolkit.core.money import Currency, Money
from toolkit.core.ports import Versioned
from toolkit.escrow.policy import name_of
from toolkit.escrow.state import (
    Absent,
    AwaitFunds,
    Cancelled,
    Delivered,
    Disputed,
    FundsHeld,
    Live,
    Refunded,
    Released,
    State,
    Terms,
)
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.table import Row, StateTable
from toolkit.messages.escrow import Rail, Resolution

ESCROWS = StateTable(
    "escrows",
    {
        "escrow_id": "text",
        "version": "bigint",
        "state": "text",
        "contract_id": "text",
        "buyer_id": "text",
        "seller_id": "text",
        "amount_minor": "bigint",
        "currency": "text",
        "rail": "text",
        "payee_account": "text",
        "fund_by": "timestamptz",
        "held_ref": "text",
        "auto_release_at": "timestamptz",
        "reversed_minor": "bigint",
        "disputes": "jsonb",
    },
)
NOTHING = dict.fromkeys(ESCROWS.columns) | {"reversed_minor": 0, "disputes": "[]"}


class EscrowStore:
    """Maps states to rows and back."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        rows = await ESCROWS.load(connection, keys)
        return {row["escrow_id"]: Versioned(state_of(row), row["version"]) for row in rows}

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],  # noqa: ARG002 - the states say it all
    ) -> None:
        rows = [row_of(key, *states[key]) for key in sorted(states)]
        await ESCROWS.save(connection, rows, found)


def row_of(escrow_id: str, state: State, version: int) -> Row:
    """Lay a state out in columns; what is not true of it is null."""
    row: dict[str, Any] = NOTHING | {
        "escrow_id": escrow_id,
        "version": version,
        "state": name_of(state),
    }
    if isinstance(state, Absent):
        return row
    terms = state.terms
    row |= {
        "contract_id": terms.contract_id,
        "buyer_id": terms.buyer_id,
        "seller_id": terms.seller_id,
        "amount_minor": terms.amount.minor,
        "currency": terms.amount.currency.value,
        "rail": terms.rail.value,
        "payee_account": terms.payee_account,
    }
    match state:
        case AwaitFunds(fund_by=fund_by):
            return row | {"fund_by": fund_by}
        case Disputed():
            return row | _disputed_columns(state)
        case Delivered(held_ref=ref, auto_release_at=at):
            return row | {"held_ref": ref, "auto_release_at": at}
        case Released(held_ref=ref, reversed_minor=minor):
            return row | {"held_ref": ref, "reversed_minor": minor}
        case FundsHeld(held_ref=ref) | Refunded(held_ref=ref):
            return row | {"held_ref": ref}
        case Cancelled():
            return row
        case fleeting:
            raise AssertionError(f"{escrow_id} is never at rest as {fleeting!r}")


def state_of(row: Row) -> State:
    """Read a state off its columns."""
    if row["state"] == "ABSENT":
        return Absent()
    terms = Terms(
        contract_id=row["contract_id"],
        buyer_id=row["buyer_id"],
        seller_id=row["seller_id"],
        amount=Money(row["amount_minor"], Currency(row["currency"])),
        rail=Rail(row["rail"]),
        payee_account=row["payee_account"],
    )
    match row["state"]:
        case "AWAIT_FUNDS":
            return AwaitFunds(terms=terms, fund_by=row["fund_by"])
        case "FUNDS_HELD" | "DELIVERED" | "DISPUTED":
            return _live(terms, row)
        case "RELEASED":
            return Released(
                terms=terms, held_ref=row["held_ref"], reversed_minor=row["reversed_minor"]
            )
        case "REFUNDED":
            return Refunded(terms=terms, held_ref=row["held_ref"])
        case "CANCELLED":
            return Cancelled(terms=terms)
        case unknown:
            raise AssertionError(f"{row['escrow_id']} is in unknown state {unknown!r}")


def _disputed_columns(state: Disputed) -> dict[str, Any]:
    disputes = []
    before: Live = state
    while isinstance(before, Disputed):
        disputes.append(
            {
                "dispute_id": before.dispute_id,
                "raised_by": before.raised_by,
                "resolution": before.resolution,
                "released_minor": before.released_minor,
                "refunded_minor": before.refunded_minor,
                "refund_ids": before.refund_ids,
                "seller_minor": before.seller_minor,
                "buyer_minor": before.buyer_minor,
            }
        )
        before = before.before
    return {
        "held_ref": state.held_ref,
        "auto_release_at": before.auto_release_at
        if isinstance(before, Delivered)
        else None,
        "disputes": json.dumps(disputes),
    }


def _live(terms: Terms, row: Row) -> Live:
    """Start from what was before any dispute, and put the disputes around it."""
    ref, at = row["held_ref"], row["auto_release_at"]
    state: Live = FundsHeld(terms=terms, held_ref=ref)
    if at is not None:
        state = Delivered(terms=terms, held_ref=ref, auto_release_at=at)
    for dispute in reversed(json.loads(row["disputes"])):
        resolution = dispute.pop("resolution")
        refund_ids = tuple(dispute.pop("refund_ids", ()))  # none in a row older than them
        if resolution and "buyer_minor" not in dispute:  # of a row older than the column
            dispute["buyer_minor"] = terms.amount.minor - dispute["seller_minor"]
        state = Disputed(
            terms=terms,
            held_ref=ref,
            before=state,
            resolution=resolution and Resolution(resolution),
            refund_ids=refund_ids,
            **dispute,
        )
    return state
