"""The language of escrow: what may be asked, and what may have happened."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from toolkit.core.message import Command, Event, record
from toolkit.core.money import Money


class Rail(StrEnum):
    """The way money travels: cards up to 10,000.00 USD, USDC on Base above."""

    STRIPE = "STRIPE"
    CUSTODIAN = "CUSTODIAN"


class ReleaseReason(StrEnum):
    BUYER = "BUYER"
    AUTO_RELEASE = "AUTO_RELEASE"


class CancelReason(StrEnum):
    TIMEOUT = "TIMEOUT"
    BUYER = "BUYER"
    SELLER = "SELLER"
    ADMIN = "ADMIN"


class Resolution(StrEnum):
    """How a dispute ends. RESUME is a chargeback that was won."""

    RELEASE = "RELEASE"
    REFUND = "REFUND"
    SPLIT = "SPLIT"
    RESUME = "RESUME"


@record
class EscrowCommand(Command):
    topic = "escrow.commands.v1"

    escrow_id: str

    @property
    def key(self) -> str:
        return self.escrow_id


@record
class EscrowEvent(Event):
    topic = "escrow.events.v1"

    escrow_id: str

    @property
    def key(self) -> str:
        return self.escrow_id


@record
class CreateEscrow(EscrowCommand):
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: Money
    payee_account: str | None = (
        None  # where the seller is paid; absent, the seller_id itself
    )


@record
class MarkDelivered(EscrowCommand):
    actor_id: str
    evidence: str


@record
class ReleaseFunds(EscrowCommand):
    actor_id: str
    reason: ReleaseReason


@record
class CancelEscrow(EscrowCommand):
    actor_id: str
    reason: CancelReason


@record
class RaiseDispute(EscrowCommand):
    dispute_id: str
    actor_id: str
    reason: str


@record
class ResolveDispute(EscrowCommand):
    dispute_id: str
    actor_id: str
    resolution: Resolution
    seller_amount: Money | None = None  # only with SPLIT


@record
class EscrowCreated(EscrowEvent):
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: Money
    rail: Rail
    payee_account: str | None = None


@record
class EscrowAwaitFunds(EscrowEvent):
    payment_id: str
    fund_by: datetime


@record
class EscrowFundsHeld(EscrowEvent):
    payment_id: str
    amount: Money
    held_at: datetime
    provider_ref: str | None = None  # the payment that is held, told from any further one


@record
class EscrowDelivered(EscrowEvent):
    delivered_at: datetime
    auto_release_at: datetime


@record
class EscrowReleased(EscrowEvent):
    transfer_id: str
    amount: Money
    released_at: datetime


@record
class EscrowReleaseReversed(EscrowEvent):
    """The seller's money came back to us; a refund may follow."""

    transfer_id: str
    amount: Money


@record
class EscrowRefunded(EscrowEvent):
    refund_id: str
    amount: Money
    refunded_at: datetime


@record
class EscrowCancelled(EscrowEvent):
    reason: CancelReason
    cancelled_at: datetime


@record
class EscrowDisputed(EscrowEvent):
    dispute_id: str
    raised_by: str
    reason: str


@record
class EscrowDisputeResolved(EscrowEvent):
    dispute_id: str
    resolution: Resolution
    seller_amount: Money | None = None


@record
class EscrowRefusedCommand(EscrowEvent):
    command: str
    reason: str
    actor_id: str
