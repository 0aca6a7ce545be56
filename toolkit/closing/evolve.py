"""How a closing's state follows from what happened to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from toolkit.closing.policy import resting
from toolkit.closing.state import (
    Absent,
    Payment,
    PaymentKind,
    PaymentStatus,
    Settlement,
    SettlementStatus,
    Stage,
    State,
    Stray,
    Task,
    TaskStatus,
    Terms,
    Transaction,
)
from toolkit.messages import closing as said
from toolkit.messages import wallets as moved


def evolve(state: State, event: object) -> State:
    """Fold one of the closing's own events; what says nothing new leaves it as it is."""
    match state, event:
        case Absent(), said.TransactionInitiated():
            return _initiated(event)
        case Transaction(), moved.WalletEvent():
            return _of_the_wallet(state, event)
        case Transaction(), said.ClosingEvent():
            return _of_the_work(state, event)
        case _:
            return state


def _initiated(event: said.TransactionInitiated) -> Transaction:
    return Transaction(
        terms=Terms(
            buyer_id=event.buyer_id,
            seller_id=event.seller_id,
            property_id=event.property_id,
            price=event.price,
            earnest_money=event.amount,
            closing_date=event.closing_date,
            earnest_by=event.earnest_by,
            wallet_id=event.wallet_id,
        ),
        stage=Stage.INITIATED,
        tasks=tuple(Task(milestone=milestone) for milestone in event.milestones),
    )


def _of_the_wallet(state: Transaction, event: moved.WalletEvent) -> Transaction:
    """Money that came, was promised, or went."""
    match event:
        case moved.WalletCreated(provider_ref=ref):
            return replace(state, wallet_ref=ref)
        case moved.FundsDeposited(deposit=deposit):
            return replace(state, deposits=(*state.deposits, deposit))
        case moved.MilestoneRequested():
            return _promised(state, PaymentKind.MILESTONE, event, event.task_id)
        case moved.ReturnRequested():
            return _promised(state, PaymentKind.RETURN, event, None)
        case moved.MilestoneReleased(payment_id=id) | moved.FundsReturned(payment_id=id):
            return _paid(state, id, PaymentStatus.PAID)
        case moved.MilestoneFailed(payment_id=id) | moved.FundsReturnFailed(payment_id=id):
            return _paid(state, id, PaymentStatus.FAILED)
        case moved.SettlementRequested(settlement_id=id):
            return _settlement(state, id, SettlementStatus.REQUESTED)
        case moved.WalletSettled(settlement_id=id, distributions=paid):
            return state if state.is_settled_by(id, paid) else _strayed(state, event)
        case _:
            return state


def _of_the_work(state: Transaction, event: said.ClosingEvent) -> Transaction:
    match event:
        case said.EarnestMoneyHeld():
            return replace(state, stage=Stage.EARNEST_HELD)
        case said.ReadyToSettle():
            return replace(state, stage=Stage.READY_TO_SETTLE)
        case said.TransactionDisputed(dispute_id=id):
            return replace(state, stage=Stage.DISPUTED, dispute_id=id)
        case said.TransactionDisputeResolved():
            return replace(state, stage=resting(state), dispute_id=None)
        case said.TransactionCancelled(earnest_money_to=party):
            return replace(state, stage=Stage.CANCELLED, earnest_money_to=party)
        case said.WalletPaused():
            return replace(state, is_paused=True)
        case said.WalletResumed():
            return replace(state, is_paused=False)
        case said.SettlementScheduled():
            return _scheduled(state, event)
        case said.SettlementWithdrawn(settlement_id=id):
            withdrawn = _settlement(state, id, SettlementStatus.WITHDRAWN)
            return replace(withdrawn, stage=Stage.READY_TO_SETTLE)
        case said.SettlementFailed(settlement_id=id):
            failed = _settlement(state, id, SettlementStatus.FAILED)
            return replace(failed, stage=Stage.READY_TO_SETTLE)
        case said.SettlementExecuted(settlement_id=id):
            executed = _settlement(state, id, SettlementStatus.EXECUTED)
            return replace(executed, stage=Stage.SETTLED)
        case _:
            return _of_a_task(state, event)


def _of_a_task(state: Transaction, event: said.ClosingEvent) -> Transaction:
    match event:
        case said.VerificationAssigned():
            assigned = _changed(state, event.task_id, lambda task: _assigned(task, event))
            return _begun(assigned)
        case said.VerificationStarted(order_ref=ref):
            return _changed(
                state,
                event.task_id,
                lambda task: replace(task, status=_started(task), order_ref=ref),
            )
        case said.VerificationCompleted(report=report):
            done = TaskStatus.COMPLETED
            return _changed(
                state,
                event.task_id,
                lambda task: replace(
                    task,
                    status=done,
                    agent_id=event.agent_id,
                    report_hash=report.report_hash,
                ),
            )
        case said.VerificationFailed():
            return _changed(
                state,
                event.task_id,
                lambda task: replace(task, status=TaskStatus.FAILED, order_ref=None),
            )
        case said.VerificationEscalated():
            return _changed(state, event.task_id, _escalated)
        case _:
            return state


def _assigned(task: Task, event: said.VerificationAssigned) -> Task:
    return replace(
        task,
        status=TaskStatus.ASSIGNED,
        agent_id=event.agent_id,
        deadline=event.deadline,
        attempt=event.attempt,
        escalations=0,
        order_ref=None,
    )


def _started(task: Task) -> TaskStatus:
    """An agent who takes an order after its deadline is late all the same."""
    is_late = task.status is TaskStatus.ESCALATED
    return TaskStatus.ESCALATED if is_late else TaskStatus.IN_PROGRESS


def _escalated(task: Task) -> Task:
    return replace(task, status=TaskStatus.ESCALATED, escalations=task.escalations + 1)


def _begun(state: Transaction) -> Transaction:
    """The first assignment begins the verifying; work in a dispute changes no stage."""
    if state.stage is Stage.EARNEST_HELD:
        return replace(state, stage=Stage.VERIFYING)
    return state


def _scheduled(state: Transaction, event: said.SettlementScheduled) -> Transaction:
    number = state.settlement.number + 1 if state.settlement else 1
    settlement = Settlement(
        settlement_id=event.settlement_id,
        number=number,
        status=SettlementStatus.SCHEDULED,
        locked_until=event.locked_until,
        statement_hash=event.statement_hash,
        lines=event.lines,
        approvals=event.approvals,
    )
    return replace(state, stage=Stage.SETTLING, settlement=settlement)


def _settlement(state: Transaction, id: str, status: SettlementStatus) -> Transaction:
    settlement = state.settlement
    assert settlement, f"nothing was ever scheduled, and yet {id}"
    assert settlement.settlement_id == id, f"{id} is not what was scheduled last"
    return replace(state, settlement=replace(settlement, status=status))


def _strayed(state: Transaction, event: moved.WalletSettled) -> Transaction:
    """What was paid is no longer there, whether or not it was what we asked for."""
    currency = state.terms.price.currency
    paid = (each.amount for each in event.distributions)
    minor = sum(amount.minor for amount in paid if amount.currency is currency)
    stray = Stray(settlement_id=event.settlement_id, minor=minor)
    return replace(state, strays=(*state.strays, stray))


def _promised(
    state: Transaction,
    kind: PaymentKind,
    event: moved.MilestoneRequested | moved.ReturnRequested,
    task_id: str | None,
) -> Transaction:
    """A payment that is tried again stays one payment."""
    before = state.payment(event.payment_id)
    payment = Payment(
        payment_id=event.payment_id,
        kind=kind,
        payee_id=event.payee_id,
        amount=event.amount,
        status=PaymentStatus.REQUESTED,
        task_id=task_id,
        attempts=before.attempts + 1 if before else 1,
    )
    others = tuple(p for p in state.payments if p.payment_id != event.payment_id)
    return replace(state, payments=(*others, payment))


def _paid(state: Transaction, payment_id: str, status: PaymentStatus) -> Transaction:
    payments = tuple(
        replace(p, status=status) if p.payment_id == payment_id else p
        for p in state.payments
    )
    return replace(state, payments=payments)


def _changed(
    state: Transaction, task_id: str, change: Callable[[Task], Task]
) -> Transaction:
    tasks = tuple(change(t) if t.task_id == task_id else t for t in state.tasks)
    return replace(state, tasks=tasks)
