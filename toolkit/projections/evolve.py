"""How a view grows: one fact from each event, and nothing from an event heard before."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime

from toolkit.core.message import Envelope, Event, Message, replace
from toolkit.core.money import Money
from toolkit.core.ports import Versioned
from toolkit.messages import escrow as e
from toolkit.messages import payments as p
from toolkit.projections.model import (
    Agreement,
    Dispute,
    Entry,
    EscrowView,
    Flow,
    Movement,
    Payment,
    Terms,
)


def evolve(view: EscrowView | None, event: Event, at: datetime) -> EscrowView | None:
    """Add what an event tells. A view that learns nothing new is returned as it was."""
    match event:
        case e.EscrowEvent():
            before = view or EscrowView(escrow_id=event.escrow_id)
            after = replace(before, agreement=agreed(before.agreement, event, at))
        case p.PaymentEvent():
            before = view or EscrowView(escrow_id=event.escrow_id)
            after = replace(before, payment=paid(before.payment, event, at))
        case _:
            return view
    return view if after == view else after


def folded(
    envelopes: Iterable[Envelope], heard: Container[type[Message]]
) -> dict[str, Versioned]:
    """Tell a whole history anew: the views, and how many changes made each."""
    views: dict[str, Versioned] = {}
    for envelope in envelopes:
        if type(envelope.message) not in heard:
            continue
        before = views.get(envelope.key, Versioned(None, 0))
        after = evolve(before.state, envelope.message, envelope.occurred_at)
        if after is not before.state:
            views[envelope.key] = Versioned(after, before.version + 1)
    return views


def agreed(known: Agreement, event: e.EscrowEvent, at: datetime) -> Agreement:
    """Fold what escrow tells."""
    entry = escrow_entry(event)
    known = replace(known, story=told(known.story, replace(entry, at=entry.at or at)))
    match event:
        case e.EscrowCreated() if known.terms is None:
            return replace(known, terms=terms(event), created_at=at)
        case e.EscrowAwaitFunds(payment_id=payment_id, fund_by=fund_by):
            return replace(known, payment_id=payment_id, fund_by=fund_by)
        case e.EscrowFundsHeld(amount=amount, held_at=held_at):
            return replace(known, held=amount, held_at=held_at)
        case e.EscrowDelivered(delivered_at=delivered_at, auto_release_at=until):
            return replace(known, delivered_at=delivered_at, auto_release_at=until)
        case e.EscrowCancelled(reason=reason, cancelled_at=cancelled_at):
            return replace(known, cancel_reason=reason, cancelled_at=cancelled_at)
        case e.EscrowReleased(transfer_id=id, amount=amount, released_at=at):
            return ended(known, Flow.TRANSFER, id, amount, at)
        case e.EscrowReleaseReversed(transfer_id=id, amount=amount):
            return ended(known, Flow.REVERSAL, id, amount)
        case e.EscrowRefunded(refund_id=id, amount=amount, refunded_at=at):
            return ended(known, Flow.REFUND, id, amount, at)
        case e.EscrowDisputed() | e.EscrowDisputeResolved():
            return replace(known, disputes=argued(known.disputes, event))
        case _:
            return known


def paid(known: Payment, event: p.PaymentEvent, at: datetime) -> Payment:
    """Fold what payments tells."""
    match event:
        case p.PaymentIntentCreated(provider_ref=ref):
            known = replace(known, provider_ref=ref)
        case p.PaymentSucceeded(provider_ref=ref, amount=amount):
            known = moved(known, Flow.PAYMENT, ref, amount)
        case p.TransferSucceeded(provider_ref=ref, amount=amount):
            known = moved(known, Flow.TRANSFER, ref, amount)
        case p.TransferReversed(provider_ref=ref, amount=amount):
            known = moved(known, Flow.REVERSAL, ref, amount)
        case p.RefundSucceeded(provider_ref=ref, amount=amount):
            known = moved(known, Flow.REFUND, ref, amount)
        case p.RefundReversed(provider_ref=ref, amount=amount):
            known = moved(known, Flow.REFUND_REVERSAL, ref, amount)
        case p.ChargebackOpened(dispute_ref=ref, amount=amount):
            known = moved(known, Flow.CHARGEBACK, ref, amount)
        case p.ChargebackClosed(dispute_ref=ref, amount=amount, outcome=outcome):
            if outcome is p.ChargebackOutcome.WON:
                lost = amount or _charged_back(known, ref)
                known = moved(known, Flow.CHARGEBACK_WON, ref, lost) if lost else known
    return replace(known, story=told(known.story, payment_entry(event, at)))


def terms(event: e.EscrowCreated) -> Terms:
    return Terms(
        contract_id=event.contract_id,
        buyer_id=event.buyer_id,
        seller_id=event.seller_id,
        amount=event.amount,
        rail=event.rail,
    )


def ended(
    known: Agreement, flow: Flow, reference: str, amount: Money, at: datetime | None = None
) -> Agreement:
    movement = Movement(flow=flow, reference=reference, amount=amount, at=at)
    return replace(known, endings=with_movement(known.endings, movement))


def _charged_back(known: Payment, reference: str) -> Money | None:
    """What the network took under this name, if it was told."""
    return next((m.amount for m in known.movements if m.reference == reference), None)


def moved(known: Payment, flow: Flow, reference: str, amount: Money) -> Payment:
    movement = Movement(flow=flow, reference=reference, amount=amount)
    return replace(known, movements=with_movement(known.movements, movement))


def with_movement(movements: tuple[Movement, ...], new: Movement) -> tuple[Movement, ...]:
    """Book a movement once."""
    return movements if new in movements else (*movements, new)


def argued(
    disputes: tuple[Dispute, ...], event: e.EscrowDisputed | e.EscrowDisputeResolved
) -> tuple[Dispute, ...]:
    """Raise a dispute, or write its outcome beside it."""
    found = {d.dispute_id: d for d in disputes}
    before = found.get(event.dispute_id) or Dispute(dispute_id=event.dispute_id)
    match event:
        case e.EscrowDisputed(raised_by=raised_by, reason=reason):
            after = replace(before, raised_by=raised_by, reason=reason)
        case e.EscrowDisputeResolved(resolution=resolution, seller_amount=amount):
            after = replace(before, resolution=resolution, seller_amount=amount)
    return tuple({**found, event.dispute_id: after}.values())


def told(story: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """Go on with the story; what it says already, it does not say again."""
    return story if entry in story else (*story, entry)


def escrow_entry(event: e.EscrowEvent) -> Entry:
    type_ = type(event).__name__
    match event:
        case e.EscrowCreated(amount=amount, contract_id=contract_id):
            return Entry(type=type_, reference=contract_id, amount=amount)
        case e.EscrowAwaitFunds(payment_id=id, fund_by=fund_by):
            return Entry(type=type_, reference=id, note=f"pay by {fund_by.isoformat()}")
        case e.EscrowFundsHeld(payment_id=id, amount=amount, held_at=at):
            return Entry(type=type_, reference=id, amount=amount, at=at)
        case e.EscrowDelivered(delivered_at=at):
            return Entry(type=type_, at=at)
        case e.EscrowReleased(transfer_id=id, amount=amount, released_at=at):
            return Entry(type=type_, reference=id, amount=amount, at=at)
        case e.EscrowReleaseReversed(transfer_id=id, amount=amount):
            return Entry(type=type_, reference=id, amount=amount)
        case e.EscrowRefunded(refund_id=id, amount=amount, refunded_at=at):
            return Entry(type=type_, reference=id, amount=amount, at=at)
        case e.EscrowCancelled(reason=reason, cancelled_at=at):
            return Entry(type=type_, note=str(reason), at=at)
        case e.EscrowDisputed(dispute_id=id, raised_by=by, reason=reason):
            return Entry(type=type_, reference=id, note=f"{by}: {reason}")
        case e.EscrowDisputeResolved(dispute_id=id, resolution=how, seller_amount=amount):
            return Entry(type=type_, reference=id, note=str(how), amount=amount)
        case e.EscrowRefusedCommand(command=command, reason=reason, actor_id=actor_id):
            return Entry(type=type_, note=f"{command} by {actor_id}: {reason}")
        case _:
            return Entry(type=type_)


def payment_entry(event: p.PaymentEvent, at: datetime) -> Entry:
    """One line about money; its reference is the name that escrow knows the thing by."""
    named = ("transfer_id", "refund_id", "dispute_ref", "payment_id")
    said = ("reason", "outcome", "provider_ref")
    return Entry(
        type=type(event).__name__,
        reference=next((getattr(event, n) for n in named if hasattr(event, n)), None),
        at=at,
        amount=getattr(event, "amount", None),
        note=next((str(getattr(event, n)) for n in said if hasattr(event, n)), None),
    )
