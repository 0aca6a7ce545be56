"""Who may do what to an escrow, how long things may take, and what can be held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from toolkit.core.message import derived, record
from toolkit.escrow.state import (
    AwaitFunds,
    Delivered,
    Disputed,
    FundsHeld,
    Refunded,
    Released,
    State,
)
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import RefundSucceeded


@record
class Windows:
    """How long a buyer may take to pay, and to look at what was delivered."""

    funding: timedelta = timedelta(hours=72)
    inspection: timedelta = timedelta(days=7)


WINDOWS = Windows()  # what the terms of the platform say
RELEASE_RETRY = timedelta(hours=6)  # a refused transfer wants a person first, then a try

CLOCKS_DIFFER = timedelta(minutes=15)  # at most; what comes earlier is no timer of ours

TIMER = "timer"
CARD_NETWORK = "card network"
COMPLIANCE = "compliance"  # somebody sanctioned is concerned: nothing moves any more
PAYOUTS = "payouts"  # somebody cannot be paid: a person decides what becomes of the money

NAMES = {
    "AwaitFunds": "AWAIT_FUNDS",
    "FundsHeld": "FUNDS_HELD",
}


def name_of(state: State) -> str:
    """Name a state as the contract does."""
    name = type(state).__name__
    return NAMES.get(name, name.upper())


def may_cancel(state: AwaitFunds, ask: CancelEscrow, now: datetime) -> bool:
    """Either side for itself, the timer when time is up, an admin always."""
    match ask.reason:
        case CancelReason.TIMEOUT:
            return ask.actor_id == TIMER and now >= state.fund_by
        case CancelReason.BUYER:
            return ask.actor_id == state.terms.buyer_id
        case CancelReason.SELLER:
            return ask.actor_id == state.terms.seller_id
        case CancelReason.ADMIN:
            return True  # the gateway lets nobody else say so
        case _:
            return False


def may_dispute(state: FundsHeld | Delivered, ask: RaiseDispute) -> bool:
    """Only the two sides may object."""
    return ask.actor_id in (state.terms.buyer_id, state.terms.seller_id)


def may_release(state: Delivered, ask: ReleaseFunds, now: datetime) -> bool:
    """The buyer may at any time, the timer when the inspection is over."""
    match ask.reason:
        case ReleaseReason.BUYER:
            return ask.actor_id == state.terms.buyer_id
        case ReleaseReason.AUTO_RELEASE:
            return ask.actor_id == TIMER and now >= state.auto_release_at
        case _:
            return False


def may_resolve(state: Disputed, ask: ResolveDispute) -> bool:
    """A person resolves a person's dispute, and shares out exactly what there is.

    An escrow has one transfer: once the seller has had a part, the rest is the buyer's.
    """
    part, currency = ask.seller_amount, state.terms.amount.currency
    is_for_people = state.raised_by not in (CARD_NETWORK, COMPLIANCE)
    if ask.dispute_id != state.dispute_id or not is_for_people:
        return False
    match ask.resolution:
        case Resolution.REFUND:
            return part is None
        case Resolution.RELEASE:
            return part is None and not state.released_minor
        case Resolution.SPLIT:
            return (
                part is not None
                and not state.released_minor
                and part.currency is currency
                and 0 < part.minor < state.left_minor
            )
        case _:
            return False


def layers(state: State) -> Iterator[Disputed]:
    """Go through the disputes that are open, the newest first."""
    while isinstance(state, Disputed):
        yield state
        state = state.before


def chargebacks(state: State) -> list[str]:
    """Name the chargebacks that are open, the newest first: they may close in any order."""
    return [each.dispute_id for each in layers(state) if each.raised_by == CARD_NETWORK]


def is_open(state: State, dispute_id: str) -> bool:
    """Has this dispute been raised, and is it not over?"""
    return any(each.dispute_id == dispute_id for each in layers(state))


def awaits_payout(state: State) -> bool:
    """Has the seller, or a dispute's winner, been promised money that is not there yet?"""
    match state:
        case Delivered():
            return True
        case Disputed(resolution=Resolution()):
            return state.left_minor > 0
        case _:
            return False


def payment_of(escrow_id: str) -> str:
    """An escrow is paid for once; its payment is named after it."""
    return str(derived("payment", escrow_id))


def transfer_of(escrow_id: str) -> str:
    """An escrow has one transfer, named after it."""
    return str(derived("transfer", escrow_id))


def share_of(escrow_id: str, dispute_id: str) -> str:
    """Name the refund of the buyer's part: a dispute has one."""
    return str(derived("refund", escrow_id, dispute_id))


def holds(state: State, provider_ref: str) -> bool:
    """Is this the payment that the escrow holds, or held?"""
    match state:
        case FundsHeld() | Delivered() | Disputed() | Released() | Refunded():
            return state.held_ref == provider_ref
        case _:
            return False


def gives_back_what_is_held(state: State, back: RefundSucceeded) -> bool:
    """Tell a refund of this escrow's money from the return of a further payment.

    After a release the money must have come back from the seller first, and nothing that
    has moved already moves again. A refund that the buyer's bank sent back is tried again,
    and is counted once all the same.
    """
    match state:
        case Disputed(refund_ids=ids):
            is_enough = state.left_minor >= back.amount.minor
            clawed_back = is_enough and back.refund_id not in ids
        case Released():
            clawed_back = state.reversed_minor >= back.amount.minor
        case FundsHeld() | Delivered():
            clawed_back = True
        case _:
            return False
    return clawed_back and back.source_ref in (None, state.held_ref)


def leaves_a_rest(state: State, back: RefundSucceeded) -> bool:
    """Is a part of what is held still here once this has gone back, and not shared out?"""
    if not isinstance(state, FundsHeld | Delivered):
        return False
    return back.amount.minor < state.terms.amount.minor
