"""Closing: a property is paid for when everything is verified, and not a cent otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from toolkit.closing import settlements, verifications
from toolkit.closing.evolve import evolve
from toolkit.closing.opening import EARNEST_BY, initiate, overdue
from toolkit.closing.payments import (
    after,
    fall_through,
    give_back,
    resume_fees,
    retry,
    settle_payment,
)
from toolkit.closing.policy import (
    CLOCKS_DIFFER,
    ENDED,
    NEEDS_VERIFYING,
    PRACTICE,
    TIMER,
    Practice,
    heir,
    in_the_way_of_cancelling,
    is_party,
    may_be_withdrawn,
    may_dispute,
    may_resolve,
    name_of,
)
from toolkit.closing.refusals import actor, not_held, refused
from toolkit.closing.state import (
    Absent,
    PaymentKind,
    PaymentStatus,
    Stage,
    State,
    Transaction,
)
from toolkit.core.decider import Consequence, Decider, Forget
from toolkit.messages.closing import (
    AssignVerification,
    CancellationReason,
    CancelTransaction,
    ClosingCommand,
    DisburseSettlement,
    EarnestMoneyHeld,
    EscalateVerification,
    ExecuteSettlement,
    InitiateTransaction,
    Party,
    PauseWallet,
    RaiseTransactionDispute,
    ReadyToSettle,
    ResolveTransactionDispute,
    ResumeWallet,
    RetryPayment,
    SubmitVerification,
    TransactionCancelled,
    TransactionDisputed,
    TransactionDisputeResolved,
    TransactionResolution,
    VerificationStarted,
    WalletPaused,
    WalletResumed,
)
from toolkit.messages.wallets import (
    FundsDeposited,
    FundsReturned,
    FundsReturnFailed,
    MilestoneFailed,
    MilestoneReleased,
    WalletCreated,
    WalletDeclined,
    WalletSettled,
    WalletSettlementFailed,
)

NOT_THEIRS = "neither side moves the money"
WORKS = NEEDS_VERIFYING | {Stage.DISPUTED}  # verifying goes on while somebody objects


def decide(
    state: State, message: object, now: datetime, practice: Practice = PRACTICE
) -> Iterator[Consequence]:
    """Say what follows. A command may be refused; an event must always be answered."""
    if isinstance(message, ClosingCommand):
        yield from answer(state, message, now, practice)
    elif isinstance(state, Transaction):
        yield from hear(state, message, now, practice)


def answer(
    state: State, ask: ClosingCommand, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Do what is asked, or refuse it and change nothing."""
    match state, ask:
        case Absent(), InitiateTransaction():
            yield from initiate(ask, now, practice)
        case Transaction(), SubmitVerification() if verifications.is_known(
            state.task(ask.task_id), ask
        ):
            return
        case Transaction(stage=stage), (
            AssignVerification() | SubmitVerification() | EscalateVerification()
        ) if stage in WORKS:
            yield from verify(state, ask, now, practice)
        case Transaction(), ExecuteSettlement() | DisburseSettlement() | RetryPayment():
            yield from pay_out(state, ask, now, practice)
        case Transaction(), CancelTransaction():
            yield from cancel(state, ask, now)
        case Transaction(), RaiseTransactionDispute() if may_dispute(state, ask):
            yield from dispute(state, ask)
        case Transaction(stage=Stage.DISPUTED), ResolveTransactionDispute() if may_resolve(
            state, ask
        ):
            yield from resolve(state, ask)
        case Transaction(is_paused=False), PauseWallet() if may_pause(state, ask.actor_id):
            yield from pause(state, ask)
        case Transaction(is_paused=True), ResumeWallet() if not is_party(
            state, ask.actor_id
        ):
            resumed = WalletResumed(
                transaction_id=ask.transaction_id, actor_id=ask.actor_id, reason=ask.reason
            )
            yield resumed
            yield from resume_fees(ask.transaction_id, after(state, resumed))
        case _, EscalateVerification():
            return  # the deadline of something that is over
        case _:
            yield refused(ask, f"{actor(ask)} may not do this while {name_of(state)}")


def hear(
    state: Transaction, event: object, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Answer what the provider and the agents tell. What is known already is no news."""
    match event:
        case WalletCreated(wallet_id=wallet_id) if state.wallet_ref is None:
            if wallet_id == state.terms.wallet_id:
                yield event
        case WalletDeclined():
            yield event
        case FundsDeposited(deposit=deposit):
            if any(known.provider_ref == deposit.provider_ref for known in state.deposits):
                return
            if problem := in_the_way_of_holding(state, event):
                yield not_held(event, problem)
                return
            yield event
            yield from receive(after(state, event), event, now, practice)
        case (
            MilestoneReleased() | MilestoneFailed() | FundsReturned() | FundsReturnFailed()
        ):
            yield from settle_payment(state, event, now)
        case WalletSettled() | WalletSettlementFailed():
            yield from settlements.conclude(state, event)
        case VerificationStarted(task_id=task_id):
            task = state.task(task_id)
            if task and state.stage in WORKS:
                yield from verifications.start(task, event)


def in_the_way_of_holding(state: Transaction, event: FundsDeposited) -> str | None:
    """Say why a deposit is none of this deal's, or nothing."""
    if event.wallet_id != state.terms.wallet_id:
        return f"the wallet {event.wallet_id!r:.80} is not this deal's"
    currency = state.terms.price.currency
    if event.deposit.amount.currency is not currency:
        return f"this deal is paid in {currency}"
    return None


def receive(
    state: Transaction, event: FundsDeposited, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Hold money that came in; what comes after the end goes back."""
    earnest = state.terms.earnest_money
    if state.stage in ENDED:
        yield from give_back(event.transaction_id, state)
    elif state.stage is Stage.INITIATED and state.deposited_minor >= earnest.minor:
        held = EarnestMoneyHeld(
            transaction_id=event.transaction_id, wallet_id=event.wallet_id, amount=earnest
        )
        yield held
        yield Forget(name=EARNEST_BY)
        yield from verifications.begin(
            event.transaction_id, after(state, held), now, practice
        )


def verify(
    state: Transaction,
    ask: AssignVerification | SubmitVerification | EscalateVerification,
    now: datetime,
    practice: Practice,
) -> Iterator[Consequence]:
    """Have something looked into, hear what was found, or remind of it."""
    task, problem = state.task(ask.task_id), None
    match ask:
        case AssignVerification():
            problem = verifications.in_the_way_of_assigning(state, ask, now)
        case SubmitVerification():
            problem = verifications.in_the_way_of_submitting(task, ask)
    if problem:
        yield refused(ask, problem)
    elif task is None:
        return
    elif isinstance(ask, AssignVerification):
        yield from verifications.assign(state, ask, task)
    elif isinstance(ask, SubmitVerification):
        yield from verifications.judge(state, ask, task, now, practice)
    else:
        yield from verifications.escalate(task, ask, now, practice)


def pay_out(
    state: Transaction,
    ask: ExecuteSettlement | DisburseSettlement | RetryPayment,
    now: datetime,
    practice: Practice,
) -> Iterator[Consequence]:
    """Let money go: a whole settlement, or a payment that failed."""
    if isinstance(ask, DisburseSettlement):
        if state.stage is Stage.SETTLING:
            yield from settlements.disburse(state, ask, now)
        return
    whole = settlements.again(state, ask) if isinstance(ask, RetryPayment) else ask
    if whole is None:
        yield from _retry_payment(state, ask)
        return
    problem = settlements.in_the_way(state, whole, practice)
    if isinstance(ask, RetryPayment) and is_party(state, ask.actor_id):
        problem = NOT_THEIRS
    elif state.stage is not Stage.READY_TO_SETTLE:
        problem = f"nothing is settled while {state.stage}"
    if problem:
        yield refused(ask, problem)
    else:
        yield from settlements.schedule(state, whole, now, practice)


def _retry_payment(state: Transaction, ask: ClosingCommand) -> Iterator[Consequence]:
    assert isinstance(ask, RetryPayment), f"{ask!r} pays nothing"
    payment = state.payment(ask.payment_id)
    if payment is None or payment.status is not PaymentStatus.FAILED:
        yield refused(ask, "no payment of this id has failed")
    elif state.stage is Stage.DISPUTED:
        yield refused(ask, "no money leaves in a dispute")
    elif state.is_paused and payment.kind is PaymentKind.MILESTONE:
        yield refused(ask, "no fee leaves while the wallet is paused")
    elif is_party(state, ask.actor_id):
        yield refused(ask, NOT_THEIRS)
    else:
        yield from retry(ask.transaction_id, state, payment)


def cancel(
    state: Transaction, ask: CancelTransaction, now: datetime
) -> Iterator[Consequence]:
    """The deal falls through: what nobody has earned goes where the reason says."""
    if problem := in_the_way_of_cancelling(state, ask, now):
        yield refused(ask, problem)
        is_ours = ask.actor_id == TIMER and state.stage is Stage.INITIATED
        if is_ours and now < state.terms.earnest_by:
            yield overdue(ask.transaction_id, state.terms.earnest_by + CLOCKS_DIFFER)
        return
    if may_be_withdrawn(state):
        yield from settlements.withdraw(ask.transaction_id, state, "the deal fell through")
    yield from end(state, ask.transaction_id, ask.reason, heir(ask), ask.actor_id)


def end(
    state: Transaction,
    transaction_id: str,
    reason: CancellationReason,
    heir: Party,
    actor_id: str,
) -> Iterator[Consequence]:
    """Say that it is over, pay what was earned, and give back the rest."""
    cancelled = TransactionCancelled(
        transaction_id=transaction_id,
        reason=reason,
        earnest_money_to=heir,
        actor_id=actor_id,
    )
    yield cancelled
    yield Forget(name=EARNEST_BY)
    yield from verifications.stop(state)
    state = after(state, cancelled)
    owed = list(resume_fees(transaction_id, state))
    for consequence in owed:
        state = after(state, consequence)
    yield from owed
    yield from fall_through(transaction_id, state)


def dispute(state: Transaction, ask: RaiseTransactionDispute) -> Iterator[Consequence]:
    """Somebody objects: nothing leaves any more that has not left."""
    if may_be_withdrawn(state):
        yield from settlements.withdraw(ask.transaction_id, state, "a dispute was raised")
    yield TransactionDisputed(
        transaction_id=ask.transaction_id,
        dispute_id=ask.dispute_id,
        actor_id=ask.actor_id,
        reason=ask.reason,
    )


def resolve(state: Transaction, ask: ResolveTransactionDispute) -> Iterator[Consequence]:
    """Go on where it was interrupted, or end the deal."""
    resolved = TransactionDisputeResolved(
        transaction_id=ask.transaction_id,
        dispute_id=ask.dispute_id,
        actor_id=ask.actor_id,
        resolution=ask.resolution,
        earnest_money_to=ask.earnest_money_to,
    )
    yield resolved
    state = after(state, resolved)
    if ask.resolution is TransactionResolution.CANCEL:
        assert ask.earnest_money_to, "the decider demands an heir"
        reason = CancellationReason.DISPUTE
        id = ask.transaction_id
        yield from end(state, id, reason, ask.earnest_money_to, ask.actor_id)
        return
    yield from resume_fees(ask.transaction_id, state)
    if state.is_verified:
        yield ReadyToSettle(transaction_id=ask.transaction_id)


def may_pause(state: Transaction, actor_id: str) -> bool:
    """Somebody of the house may, while there is money that has not left."""
    return (
        state.stage is not Stage.SETTLED
        and not state.is_disbursing
        and not is_party(state, actor_id)
    )


def pause(state: Transaction, ask: PauseWallet) -> Iterator[Consequence]:
    """No fee and no settlement leaves; what goes back to people still does."""
    if may_be_withdrawn(state):
        yield from settlements.withdraw(ask.transaction_id, state, "the wallet was paused")
    yield WalletPaused(
        transaction_id=ask.transaction_id, actor_id=ask.actor_id, reason=ask.reason
    )


def working(practice: Practice) -> Decider[State]:
    """The same judgement in a house with a practice of its own."""
    return Decider(
        initial=Absent(), decide=partial(decide, practice=practice), evolve=evolve
    )


closing: Decider[State] = working(PRACTICE)
