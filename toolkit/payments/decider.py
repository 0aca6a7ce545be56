"""Payments: what came in is paid out, given back or held, and no cent of it twice.

Commands ask for movements; the provider's answers and its own objects come in as events.
A movement is promised (`…Requested`) before it is performed, so that two of them can never
spend the same money, whatever is said in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from toolkit.core.decider import Consequence, Decider, Later, Perform
from toolkit.core.message import Event
from toolkit.core.money import Money
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackClosed,
    ChargebackOpened,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentCancelRequested,
    PaymentFailed,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentRequested,
    PaymentSucceeded,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferRequested,
    TransferReversalFailed,
    TransferReversalRequested,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.payments.evolve import evolve
from toolkit.payments.state import Payment, Progress

REFUND_RETRY = timedelta(days=1)


def decide(payment: Payment, message: object, now: datetime) -> Iterator[Consequence]:
    """Say what follows: what to ask of the provider, and what has become a fact."""
    match message:
        case CreatePaymentIntent() if not payment.payment_id:
            yield PaymentRequested(
                escrow_id=message.escrow_id,
                payment_id=message.payment_id,
                rail=message.rail,
                amount=message.amount,
                payer_id=message.payer_id,
            )
            yield Perform(command=message)
        case CancelPaymentIntent() if not payment.is_cancel_requested:
            yield PaymentCancelRequested(
                escrow_id=message.escrow_id, payment_id=message.payment_id
            )
            yield from _cancel(payment, message)
        case PaymentIntentCreated() if payment.intent_ref is None:
            yield message
            if payment.is_cancel_requested:
                yield from _cancel(
                    evolve(payment, message),
                    CancelPaymentIntent(
                        escrow_id=message.escrow_id, payment_id=message.payment_id
                    ),
                )
        case TransferToSeller():
            yield from transfer(payment, message)
        case InitiateRefund():
            yield from refund(payment, message, now)
        case RefundFailed() if is_news(payment, message):
            yield message
            yield from _refund_again(payment, message, now)
            yield from _go_on(payment, message)
        case TransferReversalFailed() if is_news(payment, message):
            yield message
            yield from _reverse_again(payment, message, now)
        case ReverseTransfer():
            yield from _claw_back(payment, message.escrow_id)
        case Event() if is_news(payment, message):
            yield message
            yield from _go_on(payment, message)


def transfer(payment: Payment, ask: TransferToSeller) -> Iterator[Consequence]:
    """Promise the seller what is free, once; a transfer that failed may be tried again."""
    known = payment.transfer(ask.transfer_id)
    if known and known.progress is not Progress.FAILED:
        return
    charge = payment.charge(ask.source_ref)
    if charge is None or payment.free_minor(charge) < ask.amount.minor:
        yield TransferFailed(
            escrow_id=ask.escrow_id,
            payment_id=ask.payment_id,
            transfer_id=ask.transfer_id,
            rail=ask.rail,
            amount=ask.amount,
            reason="the money is not here" if charge else "no such payment",
        )
        return
    destination = ask.destination or ask.payee_id
    yield TransferRequested(
        escrow_id=ask.escrow_id,
        payment_id=ask.payment_id,
        transfer_id=ask.transfer_id,
        rail=ask.rail,
        amount=ask.amount,
        destination=destination,
        source_ref=charge.provider_ref,
    )
    yield Perform(
        command=replace(ask, destination=destination, source_ref=charge.provider_ref)
    )


def refund(payment: Payment, ask: InitiateRefund, now: datetime) -> Iterator[Consequence]:
    """Promise the buyer what no other refund has claimed, even if the seller has it now."""
    known = payment.refund(ask.refund_id)
    if known and known.progress is not Progress.FAILED:
        return
    charge = payment.charge(ask.source_ref)
    if charge is None or payment.refundable_minor(charge) < ask.amount.minor:
        if charge and payment.is_charged_back:
            yield _later(ask, now)  # the card network has it, and may give it back
            return
        yield RefundFailed(
            escrow_id=ask.escrow_id,
            payment_id=ask.payment_id,
            refund_id=ask.refund_id,
            rail=ask.rail,
            amount=ask.amount,
            reason="more than was paid" if charge else "no such payment",
        )
        return
    promised = RefundRequested(
        escrow_id=ask.escrow_id,
        payment_id=ask.payment_id,
        refund_id=ask.refund_id,
        rail=ask.rail,
        amount=ask.amount,
        reason=ask.reason,
        source_ref=charge.provider_ref,
    )
    yield promised
    yield from _go_on(payment, promised)


def _refund_again(
    payment: Payment, failed: RefundFailed, now: datetime
) -> Iterator[Consequence]:
    """Money that must go back is not ours because a provider refused to move it today."""
    if promised := payment.refund(failed.refund_id):
        ask = InitiateRefund(
            escrow_id=failed.escrow_id,
            payment_id=failed.payment_id,
            refund_id=promised.refund_id,
            rail=failed.rail,
            amount=promised.amount,
            reason=promised.reason,
            source_ref=promised.source_ref,
        )
        yield _later(ask, now)


def _reverse_again(
    payment: Payment, failed: TransferReversalFailed, now: datetime
) -> Iterator[Consequence]:
    """Ask the seller again, with a new key: the old one would repeat the refusal."""
    sent = payment.transfer(failed.transfer_id)
    if sent and sent.provider_ref:
        ask = ReverseTransfer(
            escrow_id=failed.escrow_id,
            payment_id=failed.payment_id,
            transfer_id=failed.transfer_id,
            amount=failed.amount,
            provider_ref=sent.provider_ref,
        )
        yield Later(
            name=f"reverse {failed.transfer_id}", at=now + REFUND_RETRY, command=ask
        )


def _later(ask: InitiateRefund, now: datetime) -> Later:
    return Later(name=f"refund {ask.refund_id}", at=now + REFUND_RETRY, command=ask)


def is_news(payment: Payment, event: Event) -> bool:
    """Has this not been said yet? Answers and webhooks tell the same thing twice."""
    match event:
        case PaymentIntentCancelled():
            return not payment.is_cancelled
        case PaymentSucceeded():
            return payment.charge(event.provider_ref) is None
        case PaymentFailed():
            return not payment.charges and not payment.is_cancelled
        case TransferSucceeded() | TransferFailed():
            known = payment.transfer(event.transfer_id)
            return known is not None and known.progress is Progress.PENDING
        case TransferReversalFailed():
            asked = payment.transfer(event.transfer_id)
            return asked is not None and asked.reversing_minor > asked.reversed_minor
        case TransferReversed():
            sent = payment.transfer(event.transfer_id)
            return sent is not None and all(
                back.provider_ref != event.provider_ref for back in sent.reversals
            )
        case RefundSucceeded():
            back = payment.refund(event.refund_id)
            return back is None or back.progress is not Progress.SUCCEEDED
        case RefundFailed():
            failed = payment.refund(event.refund_id)
            # An attempt that failed before may say so again while the next one runs.
            is_told = failed is not None and event.provider_ref in failed.failed_refs
            return (
                failed is not None and failed.progress is Progress.PENDING and not is_told
            )
        case ChargebackOpened():
            return all(c.dispute_ref != event.dispute_ref for c in payment.chargebacks)
        case ChargebackClosed():
            return any(
                c.dispute_ref == event.dispute_ref and c.outcome is None
                for c in payment.chargebacks
            )
        case _:
            return False


def _go_on(before: Payment, event: Event) -> Iterator[Consequence]:
    """Perform the refunds that this event lets go, and fetch money for those that wait."""
    after = evolve(before, event)
    escrow_id = str(event.key)
    for promised in after.refunds:
        old = before.refund(promised.refund_id)
        was_waiting = old is None or old.progress in (Progress.WAITING, Progress.FAILED)
        if promised.progress is Progress.PENDING and was_waiting:
            yield Perform(
                command=InitiateRefund(
                    escrow_id=escrow_id,
                    payment_id=after.payment_id,
                    refund_id=promised.refund_id,
                    rail=after.rail,
                    amount=promised.amount,
                    reason=promised.reason,
                    source_ref=promised.source_ref,
                )
            )
    yield from _claw_back(after, escrow_id)


def _claw_back(payment: Payment, escrow_id: str) -> Iterator[Consequence]:
    """Ask back from the seller what waiting refunds lack, and was not asked for before."""
    for sent in payment.transfers:
        if sent.progress is not Progress.SUCCEEDED or sent.provider_ref is None:
            continue
        charge = payment.charge(sent.source_ref)
        waiting = sum(
            r.amount.minor
            for r in payment.refunds
            if r.source_ref == sent.source_ref and r.progress is Progress.WAITING
        )
        left = payment.left_minor(charge) if charge else 0  # a chargeback is no refund
        asked = max(sent.reversing_minor, sent.reversed_minor)
        coming = asked - sent.reversed_minor
        lacking = min(waiting - left - coming, sent.amount.minor - asked)
        if lacking > 0:
            amount = Money(lacking, sent.amount.currency)
            yield TransferReversalRequested(
                escrow_id=escrow_id,
                payment_id=payment.payment_id,
                transfer_id=sent.transfer_id,
                amount=amount,
            )
            yield Perform(
                command=ReverseTransfer(
                    escrow_id=escrow_id,
                    payment_id=payment.payment_id,
                    transfer_id=sent.transfer_id,
                    amount=amount,
                    provider_ref=sent.provider_ref,
                )
            )


def _cancel(payment: Payment, ask: CancelPaymentIntent) -> Iterator[Consequence]:
    """Cancel an intent we know of; one that is still being made is cancelled afterwards."""
    if payment.intent_ref and not payment.charges:
        yield Perform(command=replace(ask, provider_ref=payment.intent_ref))


payments: Decider[Payment] = Decider(initial=Payment(), decide=decide, evolve=evolve)
