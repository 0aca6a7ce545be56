"""What the payments service listens to, and who in here answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from toolkit.core.decider import Listener
from toolkit.core.errors import Unavailable
from toolkit.core.message import Message, record
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    HoldTransfer,
    RefundParked,
    ReturnDeposit,
    ScreenWallet,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackClosed,
    ChargebackOpened,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentFailed,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
    WalletScreened,
)
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.decider import payments
from toolkit.payments.webhooks import heard
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.handler import Routes

COMMANDS = (
    CreatePaymentIntent,
    CancelPaymentIntent,
    TransferToSeller,
    InitiateRefund,
    ReverseTransfer,
    ReturnDeposit,
    HoldTransfer,
)
FACTS = (
    PaymentIntentCreated,
    PaymentIntentCancelled,
    PaymentSucceeded,
    PaymentFailed,
    TransferSucceeded,
    TransferFailed,
    TransferReversed,
    TransferReversalFailed,
    RefundSucceeded,
    RefundFailed,
    ChargebackOpened,
    ChargebackClosed,
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    TransferParked,
    RefundParked,
    WalletScreened,
)


class PaymentRail(Protocol):
    """A way for money to travel: what it is asked for, and the facts it answers with."""

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]: ...


def wire() -> Routes:
    """Facts come from the rails, through the agenda; nobody else may say them."""
    return {
        WebhookReceived: Listener(say=heard),
        **dict.fromkeys(COMMANDS, payments),
        **dict.fromkeys(FACTS, payments),
    }


@record
class Rails:
    """Sends each command down its rail, and questions about wallets to the screening."""

    rails: Mapping[Rail, PaymentRail]
    screening: PaymentRail | None = None

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        if isinstance(command, ScreenWallet):
            if self.screening is None:  # whoever cannot ask lets nothing move
                raise Unavailable("no screening is connected")
            return await self.screening.perform(command, attempt)
        rail = rail_of(command)
        if rail in self.rails:
            return await self.rails[rail].perform(command, attempt)
        return [impossible(command, rail)]


def rail_of(command: Message) -> Rail:
    """Read the rail off a command; an intent without one is a card's."""
    match command:
        case ReverseTransfer():  # on chain what is sent is sent
            return Rail.STRIPE
        case ReturnDeposit():  # a card brings no tokens
            return Rail.CUSTODIAN
    rail: Rail = getattr(command, "rail", Rail.STRIPE)
    return rail


def impossible(command: Message, rail: Rail) -> Message:
    """Say that a movement cannot be made, for want of a contract with its provider."""
    reason = f"the rail {rail} is not connected"
    match command:
        case CreatePaymentIntent(escrow_id=escrow_id, payment_id=payment_id):
            return PaymentFailed(
                escrow_id=escrow_id, payment_id=payment_id, rail=rail, reason=reason
            )
        case unknown:
            raise AssertionError(f"{reason}, and yet it took money: {unknown!r}")
