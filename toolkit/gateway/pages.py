"""Lists of escrows, page by page: which are wanted, and where the next page begins."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal, Self

from fastapi import Query, Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator
from starlette.responses import Response

from toolkit.gateway.access import actor_of, reader_of
from toolkit.gateway.models import ID_PATTERN, ApprovalOut, Body, Id, Instant, MoneyOut
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import FieldProblem, Refusal
from toolkit.messages.escrow import Rail
from toolkit.projections.model import State
from toolkit.projections.queries import Mark, Summary, Wanted

LIMIT, LIMIT_MAX = 20, 100
is_id = re.compile(ID_PATTERN).fullmatch
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Shown = Literal[
    "AWAIT_FUNDS",
    "FUNDS_HELD",
    "DELIVERED",
    "DISPUTED",
    "RELEASED",
    "REFUNDED",
    "CANCELLED",
]


class PageAsked(Body):
    """Where in a list to go on, and how far."""

    limit: int = Field(LIMIT, ge=1, le=LIMIT_MAX)
    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,512}$")] | None = (
        Field(None, description="`next_cursor` of the page before, with the same filters.")
    )


class EscrowsAsked(PageAsked):
    """Which escrows to list. Whoever asks sees no others than their own."""

    state: list[Shown] = Field(default=[], max_length=7, description="Any of these.")
    rail: Literal["STRIPE", "CUSTODIAN"] | None = None
    buyer_id: Id | None = None
    seller_id: Id | None = None
    created_from: Instant | None = None
    created_until: Instant | None = Field(None, description="This moment is not in it.")

    @model_validator(mode="after")
    def runs_forward(self) -> Self:
        if (
            self.created_from is not None
            and self.created_until is not None
            and self.created_until <= self.created_from
        ):
            raise ValueError("created_until is not after created_from: nothing is between")
        return self

    def wanted(self) -> Wanted:
        """One more than asked for tells whether there is another page."""
        return Wanted(
            limit=self.limit + 1,
            after=mark_in(self.cursor, self.filters) if self.cursor else None,
            states=frozenset(State(state) for state in self.state),
            rail=Rail(self.rail) if self.rail else None,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            created_from=self.created_from,
            created_until=self.created_until,
        )

    @property
    def filters(self) -> str:
        """What a cursor belongs to, in short. A page may have another length."""
        filters = self.model_dump(mode="json", exclude={"cursor", "limit"})
        filters["state"] = sorted(set(self.state))
        return sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:16]


class EscrowLine(BaseModel):
    """One escrow in few words; `look_at` shows everything about it."""

    escrow_id: str
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: MoneyOut
    rail: str
    state: str
    created_at: AwareDatetime
    fund_by: AwareDatetime | None
    held_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    auto_release_at: AwareDatetime | None
    dispute_id: str | None
    payment_status: str
    paid: MoneyOut
    transferred: MoneyOut
    refunded: MoneyOut
    look_at: str


class EscrowPage(BaseModel):
    """The newest first. Without `next_cursor` this is the last page."""

    escrows: list[EscrowLine]
    next_cursor: str | None


class ApprovalPage(BaseModel):
    """What waits for a second person. Without `next_cursor` this is the last page."""

    approvals: list[ApprovalOut]
    next_cursor: str | None


async def escrow_page(
    request: Request, asked: Annotated[EscrowsAsked, Query()]
) -> Response:
    """The caller's escrows, the newest first; an admin sees all."""
    reader = reader_of(actor_of(request))
    found = await ports_of(request).queries.page(asked.wanted(), reader)
    shown = found[: asked.limit]
    page = EscrowPage(
        escrows=[_line(summary) for summary in shown],
        next_cursor=cursor_at(shown[-1].mark, asked.filters)
        if len(found) > asked.limit
        else None,
    )
    return Response(
        page.model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


def cursor_at(mark: Mark, filters: str) -> str:
    """Name a place, in a way that nobody should take apart."""
    place = [(mark.created_at - EPOCH) // MICROSECOND, mark.escrow_id, filters]
    text = json.dumps(place, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def mark_in(cursor: str, filters: str) -> Mark:
    """Find the place again, or say that this cursor was not given for this list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        match json.loads(urlsafe_b64decode(padded)):
            case [int(since_us), str(id), str(of)] if of == filters and is_id(id):
                return Mark(EPOCH + since_us * MICROSECOND, id)
    except (ValueError, OverflowError, RecursionError):
        pass
    raise unknown_cursor()


def unknown_cursor() -> Refusal:
    """Say that nobody was given this cursor."""
    problem = "is none that was given for these filters: leave it out to begin again"
    return Refusal(
        422,
        "invalid-query",
        "The query is not as it should be. Correct what `errors` names.",
        errors=[FieldProblem(field="query.cursor", problem=problem)],
    )


def _line(summary: Summary) -> EscrowLine:
    terms = summary.terms

    def money(minor: int) -> MoneyOut:
        return MoneyOut(minor=minor, currency=str(terms.amount.currency))

    return EscrowLine(
        escrow_id=summary.escrow_id,
        contract_id=terms.contract_id,
        buyer_id=terms.buyer_id,
        seller_id=terms.seller_id,
        amount=money(terms.amount.minor),
        rail=str(terms.rail),
        state=summary.state,
        created_at=summary.created_at,
        fund_by=summary.fund_by,
        held_at=summary.held_at,
        delivered_at=summary.delivered_at,
        auto_release_at=summary.auto_release_at,
        dispute_id=summary.dispute_id,
        payment_status=summary.payment_status,
        paid=money(summary.in_minor),
        transferred=money(summary.out_minor),
        refunded=money(summary.refunded_minor),
        look_at=f"/api/projections/escrow/{summary.escrow_id}",
    )
