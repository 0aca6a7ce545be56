"""Payments: what came in is paid out, given back, frozen or held, and no cent of it twice.

Commands ask for movements; the provider's answers and its own objects come in as events.
A movement is promised (`…Requested`) before it is performed, so that two of them can never
spend the same money, whatever is said in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.core.decider import Consequence, Decider, Later, Perform
from toolkit.core.message import Event, replace
from toolkit.core.money import Money
from toolkit.messages.custody import (
    CaseKind,
    DepositArrived,
    DepositReturnFailed,
    HoldTransfer,
    RefundParked,
    ReturnDeposit,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackOpened,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentCancelRequested,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentRequested,
    RefundFailed,
    RefundSucceeded,
    ReverseTransfer,
    ScreeningPurpose,
    TransferFailed,
    TransferRequested,
    TransferReversalFailed,
    TransferToSeller,
    WalletScreened,
)
from toolkit.payments.attempts import RETRY, TRIES
from toolkit.payments.cases import opened
from toolkit.payments.custody import (
    arrived,
    frozen_again,
    parked,
    return_again,
    returned_in_vain,
    screened,
)
from toolkit.payments.evolve import evolve
from toolkit.payments.following import claw_back, go_on, screen, withdrawn
from toolkit.payments.news import is_news
from toolkit.payments.refunds import refund, refund_failed
from toolkit.payments.state import Payment, Progress, Standing
from toolkit.payments.wallet import is_wallet

HELD = "it had not left yet, and its escrow is disputed"


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
            asked = PaymentCancelRequested(
                escrow_id=message.escrow_id, payment_id=message.payment_id
            )
            yield asked
            yield from _cancel(evolve(payment, asked), message.escrow_id)
        case TransferToSeller():
            yield from transfer(payment, message)
        case InitiateRefund():
            yield from refund(payment, message, now)
        case HoldTransfer():
            yield from hold(payment, message)
        case ReverseTransfer():
            yield from claw_back(payment, message.escrow_id)
        case ReturnDeposit():
            yield from return_again(payment, message)
        case Event() if is_news(payment, message):
            yield from hear(payment, message, now)


def hear(payment: Payment, event: Event, now: datetime) -> Iterator[Consequence]:
    """Believe a fact that is new, and do what it asks for."""
    match event:
        case PaymentIntentCreated():
            yield event
            yield from _cancel(evolve(payment, event), event.escrow_id)
        case DepositArrived():
            yield from arrived(payment, event)
        case WalletScreened():
            yield from screened(payment, event)
        case DepositReturnFailed():
            yield from returned_in_vain(payment, event, now)
        case TransferParked():
            yield from parked(payment, event)
        case RefundFailed() | RefundParked():
            yield from refund_failed(payment, event, now)
        case RefundSucceeded(source_ref=None, refund_id=id) if back := payment.refund(id):
            # Escrow must tell the money it holds from a further payment that went back.
            yield from hear(payment, replace(event, source_ref=back.source_ref), now)
        case TransferReversalFailed():
            yield event
            yield from _reverse_again(evolve(payment, event), event, now)
        case ChargebackOpened():
            yield event
            yield from _recover(evolve(payment, event), event)
        case _:
            yield event
            yield from go_on(payment, event)
            yield from frozen_again(evolve(payment, event), str(event.key))


def transfer(payment: Payment, ask: TransferToSeller) -> Iterator[Consequence]:
    """Promise the seller what is free, once; a transfer that failed may be tried again."""
    known = payment.transfer(ask.transfer_id)
    charge = payment.charge(ask.source_ref)
    if known and known.amount != ask.amount and charge:  # a part, since it was divided
        for gone in withdrawn(payment, charge, ask.escrow_id):
            yield gone
            payment = evolve(payment, gone)
        known = payment.transfer(ask.transfer_id)
    if known and known.progress is not Progress.FAILED:
        return
    is_ours = charge is not None and charge.standing is Standing.ACCEPTED
    if charge is None or not is_ours or payment.free_minor(charge) < ask.amount.minor:
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
    if ask.rail is Rail.CUSTODIAN and not is_wallet(destination):
        yield from parked(payment, _nowhere(ask, destination))
        return
    yield TransferRequested(
        escrow_id=ask.escrow_id,
        payment_id=ask.payment_id,
        transfer_id=ask.transfer_id,
        rail=ask.rail,
        amount=ask.amount,
        destination=destination,
        source_ref=charge.provider_ref,
    )
    if ask.rail is Rail.CUSTODIAN:  # the wallet is looked at first
        purpose = ScreeningPurpose.TRANSFER
        names = (ask.escrow_id, ask.payment_id)
        yield from screen(*names, purpose, ask.transfer_id, destination)
        return
    yield Perform(
        command=replace(ask, destination=destination, source_ref=charge.provider_ref)
    )


def _nowhere(ask: TransferToSeller, destination: str) -> TransferParked:
    """No vendor could say a word on what is no wallet: a person decides."""
    return TransferParked(
        escrow_id=ask.escrow_id,
        payment_id=ask.payment_id,
        transfer_id=ask.transfer_id,
        rail=ask.rail,
        amount=ask.amount,
        destination=destination,
        reason=f"{destination!r} is no wallet: one has 0x and 40 hexadecimal digits",
    )


def hold(payment: Payment, ask: HoldTransfer) -> Iterator[Consequence]:
    """Keep a payout that has not left: its escrow is disputed, and is decided anew."""
    promised = payment.transfer(ask.transfer_id)
    charge = payment.charge(promised.source_ref) if promised else None
    if charge is None:
        return
    for gone in withdrawn(payment, charge, ask.escrow_id, HELD):
        yield gone
        yield from go_on(payment, gone)
        payment = evolve(payment, gone)


def _reverse_again(
    payment: Payment, failed: TransferReversalFailed, now: datetime
) -> Iterator[Consequence]:
    """Ask the seller again, with a new key: the old one would repeat the refusal.

    Who cannot give it back for days is a case for recovery.
    """
    sent = payment.transfer(failed.transfer_id)
    if sent is None or sent.provider_ref is None:
        return
    if sent.refusals >= TRIES:
        kind, id = CaseKind.RECOVERY, failed.transfer_id
        why, amount = failed.reason, failed.amount
        yield from opened(payment, failed.escrow_id, kind, id, reason=why, amount=amount)
        return
    ask = ReverseTransfer(
        escrow_id=failed.escrow_id,
        payment_id=failed.payment_id,
        transfer_id=failed.transfer_id,
        amount=failed.amount,
        provider_ref=sent.provider_ref,
    )
    yield Later(name=f"reverse {failed.transfer_id}", at=now + RETRY, command=ask)


def _recover(payment: Payment, taken: ChargebackOpened) -> Iterator[Consequence]:
    """What the card network took is gone from here already: somebody has to bring it."""
    charge = payment.charge(taken.charge_ref)
    lacking = -payment.free_minor(charge) if charge else taken.amount.minor
    if lacking > 0:
        amount = Money(min(lacking, taken.amount.minor), taken.amount.currency)
        reason = "the card network took money that is not here any more"
        kind, ref = CaseKind.RECOVERY, taken.dispute_ref
        yield from opened(payment, taken.escrow_id, kind, ref, reason=reason, amount=amount)


def _cancel(payment: Payment, escrow_id: str) -> Iterator[Consequence]:
    """Cancel an intent we know of; one that is still being made is cancelled afterwards.

    An address cannot be cancelled: what still comes in there goes back.
    """
    if not payment.is_cancel_requested or not payment.intent_ref or payment.charges:
        return
    names = {"escrow_id": escrow_id, "payment_id": payment.payment_id}
    if payment.rail is Rail.CUSTODIAN:
        yield PaymentIntentCancelled(**names, provider_ref=payment.intent_ref)
        return
    yield Perform(command=CancelPaymentIntent(**names, provider_ref=payment.intent_ref))


payments: Decider[Payment] = Decider(initial=Payment(), decide=decide, evolve=evolve)
