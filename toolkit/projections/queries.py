"""What may be asked of the read models, and on whose behalf."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from toolkit.core.message import record
from toolkit.core.ports import Versioned
from toolkit.projections.model import EscrowView, Terms


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


class Queries(Protocol):
    """The query side. What a reader may not see does not exist for them."""

    async def escrow(self, escrow_id: str, reader: Reader) -> EscrowView | None: ...

    async def escrow_of_contract(
        self, contract_id: str, reader: Reader
    ) -> EscrowView | None: ...

    async def terms(self, asked: Sequence[tuple[str, Reader]]) -> Sequence[Terms | None]:
        """Answer the terms of each escrow, as far as its reader may see it."""
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

    def _first(
        self, reader: Reader, is_wanted: Callable[[EscrowView, Terms], bool]
    ) -> EscrowView | None:
        for _, versioned in sorted(self.states.items()):
            view: EscrowView = versioned.state
            terms = view.agreement.terms
            if terms and is_wanted(view, terms) and reader.may_see(terms):
                return view
        return None
