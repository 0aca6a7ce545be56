"""Money on chain: who sent it, who will get it, and what may not move at all.

A deposit counts as paid when every vendor has cleared its sender, and a wallet is looked at
again right before it is paid. Who cannot be looked at is not paid, and nothing of theirs is
held: it stays where it is until the vendors answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.core.decider import Consequence, Later, Perform
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.messages.custody import (
    CaseKind,
    DepositArrived,
    DepositReturnFailed,
    FundsFrozen,
    ReturnDeposit,
    ScreeningConcluded,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    PaymentSucceeded,
    RefundRequested,
    RiskLevel,
    ScreeningPurpose,
    TransferToSeller,
    WalletScreened,
)
from toolkit.payments.attempts import RETRY, TRIES
from toolkit.payments.cases import case_of, opened
from toolkit.payments.evolve import evolve
from toolkit.payments.following import giving_back, go_on, screen
from toolkit.payments.state import Charge, Deposit, Payment, Progress, Standing
from toolkit.payments.verdict import combined

HARMLESS = (RiskLevel.LOW, RiskLevel.MEDIUM)
TO_THE_SENDER = (ScreeningPurpose.REFUND, ScreeningPurpose.RETURN)


def arrived(payment: Payment, deposit: DepositArrived) -> Iterator[Consequence]:
    """Ask who sent it. What is no money of ours will go back."""
    yield deposit
    is_money = deposit.amount is not None
    yield from screen(
        deposit.escrow_id,
        payment.payment_id or deposit.payment_id,
        ScreeningPurpose.DEPOSIT if is_money else ScreeningPurpose.RETURN,
        deposit.provider_ref,
        deposit.from_address,
    )


def screened(payment: Payment, word: WalletScreened) -> Iterator[Consequence]:
    """Once the last vendor has spoken, let the subject move, or stop it."""
    yield word
    after = evolve(payment, word)
    asked = after.screening(word.purpose, word.subject_ref)
    verdict = combined(asked.words) if asked else None
    if asked is None or verdict is None:
        return
    goes_home = asked.purpose in TO_THE_SENDER
    concluded = ScreeningConcluded(
        escrow_id=word.escrow_id,
        payment_id=after.payment_id,
        address=asked.address,
        purpose=asked.purpose,
        subject_ref=asked.subject_ref,
        level=verdict.level,
        sanctioned=verdict.sanctioned,
        is_cleared=not verdict.sanctioned and (goes_home or verdict.level in HARMLESS),
    )
    yield concluded
    after = evolve(after, concluded)
    if concluded.is_cleared:
        yield from _cleared(after, concluded)
    elif concluded.sanctioned:
        yield from _frozen(after, concluded)
    else:
        yield from _refused(after, concluded)


def frozen_again(payment: Payment, escrow_id: str) -> Iterator[Consequence]:
    """What was on its way out when its charge was frozen, and came back, is frozen too."""
    for charge in payment.charges:
        if charge.standing is Standing.FROZEN and payment.held_minor(charge):
            yield _freeze(payment, charge, escrow_id, "", "its charge is frozen")


def returned_in_vain(
    payment: Payment, failed: DepositReturnFailed, now: datetime
) -> Iterator[Consequence]:
    """Try again tomorrow; leave a token that cannot be sent back to a person."""
    yield failed
    after = evolve(payment, failed)
    deposit = after.deposit(failed.deposit_ref)
    if deposit is None:
        return
    if deposit.tries_in_vain < TRIES:
        again = _returning(after, deposit, failed.escrow_id)
        yield Later(name=f"return {deposit.provider_ref}", at=now + RETRY, command=again)
        return
    kind, ref = CaseKind.DEPOSIT_PARKED, failed.deposit_ref
    yield from opened(payment, failed.escrow_id, kind, ref, reason=failed.reason)


def return_again(payment: Payment, ask: ReturnDeposit) -> Iterator[Consequence]:
    """Look at the sender's wallet anew before a token that came back goes out again."""
    deposit = payment.deposit(ask.deposit_ref)
    if deposit and deposit.progress is Progress.FAILED:
        yield from screen(
            ask.escrow_id,
            payment.payment_id,
            ScreeningPurpose.RETURN,
            deposit.provider_ref,
            deposit.sender,
        )


def parked(payment: Payment, stopped: TransferParked) -> Iterator[Consequence]:
    """Keep what the seller cannot be paid, and tell a person."""
    yield stopped
    yield from opened(
        payment,
        stopped.escrow_id,
        CaseKind.PAYEE_PARKED,
        stopped.transfer_id,
        reason=stopped.reason,
        amount=stopped.amount,
        address=stopped.destination,
    )
    yield from go_on(payment, stopped)
    yield from frozen_again(evolve(payment, stopped), stopped.escrow_id)


def _cleared(payment: Payment, concluded: ScreeningConcluded) -> Iterator[Consequence]:
    match concluded.purpose:
        case ScreeningPurpose.DEPOSIT:
            yield from _accepted(payment, concluded)
        case ScreeningPurpose.TRANSFER:
            yield from _paying(payment, concluded)
        case ScreeningPurpose.REFUND:
            if refund := payment.refund(concluded.subject_ref):
                yield Perform(command=giving_back(payment, refund, concluded.escrow_id))
        case ScreeningPurpose.RETURN:
            if deposit := payment.deposit(concluded.subject_ref):
                yield Perform(command=_returning(payment, deposit, concluded.escrow_id))


def _returning(payment: Payment, deposit: Deposit, escrow_id: str) -> ReturnDeposit:
    return ReturnDeposit(
        escrow_id=escrow_id,
        payment_id=payment.payment_id,
        deposit_ref=deposit.provider_ref,
        token=deposit.token,
        destination=deposit.sender,
    )


def _accepted(payment: Payment, concluded: ScreeningConcluded) -> Iterator[Consequence]:
    if charge := payment.charge(concluded.subject_ref):
        yield PaymentSucceeded(
            escrow_id=concluded.escrow_id,
            payment_id=payment.payment_id,
            rail=Rail.CUSTODIAN,
            amount=charge.amount,
            fee=Money(0, charge.amount.currency),
            provider_ref=charge.provider_ref,
            chain_ref=charge.chain_ref,
        )


def _paying(payment: Payment, concluded: ScreeningConcluded) -> Iterator[Consequence]:
    if promised := payment.transfer(concluded.subject_ref):
        yield Perform(
            command=TransferToSeller(
                escrow_id=concluded.escrow_id,
                payment_id=payment.payment_id,
                transfer_id=promised.transfer_id,
                rail=payment.rail,
                amount=promised.amount,
                payee_id=promised.destination or "",
                destination=promised.destination,
                source_ref=promised.source_ref,
            )
        )


def _refused(payment: Payment, concluded: ScreeningConcluded) -> Iterator[Consequence]:
    """A risky sender has the money back; a risky seller is not paid: a person decides."""
    reason = f"the wallet is of {concluded.level} risk"
    charge = payment.charge(concluded.subject_ref)
    if concluded.purpose is ScreeningPurpose.DEPOSIT and charge:
        back = RefundRequested(
            escrow_id=concluded.escrow_id,
            payment_id=payment.payment_id,
            refund_id=str(derived("refund", concluded.escrow_id, charge.provider_ref)),
            rail=payment.rail,
            amount=charge.amount,
            reason=reason,
            source_ref=charge.provider_ref,
        )
        yield back
        yield from go_on(payment, back)
    transfer = payment.transfer(concluded.subject_ref)
    if concluded.purpose is ScreeningPurpose.TRANSFER and transfer:
        stopped = TransferParked(
            escrow_id=concluded.escrow_id,
            payment_id=payment.payment_id,
            transfer_id=transfer.transfer_id,
            rail=payment.rail,
            amount=transfer.amount,
            destination=concluded.address,
            reason=reason,
        )
        yield from parked(payment, stopped)


def _frozen(payment: Payment, concluded: ScreeningConcluded) -> Iterator[Consequence]:
    """Stop what concerns a sanctioned wallet, in either direction, and report it."""
    source_ref = _source_of(payment, concluded)
    charge = payment.charge(source_ref) if source_ref else None
    frozen = FundsFrozen(
        escrow_id=concluded.escrow_id,
        payment_id=payment.payment_id,
        case_id=case_of(CaseKind.SANCTIONS, source_ref),
        source_ref=source_ref,
        address=concluded.address,
        reason="a screening vendor calls the wallet sanctioned",
    )
    if charge:
        frozen = _freeze(
            payment, charge, concluded.escrow_id, concluded.address, frozen.reason
        )
    yield frozen
    yield from opened(
        payment,
        concluded.escrow_id,
        CaseKind.SANCTIONS,
        source_ref,
        reason=frozen.reason,
        amount=frozen.amount,
        address=concluded.address,
    )


def _freeze(
    payment: Payment, charge: Charge, escrow_id: str, address: str, reason: str
) -> FundsFrozen:
    return FundsFrozen(
        escrow_id=escrow_id,
        payment_id=payment.payment_id,
        case_id=case_of(CaseKind.SANCTIONS, charge.provider_ref),
        source_ref=charge.provider_ref,
        address=address or charge.sender or "",
        reason=reason,
        amount=Money(payment.held_minor(charge), charge.amount.currency),
    )


def _source_of(payment: Payment, concluded: ScreeningConcluded) -> str:
    """Name the deposit that a screening was about."""
    match concluded.purpose:
        case ScreeningPurpose.TRANSFER:
            transfer = payment.transfer(concluded.subject_ref)
            return transfer.source_ref if transfer else ""
        case ScreeningPurpose.REFUND:
            refund = payment.refund(concluded.subject_ref)
            return refund.source_ref if refund else ""
        case _:
            return concluded.subject_ref
