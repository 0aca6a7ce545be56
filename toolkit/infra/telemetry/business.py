"""What an event means for the business: one table from events to steps and amounts.

It is read where events become durable, by the service that says them, so each is counted
once. These are signals for a dashboard; the books are the journal and reconciliation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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

# Steps that have an `amount` are counted in money too, where the event says it.
STEPS: Mapping[type[Message], str] = {
    EscrowCreated: "created",
    EscrowFundsHeld: "held",
    EscrowDelivered: "delivered",
    EscrowReleased: "released",
    EscrowReleaseReversed: "release_reversed",
    EscrowRefunded: "refunded",
    EscrowCancelled: "cancelled",
    EscrowDisputed: "disputed",
    EscrowDisputeResolved: "dispute_resolved",
    PaymentFailed: "payment_failed",
    TransferFailed: "transfer_failed",
    ChargebackOpened: "chargeback_opened",
}


def amounts(events: Iterable[Message]) -> dict[tuple[str, str], int]:
    """Sum what took each step, by step and currency, in minor units."""
    sums: dict[tuple[str, str], int] = {}
    for event in events:
        amount: Money | None = getattr(event, "amount", None)
        if amount is not None:
            place = STEPS[type(event)], amount.currency
            sums[place] = sums.get(place, 0) + amount.minor
    return sums
