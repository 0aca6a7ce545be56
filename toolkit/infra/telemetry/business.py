"""What an event means for the business: one table from events to steps and amounts.

It is read where events become durable, by the service that says them, so each is counted
once. These are signals for a dashboard; the books are the journal and reconciliation.
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.core.message import Message
from toolkit.core.money import Money
from toolkit.messages.escrow import (
    EscrowCancelled,
    EscrowCreated,
    EscrowDelivered,
    EscrowDisputed,
    EscrowDisputeResolved,
    EscrowFundsHeld,
    EscrowRefunded,
    EscrowReleased,
    EscrowReleaseReversed,
)
from toolkit.messages.payments import ChargebackOpened, PaymentFailed, TransferFailed


class Step(NamedTuple):
    """A step of an escrow, and the money that took it."""

    name: str
    amount: Money | None = None


STEPS = (
    *("created", "held", "delivered", "released", "release_reversed", "refunded"),
    *("cancelled", "disputed", "dispute_resolved"),
    *("payment_failed", "transfer_failed", "chargeback_opened"),
)


def step_of(event: Message) -> Step | None:
    """Say which step an event is; most are none."""
    match event:
        case EscrowCreated(amount=amount):
            return Step("created", amount)
        case EscrowFundsHeld(amount=amount):
            return Step("held", amount)
        case EscrowDelivered():
            return Step("delivered")
        case EscrowReleased(amount=amount):
            return Step("released", amount)
        case EscrowReleaseReversed(amount=amount):
            return Step("release_reversed", amount)
        case EscrowRefunded(amount=amount):
            return Step("refunded", amount)
        case EscrowCancelled():
            return Step("cancelled")
        case EscrowDisputed():
            return Step("disputed")
        case EscrowDisputeResolved():
            return Step("dispute_resolved")
        case PaymentFailed():
            return Step("payment_failed")
        case TransferFailed(amount=amount):
            return Step("transfer_failed", amount)
        case ChargebackOpened(amount=amount):
            return Step("chargeback_opened", amount)
    return None
