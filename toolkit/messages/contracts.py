"""What the marketplace tells us about its contracts."""

from __future__ import annotations

from datetime import datetime

from toolkit.core.message import Event, record
from toolkit.core.money import Money


@record
class ContractExecuted(Event):
    """Both sides have signed: an escrow is due."""

    topic = "contracts.events.v1"

    contract_id: str
    buyer_id: str
    seller_id: str
    amount: Money
    executed_at: datetime
    payee_account: str | None = (
        None  # where the seller is paid; absent, the seller_id itself
    )

    @property
    def key(self) -> str:
        return self.contract_id
