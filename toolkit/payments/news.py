"""Has this not been said yet? Answers and webhooks tell the same thing twice."""

from __future__ import annotations

from toolkit.core.message import Event
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    RefundParked,
    TransferParked,
)
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    PaymentFailed,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
    TransferFailed,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
    WalletScreened,
)
from toolkit.payments.state import Payment, Progress, Refund


def is_news(payment: Payment, event: Event) -> bool:
    """Say whether a fact tells us anything."""
    match event:
        case PaymentIntentCreated():
            return payment.intent_ref is None
        case PaymentIntentCancelled():
            return not payment.is_cancelled
        case PaymentSucceeded():
            return payment.charge(event.provider_ref) is None
        case PaymentFailed():
            return not payment.charges and not payment.is_cancelled
        case DepositArrived(provider_ref=ref):
            return payment.charge(ref) is None and payment.deposit(ref) is None
        case DepositReturned() | DepositReturnFailed():
            back = payment.deposit(event.deposit_ref)
            return back is not None and back.progress is Progress.PENDING
        case WalletScreened():
            asked = payment.screening(event.purpose, event.subject_ref)
            return asked is not None and all(
                word.provider != event.provider for word in asked.words
            )
        case ChargebackOpened():
            return all(c.dispute_ref != event.dispute_ref for c in payment.chargebacks)
        case ChargebackClosed():
            return any(
                c.dispute_ref == event.dispute_ref and c.outcome is None
                for c in payment.chargebacks
            )
        case _:
            return _is_news_of_a_movement(payment, event)


def _is_news_of_a_movement(payment: Payment, event: Event) -> bool:
    match event:
        case TransferSucceeded() | TransferFailed() | TransferParked():
            known = payment.transfer(event.transfer_id)
            # An attempt that failed before may say so again while the next one runs.
            return (
                known is not None
                and known.progress is Progress.PENDING
                and event.provider_ref not in known.failed_refs
            )
        case TransferReversalFailed():
            asked = payment.transfer(event.transfer_id)
            return asked is not None and asked.reversing_minor > asked.reversed_minor
        case TransferReversed():
            sent = payment.transfer(event.transfer_id)
            return sent is not None and all(
                back.provider_ref != event.provider_ref for back in sent.reversals
            )
        case RefundSucceeded():
            return _has_arrived(payment.refund(event.refund_id), event)
        case RefundFailed():
            return _has_failed(payment.refund(event.refund_id), event)
        case RefundParked():
            parked = payment.refund(event.refund_id)
            return (
                parked is not None
                and parked.progress is Progress.PENDING
                and event.provider_ref not in parked.failed_refs
            )
        case _:
            return False


def _has_arrived(refund: Refund | None, event: RefundSucceeded) -> bool:
    """What the bank sent back has not arrived, however late its success is told."""
    if refund is None:
        return True
    is_told = event.provider_ref in refund.failed_refs
    return refund.progress is not Progress.SUCCEEDED and not is_told


def _has_failed(refund: Refund | None, event: RefundFailed) -> bool:
    """An attempt that failed before may say so again while the next one runs."""
    if refund is None or event.provider_ref in refund.failed_refs:
        return False
    if refund.progress is Progress.SUCCEEDED:
        return refund.provider_ref == event.provider_ref
    return refund.progress is Progress.PENDING
