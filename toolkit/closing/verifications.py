"""The verifications of a closing: who works on what until when, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from toolkit.closing.evolve import evolve
from toolkit.closing.payments import release_fees
from toolkit.closing.policy import (
    ATTEMPTS_MAX,
    CLOCKS_DIFFER,
    ESCALATIONS_MAX,
    HOUSE,
    TIMER,
    Practice,
    is_party,
    is_ready,
)
from toolkit.closing.reports import objection
from toolkit.closing.state import Stage, Task, TaskStatus, Transaction
from toolkit.core.decider import Consequence, Forget, Later, Perform
from toolkit.messages.closing import (
    AssignVerification,
    CollectVerification,
    EscalateVerification,
    OrderVerification,
    ReadyToSettle,
    SubmitVerification,
    VerificationAssigned,
    VerificationCompleted,
    VerificationEscalated,
    VerificationFailed,
    VerificationStarted,
)


def begin(
    transaction_id: str, state: Transaction, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Ask the agents of the house for all that waits for nothing any more."""
    for task in state.tasks:
        agent_id = practice.panel.get(task.type)
        if agent_id and task.status is TaskStatus.PENDING and is_ready(state, task):
            deadline = now + practice.deadlines[task.type]
            yield _assignment(transaction_id, task, agent_id, deadline)


def in_the_way_of_assigning(
    state: Transaction, ask: AssignVerification, now: datetime
) -> str | None:
    """Say why this agent cannot have this task, or nothing."""
    task = state.task(ask.task_id)
    if task is None or task.type is not ask.type:
        return f"there is no {ask.type} of this id"
    if is_party(state, ask.agent_id):
        return "neither side verifies its own deal"
    if task.status is TaskStatus.COMPLETED:
        return f"the {task.type} is completed"
    if not is_ready(state, task):
        return f"the {task.type} waits for other verifications"
    if ask.deadline <= now:
        return "the deadline has passed already"
    by_itself = ask.actor_id in (None, HOUSE, TIMER)
    if by_itself and task.status not in (TaskStatus.PENDING, TaskStatus.FAILED):
        return f"the {task.type} is {task.status}: a person may give it to another"
    return None


def assign(
    state: Transaction, ask: AssignVerification, task: Task
) -> Iterator[Consequence]:
    """Give the task to an agent, and see to it when the deadline has passed."""
    attempt = task.attempt + 1
    yield VerificationAssigned(
        transaction_id=ask.transaction_id,
        task_id=ask.task_id,
        type=ask.type,
        agent_id=ask.agent_id,
        deadline=ask.deadline,
        attempt=attempt,
    )
    yield Forget(name=_retry(task))
    yield _reminder(ask.transaction_id, task, ask.deadline, ask.deadline)
    yield Perform(
        command=OrderVerification(
            transaction_id=ask.transaction_id,
            task_id=ask.task_id,
            type=ask.type,
            agent_id=ask.agent_id,
            property_id=state.terms.property_id,
            deadline=ask.deadline,
            attempt=attempt,
            price=state.terms.price,
        )
    )


def start(task: Task, started: VerificationStarted) -> Iterator[Consequence]:
    """The agent has taken the order: from now on it is looked at until its end."""
    is_new = task.order_ref is None and task.status in (
        TaskStatus.ASSIGNED,
        TaskStatus.ESCALATED,
    )
    if is_new and task.agent_id == started.agent_id:
        yield started
        yield collect(started.transaction_id, task, started.order_ref)


def collect(transaction_id: str, task: Task, order_ref: str) -> Perform:
    assert task.agent_id, f"{order_ref} was taken by somebody"
    return Perform(
        command=CollectVerification(
            transaction_id=transaction_id,
            task_id=task.task_id,
            type=task.type,
            agent_id=task.agent_id,
            order_ref=order_ref,
        )
    )


def in_the_way_of_submitting(task: Task | None, ask: SubmitVerification) -> str | None:
    """Say why nobody asked for this answer, or nothing."""
    if task is None:
        return "there is no such verification"
    if not task.is_open:
        return f"the {task.type} is {task.status}: nobody waits for a report"
    if ask.agent_id not in (None, task.agent_id):
        return f"the {task.type} is in the hands of another agent"
    if (ask.report is None) == (ask.reason is None):
        return "say either what was found or why nothing was"
    return None


def is_known(task: Task | None, ask: SubmitVerification) -> bool:
    """Say whether this answer was heard before: a webhook and a look may both tell it."""
    if task is None:
        return False
    if ask.order_ref is not None:
        return ask.order_ref != task.order_ref or task.status is TaskStatus.COMPLETED
    return (
        ask.report is not None
        and task.status is TaskStatus.COMPLETED
        and task.report_hash == ask.report.report_hash
    )


def judge(
    state: Transaction,
    ask: SubmitVerification,
    task: Task,
    now: datetime,
    practice: Practice,
) -> Iterator[Consequence]:
    """Accept a report and go on with what waited for it, or have it done again."""
    yield Forget(name=_deadline(task))
    reason = ask.reason
    if ask.report is not None:
        reason = objection(task.type, ask.report, state.terms.price)
    if reason is not None:
        yield from _fail(ask, task, reason, now, practice)
        return
    assert ask.report, "nothing was found, and nobody objects"
    assert task.agent_id, f"{task.task_id} is nobody's"
    completed = VerificationCompleted(
        transaction_id=ask.transaction_id,
        task_id=task.task_id,
        type=task.type,
        agent_id=task.agent_id,
        report=ask.report,
    )
    yield completed
    after = evolve(state, completed)
    assert isinstance(after, Transaction), "a report ends no transaction"
    yield from release_fees(ask.transaction_id, after)
    yield from begin(ask.transaction_id, after, now, practice)
    if after.is_verified and after.stage is Stage.VERIFYING:
        yield ReadyToSettle(transaction_id=ask.transaction_id)


def escalate(
    task: Task, ask: EscalateVerification, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Tell that a deadline has passed, look whether a report is there, and remind."""
    if not task.is_open or task.deadline != ask.deadline:
        return
    if now < ask.deadline:
        yield _reminder(
            ask.transaction_id, task, ask.deadline, ask.deadline + CLOCKS_DIFFER
        )
        return
    overdue = now - ask.deadline
    yield VerificationEscalated(
        transaction_id=ask.transaction_id,
        task_id=task.task_id,
        overdue_by_s=int(overdue.total_seconds()),
    )
    if task.escalations + 1 < ESCALATIONS_MAX:
        again_at = now + practice.escalate_every
        yield _reminder(ask.transaction_id, task, ask.deadline, again_at)


def stop(state: Transaction) -> Iterator[Forget]:
    """Nobody waits for anything any more."""
    for task in state.tasks:
        yield Forget(name=_deadline(task))
        yield Forget(name=_retry(task))


def _fail(
    ask: SubmitVerification, task: Task, reason: str, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Have it done again after a while; after so many attempts a person has to."""
    tries = (task.attempt - 1) % ATTEMPTS_MAX
    retry_at = now + practice.retry_after * (1 << tries)
    is_last = tries == ATTEMPTS_MAX - 1
    yield VerificationFailed(
        transaction_id=ask.transaction_id,
        task_id=task.task_id,
        reason=reason,
        attempt=task.attempt,
        report=ask.report,
        retry_at=None if is_last else retry_at,
    )
    if not is_last:
        assert task.agent_id, f"{task.task_id} is nobody's"
        deadline = retry_at + practice.deadlines[task.type]
        again = _assignment(ask.transaction_id, task, task.agent_id, deadline, TIMER)
        yield Later(name=_retry(task), at=retry_at, command=again)


def _assignment(
    transaction_id: str,
    task: Task,
    agent_id: str,
    deadline: datetime,
    actor_id: str = HOUSE,
) -> AssignVerification:
    return AssignVerification(
        transaction_id=transaction_id,
        task_id=task.task_id,
        type=task.type,
        agent_id=agent_id,
        deadline=deadline,
        actor_id=actor_id,
    )


def _reminder(transaction_id: str, task: Task, deadline: datetime, at: datetime) -> Later:
    overdue = EscalateVerification(
        transaction_id=transaction_id, task_id=task.task_id, deadline=deadline
    )
    return Later(name=_deadline(task), at=at, command=overdue)


def _deadline(task: Task) -> str:
    return f"deadline {task.type}"


def _retry(task: Task) -> str:
    return f"retry {task.type}"
