"""Refunds: money that must go back is promised once, and tried until it has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.core.decider import Consequence, Later
from toolkit.messages.custody import CaseKind, RefundParked
from toolkit.messages.payments import (
    InitiateRefund,
    RefundFailed,
    RefundRequested,
    RefundReversed,
)
from toolkit.payments.attempts import RETRY, TRIES
from toolkit.payments.cases import opened
from toolkit.payments.custody import frozen_again
from toolkit.payments.evolve import evolve
from toolkit.payments.following import giving_back, go_on, withdrawn
from toolkit.payments.state import Payment, Progress, Refund, Standing


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
        reason = "more than was paid" if charge else "no such payment"
        yield RefundFailed(
            escrow_id=ask.escrow_id,
            payment_id=ask.payment_id,
            refund_id=ask.refund_id,
            rail=ask.rail,
            amount=ask.amount,
            reason=reason,
        )
        if (
            known
        ):  # it was promised, and somebody gave back a part meanwhile: a rest is left
            yield from opened(
                payment,
                ask.escrow_id,
                CaseKind.REFUND_PARKED,
                ask.refund_id,
                reason=reason,
                amount=ask.amount,
            )
        return
    if payment.free_minor(charge) < ask.amount.minor:
        for gone in withdrawn(payment, charge, ask.escrow_id):
            yield gone
            yield from go_on(payment, gone)
            payment = evolve(payment, gone)
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
    yield from go_on(payment, promised)


def refund_failed(
    payment: Payment, event: RefundFailed | RefundParked, now: datetime
) -> Iterator[Consequence]:
    """Money that must go back is not ours because a provider did not move it today."""
    promised = payment.refund(event.refund_id)
    assert promised is not None, f"{event.refund_id} was never asked for"
    failed: RefundFailed | RefundParked | RefundReversed = event
    if isinstance(event, RefundFailed) and promised.progress is Progress.SUCCEEDED:
        failed = RefundReversed(
            escrow_id=event.escrow_id,
            payment_id=event.payment_id,
            refund_id=event.refund_id,
            rail=event.rail,
            amount=promised.amount,
            provider_ref=event.provider_ref or "",
            reason=event.reason,
        )
    yield failed
    after = evolve(payment, failed)
    yield from _again(after, failed, now)
    yield from go_on(payment, failed)
    yield from frozen_again(after, failed.escrow_id)


def _again(
    payment: Payment, failed: RefundFailed | RefundParked | RefundReversed, now: datetime
) -> Iterator[Consequence]:
    """Try again tomorrow; leave to a person what was in vain too often or cannot be."""
    back = payment.refund(failed.refund_id)
    charge = payment.charge(back.source_ref) if back else None
    if back is None or charge is None or charge.standing is Standing.FROZEN:
        return
    is_parked = isinstance(failed, RefundParked)
    if not is_parked and back.tries_in_vain < TRIES:
        yield _later(giving_back(payment, back, failed.escrow_id), now)
        return
    if not is_parked:
        yield _parked(back, failed, charge.sender)
    yield from opened(
        payment,
        failed.escrow_id,
        CaseKind.REFUND_PARKED,
        back.refund_id,
        reason=failed.reason,
        amount=back.amount,
        address=charge.sender,
    )


def _parked(
    back: Refund, failed: RefundFailed | RefundParked | RefundReversed, sender: str | None
) -> RefundParked:
    return RefundParked(
        escrow_id=failed.escrow_id,
        payment_id=failed.payment_id,
        refund_id=back.refund_id,
        rail=failed.rail,
        amount=back.amount,
        reason=failed.reason,
        destination=sender,
    )


def _later(ask: InitiateRefund, now: datetime) -> Later:
    return Later(name=f"refund {ask.refund_id}", at=now + RETRY, command=ask)
