"""Escrow: money is held until both sides agree that it may move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from toolkit.core.decider import Consequence, Decider, Forget, Later
from toolkit.core.message import Command, derived
from toolkit.core.money import Currency, Money
from toolkit.core.settlement import settled
from toolkit.escrow.evolve import evolve
from toolkit.escrow.policy import (
    CARD_NETWORK,
    CLOCKS_DIFFER,
    COMPLIANCE,
    PAYOUTS,
    TIMER,
    WINDOWS,
    Windows,
    awaits_payout,
    chargebacks,
    gives_back_what_is_held,
    holds,
    is_open,
    layers,
    leaves_a_rest,
    may_cancel,
    may_dispute,
    may_release,
    may_resolve,
    name_of,
    payment_of,
    share_of,
)
from toolkit.escrow.requests import (
    AUTO_RELEASE,
    FUND_BY,
    auto_release,
    give_back,
    hold_still,
    shares,
    stop_timers,
    transfer,
    transfer_again,
)
from toolkit.escrow.state import (
    Absent,
    AwaitFunds,
    Delivered,
    Disputed,
    FundsHeld,
    Live,
    Released,
    State,
)
from toolkit.messages.custody import FundsFrozen, RefundParked, TransferParked
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    CreateEscrow,
    EscrowAwaitFunds,
    EscrowCancelled,
    EscrowCommand,
    EscrowCreated,
    EscrowDelivered,
    EscrowDisputed,
    EscrowDisputeResolved,
    EscrowFundsHeld,
    EscrowRefunded,
    EscrowRefusedCommand,
    EscrowReleased,
    EscrowReleaseReversed,
    MarkDelivered,
    Rail,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    CreatePaymentIntent,
    PaymentSucceeded,
    RefundSucceeded,
    TransferFailed,
    TransferReversed,
    TransferSucceeded,
)


def decide(
    state: State, message: object, now: datetime, windows: Windows = WINDOWS
) -> Iterator[Consequence]:
    """Say what follows. A command may be refused; an event must always be answered."""
    if isinstance(message, EscrowCommand):
        yield from answer(state, message, now, windows)
    else:
        yield from hear(state, message, now, windows)


def answer(
    state: State, ask: EscrowCommand, now: datetime, windows: Windows
) -> Iterator[Consequence]:
    """Do what is asked, or refuse it and change nothing."""
    match state, ask:
        case Absent(), CreateEscrow():
            yield from open_escrow(ask, now, windows)

        case AwaitFunds(), CancelEscrow() if may_cancel(state, ask, now):
            yield EscrowCancelled(
                escrow_id=ask.escrow_id, reason=ask.reason, cancelled_at=now
            )
            yield CancelPaymentIntent(
                escrow_id=ask.escrow_id, payment_id=payment_of(ask.escrow_id)
            )
            yield Forget(name=FUND_BY)

        case FundsHeld(terms=terms), MarkDelivered() if ask.actor_id == terms.seller_id:
            until = now + windows.inspection
            yield EscrowDelivered(
                escrow_id=ask.escrow_id, delivered_at=now, auto_release_at=until
            )
            yield auto_release(ask.escrow_id, until)

        case Delivered(), ReleaseFunds() if may_release(state, ask, now):
            yield transfer(ask.escrow_id, state, state.terms.amount)

        case ((FundsHeld() | Delivered()), RaiseDispute()) if may_dispute(state, ask):
            yield EscrowDisputed(
                escrow_id=ask.escrow_id,
                dispute_id=ask.dispute_id,
                raised_by=ask.actor_id,
                reason=ask.reason,
            )
            yield from hold_still(ask.escrow_id, state)

        case Disputed(resolution=None), ResolveDispute() if may_resolve(state, ask):
            yield from resolve(state, ask)

        case _:
            yield _refused(ask, f"{_actor(ask)} may not do this while {name_of(state)}")
            yield from put_off(state, ask, now)


def put_off(state: State, ask: EscrowCommand, now: datetime) -> Iterator[Later]:
    """Let a timer speak again that spoke too early: clocks differ, and may be put back.

    It waits until the time is up by every clock, or it would speak again at once.
    """
    match state, ask:
        case AwaitFunds(fund_by=at), CancelEscrow(reason=CancelReason.TIMEOUT) if now < at:
            name = FUND_BY
        case Delivered(auto_release_at=at), ReleaseFunds(
            reason=ReleaseReason.AUTO_RELEASE
        ) if now < at:
            name = AUTO_RELEASE
        case _:
            return
    if ask.actor_id == TIMER and at - now <= CLOCKS_DIFFER:
        yield Later(name=name, at=at + CLOCKS_DIFFER, command=ask)


def hear(
    state: State, event: object, now: datetime, windows: Windows
) -> Iterator[Consequence]:
    """Answer what payments tell. Money that arrives and may not be held goes back."""
    match state, event:
        case AwaitFunds(terms=terms), PaymentSucceeded() if event.amount == terms.amount:
            yield _held(event, now)
            yield Forget(name=FUND_BY)

        case _, PaymentSucceeded() if not holds(state, event.provider_ref):
            yield give_back(event)

        case Delivered(), TransferFailed():
            yield transfer_again(event.escrow_id, state, state.terms.amount, now)

        case Disputed(resolution=Resolution(), released_minor=0), TransferFailed() if (
            state.seller_minor
        ):
            part = Money(state.seller_minor, state.terms.amount.currency)
            yield transfer_again(event.escrow_id, state, part, now)

        case ((Delivered() | Disputed(released_minor=0)), TransferSucceeded()):
            yield EscrowReleased(
                escrow_id=event.escrow_id,
                transfer_id=event.transfer_id,
                amount=event.amount,
                released_at=now,
            )
            yield from stop_timers()

        case Released(), TransferReversed():
            yield EscrowReleaseReversed(
                escrow_id=event.escrow_id,
                transfer_id=event.transfer_id,
                amount=event.amount,
            )

        case _, RefundSucceeded() if gives_back_what_is_held(state, event):
            if leaves_a_rest(state, event):
                yield _over_the_rest(event.escrow_id, event.refund_id)
            yield EscrowRefunded(
                escrow_id=event.escrow_id,
                refund_id=event.refund_id,
                amount=event.amount,
                refunded_at=now,
            )
            if not isinstance(state, Disputed):  # the seller's part may be on its way
                yield from hold_still(event.escrow_id, state)

        case Disputed(), ChargebackClosed() if event.dispute_ref in chargebacks(state):
            yield from close_chargeback(state, event, now, windows)

        case FundsHeld() | Delivered() | Disputed(), _:
            yield from interrupt(state, event)


def interrupt(state: Live, event: object) -> Iterator[Consequence]:
    """Hold everything: the card network, a list of names or a wallet stands in the way."""
    match event:
        case ChargebackOpened(escrow_id=escrow_id, dispute_ref=ref) if event.charge_ref in (
            None,
            state.held_ref,
        ):
            raised_by, dispute_id, reason = CARD_NETWORK, ref, "chargeback"
        case FundsFrozen(escrow_id=escrow_id, case_id=case_id, reason=reason) if (
            event.source_ref == state.held_ref
        ):
            raised_by, dispute_id = COMPLIANCE, case_id
        case TransferParked(escrow_id=escrow_id, reason=reason) if awaits_payout(state):
            raised_by, dispute_id = PAYOUTS, _parked(escrow_id, state)
        case RefundParked(escrow_id=escrow_id, reason=reason) if (
            isinstance(state, Disputed)
            and awaits_payout(state)
            and event.refund_id == share_of(escrow_id, state.dispute_id)
        ):
            raised_by, dispute_id = PAYOUTS, _parked(escrow_id, state)
        case _:
            return
    if not is_open(state, dispute_id):
        yield EscrowDisputed(
            escrow_id=escrow_id, dispute_id=dispute_id, raised_by=raised_by, reason=reason
        )
        yield from hold_still(escrow_id, state)


def open_escrow(
    ask: CreateEscrow, now: datetime, windows: Windows
) -> Iterator[Consequence]:
    """Settle the rail and the currency, ask for the money, and wait so long for it."""
    amount, problem = settled(ask.amount)
    if ask.buyer_id == ask.seller_id:
        problem = "buyer and seller are the same"
    if problem:
        yield _refused(ask, problem)
        return
    rail = Rail.STRIPE if amount.currency is Currency.USD else Rail.CUSTODIAN
    payment_id = payment_of(ask.escrow_id)
    fund_by = now + windows.funding
    yield EscrowCreated(
        escrow_id=ask.escrow_id,
        contract_id=ask.contract_id,
        buyer_id=ask.buyer_id,
        seller_id=ask.seller_id,
        amount=amount,
        rail=rail,
        payee_account=ask.payee_account,
    )
    yield EscrowAwaitFunds(escrow_id=ask.escrow_id, payment_id=payment_id, fund_by=fund_by)
    yield CreatePaymentIntent(
        escrow_id=ask.escrow_id,
        payment_id=payment_id,
        rail=rail,
        amount=amount,
        payer_id=ask.buyer_id,
    )
    overdue = CancelEscrow(
        escrow_id=ask.escrow_id, actor_id=TIMER, reason=CancelReason.TIMEOUT
    )
    yield Later(name=FUND_BY, at=fund_by, command=overdue)


def resolve(state: Disputed, ask: ResolveDispute) -> Iterator[Consequence]:
    """Send each side its part; the escrow ends when the money has arrived."""
    resolved = EscrowDisputeResolved(
        escrow_id=ask.escrow_id,
        dispute_id=ask.dispute_id,
        resolution=ask.resolution,
        seller_amount=ask.seller_amount,
    )
    yield resolved
    yield from shares(ask.escrow_id, evolve(state, resolved))


def close_chargeback(
    state: Disputed, closed: ChargebackClosed, now: datetime, windows: Windows
) -> Iterator[Consequence]:
    """A chargeback that was won resumes what it interrupted; a lost one is a refund."""
    if closed.outcome is ChargebackOutcome.LOST:
        yield EscrowRefunded(
            escrow_id=closed.escrow_id,
            refund_id=closed.dispute_ref,
            amount=closed.amount or state.terms.amount,
            refunded_at=now,
        )
        return
    before: State = state
    has_moved = 0 < state.left_minor < state.terms.amount.minor
    if has_moved and not isinstance(state.before, Disputed):
        over_the_rest = _over_the_rest(closed.escrow_id, closed.dispute_ref)
        yield over_the_rest
        before = evolve(state, over_the_rest)
    resumed = EscrowDisputeResolved(
        escrow_id=closed.escrow_id,
        dispute_id=closed.dispute_ref,
        resolution=Resolution.RESUME,
    )
    yield resumed
    after = evolve(before, resumed)
    yield from shares(closed.escrow_id, after)
    if isinstance(after, Delivered):
        yield auto_release(closed.escrow_id, now + windows.inspection)


def _over_the_rest(escrow_id: str, moved_ref: str) -> EscrowDisputed:
    """A part has moved that nobody asked us for: a person decides about the rest."""
    return EscrowDisputed(
        escrow_id=escrow_id,
        dispute_id=str(derived("part", escrow_id, moved_ref)),
        raised_by=PAYOUTS,
        reason="a part was moved at the provider: decide about the rest",
    )


def _held(paid: PaymentSucceeded, now: datetime) -> EscrowFundsHeld:
    return EscrowFundsHeld(
        escrow_id=paid.escrow_id,
        payment_id=paid.payment_id,
        amount=paid.amount,
        held_at=now,
        provider_ref=paid.provider_ref,
    )


def _parked(escrow_id: str, state: Live) -> str:
    """Name what stands in a payout's way; it may happen again once a person has decided."""
    return str(derived("parked", escrow_id, str(len(list(layers(state))))))


def _refused(ask: EscrowCommand, reason: str) -> EscrowRefusedCommand:
    return EscrowRefusedCommand(
        escrow_id=ask.escrow_id,
        command=type(ask).__name__,
        reason=reason,
        actor_id=_actor(ask),
    )


def _actor(ask: Command) -> str:
    """Who asks: a person or the timer; a contract speaks for its buyer."""
    return str(getattr(ask, "actor_id", None) or getattr(ask, "buyer_id", "somebody"))


def within(windows: Windows) -> Decider[State]:
    """The same judgement where people have other times than our terms give them."""
    return Decider(initial=Absent(), decide=partial(decide, windows=windows), evolve=evolve)


escrow: Decider[State] = Decider(initial=Absent(), decide=decide, evolve=evolve)
