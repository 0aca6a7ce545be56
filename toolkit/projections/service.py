"""What the read models listen to: everything that happens to an escrow or its payment."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.core.decider import Projection
from toolkit.core.message import Message
from toolkit.messages import custody, escrow, payments
from toolkit.projections.evolve import evolve
from toolkit.projections.model import EscrowView

HEARD: tuple[type[Message], ...] = (
    escrow.EscrowCreated,
    escrow.EscrowAwaitFunds,
    escrow.EscrowFundsHeld,
    escrow.EscrowDelivered,
    escrow.EscrowReleased,
    escrow.EscrowReleaseReversed,
    escrow.EscrowRefunded,
    escrow.EscrowCancelled,
    escrow.EscrowDisputed,
    escrow.EscrowDisputeResolved,
    escrow.EscrowRefusedCommand,
    payments.PaymentIntentCreated,
    payments.PaymentIntentCancelled,
    payments.PaymentSucceeded,
    payments.PaymentFailed,
    payments.TransferSucceeded,
    payments.TransferFailed,
    payments.TransferReversed,
    payments.RefundSucceeded,
    payments.RefundFailed,
    payments.ChargebackOpened,
    payments.ChargebackClosed,
    custody.DepositArrived,
    custody.DepositReturned,
    custody.TransferParked,
    custody.RefundParked,
    payments.RefundReversed,
)

# Not told to the two parties: what payments means to do and may not come to pass, and how
# a wallet was screened and what came of it (nobody is warned of a report).
UNHEARD: tuple[type[Message], ...] = (
    payments.PaymentRequested,
    payments.PaymentCancelRequested,
    payments.TransferRequested,
    payments.TransferReversalRequested,
    payments.TransferReversalFailed,
    payments.RefundRequested,
    custody.ScreeningRequested,
    payments.WalletScreened,
    custody.FundsFrozen,
    custody.PaymentCaseOpened,
    custody.ScreeningConcluded,
    custody.DepositReturnFailed,
)


def wire() -> Mapping[type[Message], Projection[EscrowView | None]]:
    """Fold every event of both topics into the view of its escrow."""
    views: Projection[EscrowView | None] = Projection(initial=None, evolve=evolve)
    return dict.fromkeys(HEARD, views)
