"""How a payment's state follows from what happened to its money."""

from __future__ import annotations

from toolkit.core.message import replace
from toolkit.core.money import Money
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    FundsFrozen,
    PaymentCaseOpened,
    RefundParked,
    ScreeningConcluded,
    ScreeningRequested,
    TransferParked,
)
from toolkit.messages.escrow import Rail
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
    RefundReversed,
    RefundSucceeded,
    ScreeningPurpose,
    TransferFailed,
    TransferRequested,
    TransferReversalFailed,
    TransferReversalRequested,
    TransferReversed,
    TransferSucceeded,
    WalletScreened,
)
from toolkit.payments.state import (
    Charge,
    Chargeback,
    Deposit,
    Payment,
    Progress,
    Refund,
    Reversal,
    Screening,
    Standing,
    Transfer,
)
from toolkit.payments.verdict import Assessment


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
            charge = payment.charge(event.provider_ref) or Charge(
                provider_ref=event.provider_ref, amount=event.amount
            )
            return payment.with_charge(replace(charge, standing=Standing.ACCEPTED))
        case (
            TransferRequested()
            | TransferReversalRequested()
            | TransferReversalFailed()
            | TransferSucceeded()
        ):
            return _transferred(payment, event)
        case TransferFailed() | TransferParked() | TransferReversed():
            return _transferred(payment, event).started()
        case RefundRequested() | RefundSucceeded() | RefundFailed():
            return _refunded(payment, event).started()
        case RefundParked() | RefundReversed():
            return _came_back(payment, event).started()
        case ChargebackOpened() | ChargebackClosed():
            return _charged_back(payment, event)
        case PaymentCaseOpened():
            return replace(payment, cases=(*payment.cases, event.case_id))
        case _:
            return custody(payment, event)


def _charged_back(payment: Payment, event: ChargebackOpened | ChargebackClosed) -> Payment:
    if isinstance(event, ChargebackOpened):
        chargeback = Chargeback(
            dispute_ref=event.dispute_ref, amount=event.amount, charge_ref=event.charge_ref
        )
        return replace(payment, chargebacks=(*payment.chargebacks, chargeback))
    closed = (
        replace(c, outcome=event.outcome) if c.dispute_ref == event.dispute_ref else c
        for c in payment.chargebacks
    )
    return replace(payment, chargebacks=tuple(closed)).started()


def _transferred(
    payment: Payment,
    event: TransferRequested
    | TransferReversalRequested
    | TransferReversalFailed
    | TransferSucceeded
    | TransferFailed
    | TransferParked
    | TransferReversed,
) -> Payment:
    if isinstance(event, TransferRequested):
        is_on_chain = event.rail is Rail.CUSTODIAN
        asked = Transfer(
            transfer_id=event.transfer_id,
            amount=event.amount,
            source_ref=event.source_ref,
            progress=Progress.SCREENING if is_on_chain else Progress.PENDING,
            destination=event.destination,
        )
        return payment.with_transfer(asked)
    old = payment.transfer(event.transfer_id)
    if old is None:
        return payment
    match event:
        case TransferSucceeded():
            new = replace(old, progress=Progress.SUCCEEDED, provider_ref=event.provider_ref)
        case TransferFailed() | TransferParked():
            told = (*old.failed_refs, *([event.provider_ref] if event.provider_ref else []))
            new = replace(old, progress=Progress.FAILED, failed_refs=told)
            # Whatever the vendors say of the wallet now, nothing goes there any more.
            purpose = ScreeningPurpose.TRANSFER
            payment = payment.without_screening(purpose, old.transfer_id)
        case TransferReversalRequested():
            new = replace(old, reversing_minor=old.reversing_minor + event.amount.minor)
        case TransferReversalFailed():
            still_asked = max(old.reversing_minor - event.amount.minor, old.reversed_minor)
            refusals = old.refusals + 1
            new = replace(old, reversing_minor=still_asked, refusals=refusals)
        case TransferReversed():
            back = Reversal(provider_ref=event.provider_ref, minor=event.amount.minor)
            new = replace(old, reversals=(*old.reversals, back), refusals=0)
    return payment.with_transfer(new)


def _came_back(payment: Payment, event: RefundParked | RefundReversed) -> Payment:
    """What the buyer could not be given is with us again, until somebody tries again."""
    old = payment.refund(event.refund_id)
    if old is None:
        return payment
    told = (event.provider_ref,) if event.provider_ref else ()
    return payment.with_refund(
        replace(
            old,
            progress=Progress.FAILED,
            failed_refs=(*old.failed_refs, *told),
            tries_in_vain=old.tries_in_vain + isinstance(event, RefundReversed),
        )
    )


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
                tries_in_vain=earlier.tries_in_vain if earlier else 0,
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
                failed_refs=old.failed_refs if old else (),
                tries_in_vain=old.tries_in_vain if old else 0,
            )
        case RefundFailed():
            known = payment.refund(event.refund_id)
            if known is None:
                return payment
            told = (event.provider_ref,) if event.provider_ref else ()
            refund = replace(
                known,
                progress=Progress.FAILED,
                failed_refs=(*known.failed_refs, *told),
                tries_in_vain=known.tries_in_vain + 1,
            )
    return payment.with_refund(refund)


def custody(payment: Payment, event: object) -> Payment:
    """Fold what happens to money on chain and to the wallets around it."""
    match event:
        case DepositArrived(amount=Money() as amount):
            charge = Charge(
                provider_ref=event.provider_ref,
                amount=amount,
                standing=Standing.SCREENING,
                sender=event.from_address,
                chain_ref=event.chain_ref,
            )
            return payment.with_charge(charge)
        case DepositArrived():
            deposit = Deposit(
                provider_ref=event.provider_ref,
                token=event.token,
                sender=event.from_address,
            )
            return payment.with_deposit(deposit)
        case DepositReturned(deposit_ref=ref):
            return _deposit(payment, ref, Progress.SUCCEEDED)
        case DepositReturnFailed():
            if back := payment.deposit(event.deposit_ref):
                tries = back.tries_in_vain + 1
                failed = replace(back, progress=Progress.FAILED, tries_in_vain=tries)
                return payment.with_deposit(failed)
            return payment
        case ScreeningRequested():
            return _asked(payment, event)
        case WalletScreened():
            return _heard(payment, event)
        case ScreeningConcluded():
            return _concluded(payment, event)
        case FundsFrozen():
            return _frozen(payment, event)
        case _:
            return payment


def _deposit(payment: Payment, ref: str, progress: Progress) -> Payment:
    found = payment.deposit(ref)
    return payment.with_deposit(replace(found, progress=progress)) if found else payment


def _asked(payment: Payment, event: ScreeningRequested) -> Payment:
    if event.purpose is ScreeningPurpose.RETURN:
        payment = _deposit(payment, event.subject_ref, Progress.SCREENING)
    return payment.with_screening(
        Screening(
            purpose=event.purpose, subject_ref=event.subject_ref, address=event.address
        )
    )


def _heard(payment: Payment, event: WalletScreened) -> Payment:
    asked = payment.screening(event.purpose, event.subject_ref)
    if asked is None:
        return payment
    word = Assessment(
        provider=event.provider,
        address=event.address,
        level=event.level,
        sanctioned=event.sanctioned,
    )
    return payment.with_screening(replace(asked, words=(*asked.words, word)))


def _concluded(payment: Payment, event: ScreeningConcluded) -> Payment:
    """What is cleared is on its way; what is not waits for the event that stops it."""
    payment = payment.without_screening(event.purpose, event.subject_ref)
    ref = event.subject_ref
    match event.purpose, event.is_cleared:
        case ScreeningPurpose.TRANSFER, True:
            if transfer := payment.transfer(ref):
                return payment.with_transfer(replace(transfer, progress=Progress.PENDING))
        case ScreeningPurpose.REFUND, True:
            if refund := payment.refund(ref):
                return payment.with_refund(replace(refund, progress=Progress.PENDING))
        case ScreeningPurpose.RETURN, True:
            return _deposit(payment, ref, Progress.PENDING)
        case ScreeningPurpose.DEPOSIT, False:
            if charge := payment.charge(ref):
                return payment.with_charge(replace(charge, standing=Standing.REFUSED))
    return payment


def _frozen(payment: Payment, event: FundsFrozen) -> Payment:
    """Stop all that has not left yet, and ask nobody about it any more."""
    charge = payment.charge(event.source_ref)
    if charge is None or event.amount is None:
        return _deposit(payment, event.source_ref, Progress.FROZEN)
    stopped: list[str] = [charge.provider_ref]
    for transfer in payment.transfers_of(charge):
        if transfer.progress is Progress.SCREENING:
            stopped.append(transfer.transfer_id)
            payment = payment.with_transfer(replace(transfer, progress=Progress.FROZEN))
    for refund in payment.refunds_of(charge):
        if refund.progress in (Progress.WAITING, Progress.SCREENING):
            stopped.append(refund.refund_id)
            payment = payment.with_refund(replace(refund, progress=Progress.FROZEN))
    frozen = replace(
        charge,
        standing=Standing.FROZEN,
        frozen_minor=charge.frozen_minor + event.amount.minor,
    )
    open_still = (s for s in payment.screenings if s.subject_ref not in stopped)
    return replace(payment.with_charge(frozen), screenings=tuple(open_still))
