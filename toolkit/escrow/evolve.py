"""How an escrow's state follows from what happened to it."""

from __future__ import annotations

from toolkit.core.message import replace
from toolkit.escrow.policy import chargebacks
from toolkit.escrow.state import (
    Absent,
    Agreed,
    AwaitFunds,
    Cancelled,
    Delivered,
    Disputed,
    Ended,
    FundsHeld,
    Live,
    Refunded,
    Released,
    State,
    Terms,
)
from toolkit.messages.escrow import (
    EscrowAwaitFunds,
    EscrowCancelled,
    EscrowCreated,
    EscrowDelivered,
    EscrowDisputed,
    EscrowDisputeResolved,
    EscrowFundsHeld,
    EscrowRefunded,
    EscrowReleased,
    EscrowReleaseReversed,
    Resolution,
)


def evolve(state: State, event: object) -> State:
    """Fold one of the escrow's own events; what says nothing new leaves it as it is."""
    match state, event:
        case Absent(), EscrowCreated() as created:
            terms = Terms(
                contract_id=created.contract_id,
                buyer_id=created.buyer_id,
                seller_id=created.seller_id,
                amount=created.amount,
                rail=created.rail,
                payee_account=created.payee_account,
            )
            return Agreed(terms=terms)
        case Agreed(terms=terms), EscrowAwaitFunds(fund_by=fund_by):
            return AwaitFunds(terms=terms, fund_by=fund_by)
        case AwaitFunds(terms=terms), EscrowFundsHeld(provider_ref=held_ref):
            return FundsHeld(terms=terms, held_ref=held_ref or "")
        case AwaitFunds(terms=terms), EscrowCancelled():
            return Cancelled(terms=terms)
        case FundsHeld(terms=terms, held_ref=ref), EscrowDelivered(auto_release_at=at):
            return Delivered(terms=terms, held_ref=ref, auto_release_at=at)
        case ((FundsHeld() | Delivered() | Disputed()), EscrowDisputed() as raised):
            return _disputed(state, raised)
        case Disputed(), EscrowDisputeResolved(resolution=Resolution.RESUME) as ended:
            return _resumed(state, ended.dispute_id)
        case Disputed(), EscrowDisputeResolved() as ended:
            return _resolved(state, ended)
        case Disputed(), EscrowReleased(amount=amount):
            return _shared(
                replace(state, released_minor=state.released_minor + amount.minor)
            )
        case Disputed(), EscrowRefunded(refund_id=lost) if lost in chargebacks(state):
            return Refunded(terms=state.terms, held_ref=state.held_ref)
        case Disputed(), EscrowRefunded(refund_id=id, amount=amount):
            return _shared(
                replace(
                    state,
                    refunded_minor=state.refunded_minor + amount.minor,
                    refund_ids=(*state.refund_ids, id),
                )
            )
        case Delivered(terms=terms, held_ref=ref), EscrowReleased():
            return Released(terms=terms, held_ref=ref)
        case Released(), EscrowReleaseReversed(amount=amount):
            return replace(state, reversed_minor=state.reversed_minor + amount.minor)
        case ((FundsHeld() | Delivered() | Released()), EscrowRefunded()):
            return Refunded(terms=state.terms, held_ref=state.held_ref)
        case _:
            return state


def _disputed(state: FundsHeld | Delivered | Disputed, raised: EscrowDisputed) -> Disputed:
    """A dispute inside a dispute knows what has moved already."""
    inner = state if isinstance(state, Disputed) else None
    return Disputed(
        terms=state.terms,
        held_ref=state.held_ref,
        dispute_id=raised.dispute_id,
        raised_by=raised.raised_by,
        before=state,
        released_minor=inner.released_minor if inner else 0,
        refunded_minor=inner.refunded_minor if inner else 0,
        refund_ids=inner.refund_ids if inner else (),
    )


def _resolved(state: Disputed, event: EscrowDisputeResolved) -> Disputed:
    """Remember both parts of what is left, in case they have to be sent again."""
    part = event.seller_amount.minor if event.seller_amount else 0
    if event.resolution is Resolution.RELEASE:
        part = state.left_minor
    return replace(
        state,
        resolution=event.resolution,
        seller_minor=part,
        buyer_minor=state.left_minor - part,
    )


def _resumed(state: Disputed, dispute_id: str) -> Live | Ended:
    """Back to what this dispute interrupted, unless money that moved meanwhile ended it."""
    before = state.before
    if state.dispute_id != dispute_id:
        return replace(state, before=_without(before, dispute_id))
    if not isinstance(before, Disputed):
        return before if state.left_minor > 0 else _ended(state)
    return replace(
        before,
        released_minor=state.released_minor,
        refunded_minor=state.refunded_minor,
        refund_ids=state.refund_ids,
    )


def _without(state: Live, dispute_id: str) -> Live:
    """Take out a dispute from under the others; what has moved stands in the newest."""
    assert isinstance(state, Disputed), f"{dispute_id} is not open"
    if state.dispute_id == dispute_id:
        return state.before
    return replace(state, before=_without(state.before, dispute_id))


def _shared(state: Disputed) -> State:
    """A dispute ends when nothing is left to share out."""
    return state if state.left_minor > 0 else _ended(state)


def _ended(state: Disputed) -> Ended:
    ended = Released if state.released_minor else Refunded
    return ended(terms=state.terms, held_ref=state.held_ref)
