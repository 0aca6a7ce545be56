"""What an escrow asks of payments, and of its own timers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.core.decider import Consequence, Forget, Later
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.escrow.policy import (
    RELEASE_RETRY,
    TIMER,
    payment_of,
    share_of,
    transfer_of,
)
from toolkit.escrow.state import Delivered, Disputed, State
from toolkit.messages.custody import HoldTransfer
from toolkit.messages.escrow import Rail, ReleaseFunds, ReleaseReason
from toolkit.messages.payments import InitiateRefund, PaymentSucceeded, TransferToSeller

FUND_BY = "fund by"  # the timers of an escrow, by name
AUTO_RELEASE = "auto release"
SEND_AGAIN = "send again"


def transfer(
    escrow_id: str, state: Delivered | Disputed, amount: Money
) -> TransferToSeller:
    """One escrow has one transfer: asked for twice, it is made once."""
    return TransferToSeller(
        escrow_id=escrow_id,
        payment_id=payment_of(escrow_id),
        transfer_id=transfer_of(escrow_id),
        rail=state.terms.rail,
        amount=amount,
        payee_id=state.terms.seller_id,
        destination=state.terms.payee_account,
        source_ref=state.held_ref,
    )


def give_back(paid: PaymentSucceeded) -> InitiateRefund:
    """Too much, too little, too late: money we may not hold goes back."""
    return InitiateRefund(
        escrow_id=paid.escrow_id,
        payment_id=paid.payment_id,
        refund_id=str(derived("refund", paid.escrow_id, paid.provider_ref)),
        rail=paid.rail,
        amount=paid.amount,
        reason="the payment may not be held",
        source_ref=paid.provider_ref,
    )


def shares(escrow_id: str, state: State) -> Iterator[Consequence]:
    """Ask for the parts of a resolved dispute that have not arrived; none is made twice."""
    if not isinstance(state, Disputed) or state.resolution is None:
        return
    currency = state.terms.amount.currency
    if sellers := 0 if state.released_minor else state.seller_minor:
        yield transfer(escrow_id, state, Money(sellers, currency))
    if state.buyer_minor and state.left_minor > sellers:
        yield InitiateRefund(
            escrow_id=escrow_id,
            payment_id=payment_of(escrow_id),
            refund_id=share_of(escrow_id, state.dispute_id),
            rail=state.terms.rail,
            amount=Money(state.buyer_minor, currency),
            reason=f"dispute resolved: {state.resolution}",
            source_ref=state.held_ref,
        )


def transfer_again(
    escrow_id: str, state: Delivered | Disputed, part: Money, now: datetime
) -> Later:
    """Send the seller's part once more, a little later."""
    once_more = transfer(escrow_id, state, part)
    return Later(name=SEND_AGAIN, at=now + RELEASE_RETRY, command=once_more)


def auto_release(escrow_id: str, at: datetime) -> Later:
    release = ReleaseFunds(
        escrow_id=escrow_id, actor_id=TIMER, reason=ReleaseReason.AUTO_RELEASE
    )
    return Later(name=AUTO_RELEASE, at=at, command=release)


def hold_still(escrow_id: str, state: State) -> Iterator[Consequence]:
    """Somebody has to decide: nothing moves meanwhile that has not left.

    On chain a payout may still be waiting for the word on its wallet; a card's has left.
    """
    yield from stop_timers()
    if isinstance(state, Delivered | Disputed) and state.terms.rail is Rail.CUSTODIAN:
        yield HoldTransfer(
            escrow_id=escrow_id,
            payment_id=payment_of(escrow_id),
            transfer_id=transfer_of(escrow_id),
        )


def stop_timers() -> Iterator[Forget]:
    """No timer moves money any more: it has moved, or somebody has to decide."""
    yield Forget(name=AUTO_RELEASE)
    yield Forget(name=SEND_AGAIN)
