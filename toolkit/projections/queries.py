"""What may be asked of the read models, and on whose behalf."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from toolkit.core.message import record
from toolkit.core.ports import Versioned
from toolkit.messages.escrow import Rail
from toolkit.projections.model import EscrowView, PaymentStatus, State, Terms


@record
class Reader:
    """Who asks: a buyer sees what they buy, a seller what they sell, some see it all."""

    buyer_id: str | None = None
    seller_id: str | None = None
    sees_all: bool = False

    def may_see(self, terms: Terms) -> bool:
        return self.sees_all or self.buyer_id == terms.buyer_id or self.is_seller(terms)

    def is_seller(self, terms: Terms) -> bool:
        return self.seller_id == terms.seller_id


class Mark(NamedTuple):
    """A place in the list of all escrows. It never moves: no page has a twin or a gap."""

    created_at: datetime
    escrow_id: str


@record
class Wanted:
    """Which escrows, of those a reader may see: the newest first, from behind a place."""

    limit: int
    after: Mark | None = None
    states: frozenset[State] = frozenset()  # any, if there is none
    rail: Rail | None = None
    buyer_id: str | None = None
    seller_id: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None  # this moment is not in it

    def includes(self, summary: Summary) -> bool:
        terms, created_at = summary.terms, summary.created_at
        return (
            (not self.states or summary.state in self.states)
            and self.rail in (None, terms.rail)
            and self.buyer_id in (None, terms.buyer_id)
            and self.seller_id in (None, terms.seller_id)
            and (self.created_from is None or created_at >= self.created_from)
            and (self.created_until is None or created_at < self.created_until)
            and (self.after is None or summary.mark < self.after)
        )


@record
class Summary:
    """One line of a list: the agreement and the money in few words."""

    escrow_id: str
    created_at: datetime
    terms: Terms
    state: State
    payment_status: PaymentStatus
    in_minor: int
    out_minor: int
    refunded_minor: int
    fund_by: datetime | None = None
    held_at: datetime | None = None
    delivered_at: datetime | None = None
    auto_release_at: datetime | None = None
    dispute_id: str | None = None

    @property
    def mark(self) -> Mark:
        return Mark(self.created_at, self.escrow_id)


def summary_of(view: EscrowView) -> Summary | None:
    """Sum a view up; one whose agreement nobody has told yet is in no list."""
    known = view.agreement
    if known.terms is None or known.created_at is None:
        return None
    return Summary(
        escrow_id=view.escrow_id,
        created_at=known.created_at,
        terms=known.terms,
        state=view.state,
        payment_status=view.payment.status,
        in_minor=view.in_minor,
        out_minor=view.out_minor,
        refunded_minor=view.refunded_minor,
        fund_by=known.fund_by,
        held_at=known.held_at,
        delivered_at=known.delivered_at,
        auto_release_at=view.auto_release_at,
        dispute_id=view.dispute.dispute_id if view.dispute else None,
    )


class Queries(Protocol):
    """The query side. What a reader may not see does not exist for them."""

    async def escrow(self, escrow_id: str, reader: Reader) -> EscrowView | None: ...

    async def escrow_of_contract(
        self, contract_id: str, reader: Reader
    ) -> EscrowView | None: ...

    async def terms(self, asked: Sequence[tuple[str, Reader]]) -> Sequence[Terms | None]:
        """Answer the terms of each escrow, as far as its reader may see it."""
        ...

    async def page(self, wanted: Wanted, reader: Reader) -> Sequence[Summary]:
        """List escrows, the newest first, and no more than wanted."""
        ...


@dataclass(frozen=True, slots=True)
class MemoryQueries:
    """Reads the states of a database in memory."""

    states: Mapping[str, Versioned]

    async def escrow(self, escrow_id: str, reader: Reader) -> EscrowView | None:
        return self._first(reader, lambda view, _: view.escrow_id == escrow_id)

    async def escrow_of_contract(
        self, contract_id: str, reader: Reader
    ) -> EscrowView | None:
        return self._first(reader, lambda _, terms: terms.contract_id == contract_id)

    async def terms(self, asked: Sequence[tuple[str, Reader]]) -> Sequence[Terms | None]:
        views = [await self.escrow(escrow_id, reader) for escrow_id, reader in asked]
        return [view.agreement.terms if view else None for view in views]

    async def page(self, wanted: Wanted, reader: Reader) -> Sequence[Summary]:
        every = (summary_of(versioned.state) for versioned in self.states.values())
        found = [s for s in every if s and reader.may_see(s.terms) and wanted.includes(s)]
        return sorted(found, key=lambda s: s.mark, reverse=True)[: wanted.limit]

    def _first(
        self, reader: Reader, is_wanted: Callable[[EscrowView, Terms], bool]
    ) -> EscrowView | None:
        for _, versioned in sorted(self.states.items()):
            view: EscrowView = versioned.state
            terms = view.agreement.terms
            if terms and is_wanted(view, terms) and reader.may_see(terms):
                return view
        return None
