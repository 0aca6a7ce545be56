"""How a payment's state follows from what happened to its money."""

from __future__ import annotations

from dataclasses import replace

from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    PaymentCancelRequested,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentRequested,
    PaymentSucceeded,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    TransferFailed,
    TransferRequested,
    TransferReversalFailed,
    TransferReversalRequested,
    TransferReversed,
    TransferSucceeded,
)
from toolkit.payments.state import (
    Charge,
    Chargeback,
    Payment,
    Progress,
    Refund,
    Reversal,
    Transfer,
)


def evolve(payment: Payment, event: object) -> Payment:
    """Fold one event. Whatever sets money free lets the refunds go that waited for it."""
    match event:
        case PaymentRequested():
            return replace(
                payment, payment_id=event.payment_id, rail=event.rail, amount=event.amount
            )
        case PaymentIntentCreated():
            return replace(payment, intent_ref=event.provider_ref)
        case PaymentCancelRequested():
            return replace(payment, is_cancel_requested=True)
        case PaymentIntentCancelled():
            return replace(payment, is_cancelled=True)
        case PaymentSucceeded():
            charge = Charge(provider_ref=event.provider_ref, amount=event.amount)
            return replace(payment, charges=(*payment.charges, charge))
        case (
            TransferRequested()
            | TransferReversalRequested()
            | TransferReversalFailed()
            | TransferSucceeded()
        ):
            return _transferred(payment, event)
        case TransferFailed() | TransferReversed():
            return _transferred(payment, event).started()
        case RefundRequested() | RefundSucceeded() | RefundFailed():
            return _refunded(payment, event).started()
        case ChargebackOpened():
            chargeback = Chargeback(dispute_ref=event.dispute_ref, amount=event.amount)
            return replace(payment, chargebacks=(*payment.chargebacks, chargeback))
        case ChargebackClosed():
            closed = (
                replace(c, outcome=event.outcome)
                if c.dispute_ref == event.dispute_ref
                else c
                for c in payment.chargebacks
            )
            return replace(payment, chargebacks=tuple(closed)).started()
        case _:
            return payment


def _transferred(
    payment: Payment,
    event: TransferRequested
    | TransferReversalRequested
    | TransferReversalFailed
    | TransferSucceeded
    | TransferFailed
    | TransferReversed,
) -> Payment:
    if isinstance(event, TransferRequested):
        asked = Transfer(
            transfer_id=event.transfer_id,
            amount=event.amount,
            source_ref=event.source_ref,
            progress=Progress.PENDING,
        )
        return payment.with_transfer(asked)
    old = payment.transfer(event.transfer_id)
    if old is None:
        return payment
    match event:
        case TransferSucceeded():
            new = replace(old, progress=Progress.SUCCEEDED, provider_ref=event.provider_ref)
        case TransferFailed():
            new = replace(old, progress=Progress.FAILED)
        case TransferReversalRequested():
            new = replace(old, reversing_minor=old.reversing_minor + event.amount.minor)
        case TransferReversalFailed():
            still_asked = max(old.reversing_minor - event.amount.minor, old.reversed_minor)
            new = replace(old, reversing_minor=still_asked)
        case TransferReversed():
            back = Reversal(provider_ref=event.provider_ref, minor=event.amount.minor)
            new = replace(old, reversals=(*old.reversals, back))
    return payment.with_transfer(new)


def _refunded(
    payment: Payment, event: RefundRequested | RefundSucceeded | RefundFailed
) -> Payment:
    match event:
        case RefundRequested():
            earlier = payment.refund(event.refund_id)
            refund = Refund(
                refund_id=event.refund_id,
                amount=event.amount,
                source_ref=event.source_ref,
                reason=event.reason,
                progress=Progress.WAITING,
                failed_refs=earlier.failed_refs if earlier else (),
            )
        case RefundSucceeded():
            old = payment.refund(event.refund_id)
            refund = Refund(
                refund_id=event.refund_id,
                amount=event.amount,
                source_ref=event.source_ref or (old.source_ref if old else ""),
                reason=old.reason if old else "made at the provider",
                progress=Progress.SUCCEEDED,
                provider_ref=event.provider_ref,
            )
        case RefundFailed():
            known = payment.refund(event.refund_id)
            if known is None:
                return payment
            told = (event.provider_ref,) if event.provider_ref else ()
            refund = replace(
                known, progress=Progress.FAILED, failed_refs=(*known.failed_refs, *told)
            )
    return payment.with_refund(refund)
