"""What leaves a closing's wallet besides its settlement: fees, and money that goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.closing.evolve import evolve
from toolkit.closing.policy import (
    PAYMENT_ATTEMPTS_MAX,
    PAYMENT_RETRY,
    TIMER,
    fee_of,
    free_minor,
    unpaid_fees,
)
from toolkit.closing.state import (
    Payment,
    PaymentKind,
    PaymentStatus,
    Stage,
    Task,
    Transaction,
)
from toolkit.core.decider import Consequence, Forget, Later, Perform
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.messages.closing import Party, RetryPayment
from toolkit.messages.wallets import (
    FundsReturned,
    FundsReturnFailed,
    MilestoneFailed,
    MilestoneReleased,
    MilestoneRequested,
    ReleaseMilestone,
    ReturnFunds,
    ReturnRequested,
)

Outcome = MilestoneReleased | MilestoneFailed | FundsReturned | FundsReturnFailed


def release_fees(transaction_id: str, state: Transaction) -> Iterator[Consequence]:
    """Ask for every fee that was earned, once; not while somebody objects or has paused."""
    if state.is_paused or state.stage is Stage.DISPUTED:
        return
    for task in unpaid_fees(state):
        yield from _milestone(transaction_id, state, task)


def resume_fees(transaction_id: str, state: Transaction) -> Iterator[Consequence]:
    """Pay what had to wait: fees that were earned, and those whose next try was missed."""
    if state.is_paused or state.stage is Stage.DISPUTED:
        return
    yield from release_fees(transaction_id, state)
    for payment in state.payments:
        is_failed_fee = (
            payment.kind is PaymentKind.MILESTONE and payment.status is PaymentStatus.FAILED
        )
        if is_failed_fee and payment.attempts < PAYMENT_ATTEMPTS_MAX:
            yield Forget(name=_timer(payment))
            yield from retry(transaction_id, state, payment)


def fall_through(transaction_id: str, state: Transaction) -> Iterator[Consequence]:
    """Return the earnest money to its heir, less what agents have earned, and the rest."""
    terms, free = state.terms, free_minor(state)
    spent_minor = state.deposited_minor - free
    part = min(max(terms.earnest_money.minor - spent_minor, 0), free)
    if part:
        heir = terms.seller_id if state.earnest_money_to is Party.SELLER else terms.buyer_id
        asked = list(_return(transaction_id, state, _earnest(transaction_id), heir, part))
        yield from asked
        state = after(state, asked[0])
    yield from give_back(transaction_id, state)


def give_back(transaction_id: str, state: Transaction) -> Iterator[Consequence]:
    """Send what is left, and nobody's, back to those whom it came from: the last first."""
    left_minor = free_minor(state)
    for deposit in reversed(state.good_deposits):
        part = min(deposit.amount.minor, left_minor)
        left_minor -= part
        if part:
            name = str(derived("return", transaction_id, deposit.provider_ref))
            yield from _return(transaction_id, state, name, deposit.payer_id, part)


def settle_payment(
    state: Transaction, outcome: Outcome, now: datetime
) -> Iterator[Consequence]:
    """Believe what the provider says of a payment, unless it was said before."""
    payment = state.payment(outcome.payment_id)
    if payment is None or payment.status is PaymentStatus.PAID:
        return
    if isinstance(outcome, MilestoneReleased | FundsReturned):
        yield outcome
    elif payment.status is PaymentStatus.REQUESTED:
        yield outcome
        if payment.attempts < PAYMENT_ATTEMPTS_MAX:
            yield _again(outcome.transaction_id, payment, now)


def _again(transaction_id: str, payment: Payment, now: datetime) -> Later:
    """Try a refused payment again, each time twice as late; then a person has to."""
    ask = RetryPayment(
        transaction_id=transaction_id, payment_id=payment.payment_id, actor_id=TIMER
    )
    at = now + PAYMENT_RETRY * (1 << (payment.attempts - 1))
    return Later(name=_timer(payment), at=at, command=ask)


def _timer(payment: Payment) -> str:
    return f"pay {payment.payment_id}"


def retry(
    transaction_id: str, state: Transaction, payment: Payment
) -> Iterator[Consequence]:
    """Ask for a payment that failed once more; the provider sees a new one."""
    task = state.task(payment.task_id) if payment.task_id else None
    if payment.kind is PaymentKind.MILESTONE and task:
        yield from _milestone(transaction_id, state, task)
    else:
        name, payee_id = payment.payment_id, payment.payee_id
        yield from _return(transaction_id, state, name, payee_id, payment.amount.minor)


def _milestone(
    transaction_id: str, state: Transaction, task: Task
) -> Iterator[Consequence]:
    assert task.agent_id, f"{task.task_id} was done by somebody"
    fee = task.milestone.fee
    names = {"transaction_id": transaction_id, "payment_id": fee_of(task.task_id)}
    yield MilestoneRequested(
        **names, task_id=task.task_id, payee_id=task.agent_id, amount=fee
    )
    yield Perform(
        command=ReleaseMilestone(
            **names,
            wallet_id=state.terms.wallet_id,
            task_id=task.task_id,
            payee_id=task.agent_id,
            amount=fee,
        )
    )


def _return(
    transaction_id: str, state: Transaction, name: str, payee_id: str, minor: int
) -> Iterator[Consequence]:
    amount = Money(minor, state.terms.price.currency)
    names = {"transaction_id": transaction_id, "payment_id": name}
    yield ReturnRequested(**names, payee_id=payee_id, amount=amount)
    yield Perform(
        command=ReturnFunds(
            **names, wallet_id=state.terms.wallet_id, payee_id=payee_id, amount=amount
        )
    )


def _earnest(transaction_id: str) -> str:
    """The earnest money is returned once, to whomever it goes."""
    return str(derived("earnest", transaction_id))


def after(state: Transaction, event: object) -> Transaction:
    """Look ahead: what a transaction will be once this event is said."""
    found = evolve(state, event)
    assert isinstance(found, Transaction), f"{event!r} ends no transaction"
    return found
