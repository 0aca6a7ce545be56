"""What Stripe remembers of each object; `wire` gives it the shape of the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Metadata = dict[str, str]


@dataclass(slots=True, kw_only=True)
class PaymentIntent:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    description: str | None
    transfer_group: str | None
    client_secret: str
    status: str = "requires_payment_method"
    payment_method: str | None = None
    latest_charge: str | None = None
    last_payment_error: dict[str, Any] | None = None
    amount_received_minor: int = 0
    canceled_at: datetime | None = None
    cancellation_reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Charge:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    description: str | None
    transfer_group: str | None
    payment_intent: str
    payment_method: str
    status: str
    failure_code: str | None = None
    failure_message: str | None = None
    balance_transaction: str | None = None
    available_on: datetime | None = None
    refunded_minor: int = 0
    transferred_minor: int = 0  # by transfers that name this charge, less reversals
    withdrawn_minor: int = 0  # by disputes that are open or lost
    dispute: str | None = None

    @property
    def unrefunded_minor(self) -> int:
        return self.amount_minor - self.refunded_minor

    @property
    def transferable_minor(self) -> int:
        return self.unrefunded_minor - self.transferred_minor - self.withdrawn_minor


@dataclass(slots=True, kw_only=True)
class Reversal:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    transfer: str
    balance_transaction: str


@dataclass(slots=True, kw_only=True)
class Transfer:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    description: str | None
    transfer_group: str | None
    destination: str
    destination_payment: str
    source_transaction: str | None
    balance_transaction: str = ""
    reversed_minor: int = 0
    reversals: list[Reversal] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Refund:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    charge: str
    payment_intent: str
    reason: str | None
    status: str
    pending_reason: str | None = None
    balance_transaction: str = ""
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None


@dataclass(slots=True, kw_only=True)
class Dispute:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    charge: str
    payment_intent: str
    reason: str
    status: str = "needs_response"
    metadata: Metadata = field(default_factory=dict)
    balance_transactions: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Payout:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    description: str | None
    arrival_at: datetime
    status: str = "pending"
    balance_transaction: str = ""
    failure_balance_transaction: str | None = None
    failure_code: str | None = None
    trace_id: str | None = None
    original_payout: str | None = None
    reversed_by: str | None = None


@dataclass(slots=True, kw_only=True)
class Topup:
    id: str
    created_at: datetime
    amount_minor: int
    currency: str
    metadata: Metadata
    description: str | None
    transfer_group: str | None
    balance_transaction: str = ""


@dataclass(slots=True, kw_only=True)
class BalanceTransaction:
    """One line of the account: `net_minor` is what the balance changed by."""

    id: str
    created_at: datetime
    available_on: datetime
    amount_minor: int
    fee_minor: int
    currency: str
    type: str
    reporting_category: str
    source: str
    description: str | None

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.fee_minor


@dataclass(slots=True, kw_only=True)
class Event:
    id: str
    created_at: datetime
    type: str
    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None
    request_id: str | None
    idempotency_key: str | None
    pending_webhooks: int = 0
    payload: bytes | None = None  # serialised at the first delivery; equal at every one


@dataclass(slots=True, kw_only=True)
class ConnectedAccount:
    """A seller's account: what we sent there, less what was taken back or paid out."""

    id: str
    balance_minor: dict[str, int] = field(default_factory=dict)
    can_receive_transfers: bool = True


@dataclass(slots=True, kw_only=True)
class ReportRun:
    """A report that somebody has asked for; it is done once it is looked for again."""

    id: str
    created_at: datetime
    file_id: str
    start: datetime
    stop: datetime
    columns: tuple[str, ...]
    looks: int = 0
