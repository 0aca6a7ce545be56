"""What a fact sets going: refunds that may leave now, and money that is asked back."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.core.decider import Consequence, Perform
from toolkit.core.message import Event, derived
from toolkit.core.money import Money
from toolkit.messages.custody import CaseKind, ScreeningRequested, ScreenWallet
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    InitiateRefund,
    RefundRequested,
    ReverseTransfer,
    ScreeningPurpose,
    TransferFailed,
    TransferReversalRequested,
)
from toolkit.payments.cases import opened
from toolkit.payments.evolve import evolve
from toolkit.payments.state import Charge, Payment, Progress, Refund

DECIDED_ANEW = "it had not left yet, and was decided anew"


def go_on(before: Payment, event: Event) -> Iterator[Consequence]:
    """Send the refunds that this event lets go, and fetch money for those that wait."""
    escrow_id = str(event.key)
    after = evolve(before, event)
    yield from _let_go(before, after, escrow_id)
    for rest in _rests(after, escrow_id):
        yield rest
        before, after = after, evolve(after, rest)
        yield from _let_go(before, after, escrow_id)
    yield from claw_back(after, escrow_id)


def withdrawn(
    payment: Payment, charge: Charge, escrow_id: str, reason: str = DECIDED_ANEW
) -> Iterator[TransferFailed]:
    """Take back what was promised of a charge and waits for the word on its wallet.

    Who decides anew decides on all that is here.
    """
    for promised in payment.transfers_of(charge):
        if promised.progress is Progress.SCREENING:
            yield TransferFailed(
                escrow_id=escrow_id,
                payment_id=payment.payment_id,
                transfer_id=promised.transfer_id,
                rail=payment.rail,
                amount=promised.amount,
                reason=reason,
            )


def screen(
    escrow_id: str,
    payment_id: str,
    purpose: ScreeningPurpose,
    subject_ref: str,
    address: str,
) -> Iterator[Consequence]:
    """Ask who owns a wallet before anything moves."""
    names = {"escrow_id": escrow_id, "payment_id": payment_id, "address": address}
    yield ScreeningRequested(**names, purpose=purpose, subject_ref=subject_ref)
    yield Perform(command=ScreenWallet(**names, purpose=purpose, subject_ref=subject_ref))


def giving_back(payment: Payment, refund: Refund, escrow_id: str) -> InitiateRefund:
    """Say what a promised refund asks of its rail; a wallet is paid where it paid from."""
    charge = payment.charge(refund.source_ref)
    return InitiateRefund(
        escrow_id=escrow_id,
        payment_id=payment.payment_id,
        refund_id=refund.refund_id,
        rail=payment.rail,
        amount=refund.amount,
        reason=refund.reason,
        source_ref=refund.source_ref,
        destination=charge.sender if charge else None,
    )


def claw_back(payment: Payment, escrow_id: str) -> Iterator[Consequence]:
    """Ask back from the seller what waiting refunds and lost chargebacks lack.

    What was asked for before is not asked for again. A chargeback that is not decided takes
    nothing from the seller.
    """
    for sent in payment.transfers:
        charge = payment.charge(sent.source_ref)
        if sent.progress is not Progress.SUCCEEDED or not sent.provider_ref or not charge:
            continue
        waiting = sum(
            r.amount.minor
            for r in payment.refunds_of(charge)
            if r.progress is Progress.WAITING
        )
        needed = waiting + payment.lost_minor(charge)
        asked = max(sent.reversing_minor, sent.reversed_minor)
        coming = asked - sent.reversed_minor
        lacking = min(
            needed - payment.left_minor(charge) - coming, sent.amount.minor - asked
        )
        if lacking > 0 and payment.rail is Rail.CUSTODIAN:  # what is sent there is sent
            yield from opened(
                payment,
                escrow_id,
                CaseKind.RECOVERY,
                sent.transfer_id,
                reason="the seller has money that belongs to the buyer",
                amount=Money(lacking, sent.amount.currency),
                address=sent.destination,
            )
        elif lacking > 0:
            names = {
                "escrow_id": escrow_id,
                "payment_id": payment.payment_id,
                "transfer_id": sent.transfer_id,
            }
            amount = Money(lacking, sent.amount.currency)
            yield TransferReversalRequested(**names, amount=amount)
            ask = ReverseTransfer(**names, amount=amount, provider_ref=sent.provider_ref)
            yield Perform(command=ask)


def _let_go(before: Payment, after: Payment, escrow_id: str) -> Iterator[Consequence]:
    for promised in after.refunds:
        old = before.refund(promised.refund_id)
        was_waiting = old is None or old.progress in (Progress.WAITING, Progress.FAILED)
        charge = after.charge(promised.source_ref)
        if promised.progress is Progress.PENDING and was_waiting:
            yield Perform(command=giving_back(after, promised, escrow_id))
        if promised.progress is Progress.SCREENING and was_waiting and charge:
            yield from screen(
                escrow_id,
                after.payment_id,
                ScreeningPurpose.REFUND,
                promised.refund_id,
                charge.sender or "",
            )


def _rests(payment: Payment, escrow_id: str) -> Iterator[RefundRequested]:
    """A lost chargeback ends its escrow: what it left goes back to the buyer as well.

    What a failed refund was to bring back is not asked for here: that is tried again.
    """
    for charge in payment.charges:
        failed = sum(
            r.amount.minor
            for r in payment.refunds_of(charge)
            if r.progress is Progress.FAILED
        )
        rest = payment.free_minor(charge) - failed
        if payment.lost_minor(charge) and rest > 0:
            number = str(len(payment.refunds))
            yield RefundRequested(
                escrow_id=escrow_id,
                payment_id=payment.payment_id,
                refund_id=str(derived("rest", charge.provider_ref, number)),
                rail=payment.rail,
                amount=Money(rest, charge.amount.currency),
                reason="the rest of a payment whose chargeback was lost",
                source_ref=charge.provider_ref,
            )
