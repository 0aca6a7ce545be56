"""What is true of a closing: its terms, its verifications, its money, and where it stands.

It is one type and not one per state, because its parts go on side by side: an inspection
is under way while a fee is being paid and somebody objects to the title.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.closing import Milestone, Party, StatementLine, VerificationType
from toolkit.messages.wallets import Deposit


class Stage(StrEnum):
    """Where a transaction is, in the contract's words."""

    INITIATED = "INITIATED"
    EARNEST_HELD = "EARNEST_HELD"
    VERIFYING = "VERIFYING"
    READY_TO_SETTLE = "READY_TO_SETTLE"
    SETTLING = "SETTLING"
    SETTLED = "SETTLED"
    DISPUTED = "DISPUTED"
    CANCELLED = "CANCELLED"


class TaskStatus(StrEnum):
    PENDING = "PENDING"
    ASSIGNED = "ASSIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ESCALATED = "ESCALATED"


class PaymentStatus(StrEnum):
    """REQUESTED also stands for an outcome that is unknown: the money is spoken for."""

    REQUESTED = "REQUESTED"
    PAID = "PAID"
    FAILED = "FAILED"


class PaymentKind(StrEnum):
    MILESTONE = "MILESTONE"
    RETURN = "RETURN"


class SettlementStatus(StrEnum):
    SCHEDULED = "SCHEDULED"
    REQUESTED = "REQUESTED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"


@record
class Terms:
    """What buyer and seller agreed to. Terms never change."""

    buyer_id: str
    seller_id: str
    property_id: str
    price: Money
    earnest_money: Money
    closing_date: str
    earnest_by: datetime
    wallet_id: str

    @property
    def closes_on(self) -> date:
        return date.fromisoformat(self.closing_date)


@record
class Task:
    """One verification. `attempt` counts assignments, from 1."""

    milestone: Milestone
    status: TaskStatus = TaskStatus.PENDING
    agent_id: str | None = None
    deadline: datetime | None = None
    attempt: int = 0
    escalations: int = 0  # of this assignment
    order_ref: str | None = None
    report_hash: str | None = None

    @property
    def task_id(self) -> str:
        return self.milestone.task_id

    @property
    def type(self) -> VerificationType:
        return self.milestone.type

    @property
    def is_open(self) -> bool:
        """Say whether somebody works on it, or should."""
        return self.status in (
            TaskStatus.ASSIGNED,
            TaskStatus.IN_PROGRESS,
            TaskStatus.ESCALATED,
        )


@record
class Payment:
    """One payment out of the wallet that is no part of a settlement."""

    payment_id: str
    kind: PaymentKind
    payee_id: str
    amount: Money
    status: PaymentStatus
    task_id: str | None = None
    attempts: int = 1  # how often it was asked for


@record
class Settlement:
    """The statement that is paid out, or was tried last."""

    settlement_id: str
    number: int
    status: SettlementStatus
    locked_until: datetime
    statement_hash: str
    lines: tuple[StatementLine, ...]
    approvals: tuple[str, ...]

    @property
    def minor(self) -> int:
        return sum(line.amount.minor for line in self.lines)


@record
class Transaction:
    """A closing. Amounts are in the currency of its price."""

    terms: Terms
    stage: Stage
    tasks: tuple[Task, ...]
    wallet_ref: str | None = None
    deposits: tuple[Deposit, ...] = ()
    payments: tuple[Payment, ...] = ()
    settlement: Settlement | None = None
    dispute_id: str | None = None
    earnest_money_to: Party | None = None
    is_paused: bool = False

    @property
    def deposited_minor(self) -> int:
        """All that has ever come in."""
        return sum(deposit.amount.minor for deposit in self.deposits)

    @property
    def held_minor(self) -> int:
        """What is in the wallet by our books: what came in less what has gone out."""
        paid = sum(p.amount.minor for p in self.payments if p.status is PaymentStatus.PAID)
        return self.deposited_minor - paid - self.settled_minor

    @property
    def settled_minor(self) -> int:
        settled = self.settlement
        is_paid = settled and settled.status is SettlementStatus.EXECUTED
        return settled.minor if settled and is_paid else 0

    @property
    def promised_minor(self) -> int:
        """What is spoken for: payments that are asked for, or that failed and are owed."""
        return sum(
            p.amount.minor for p in self.payments if p.status is not PaymentStatus.PAID
        )

    @property
    def is_verified(self) -> bool:
        return all(task.status is TaskStatus.COMPLETED for task in self.tasks)

    @property
    def is_disbursing(self) -> bool:
        """Say whether the settlement's money may be on its way already."""
        return (
            self.settlement is not None
            and self.settlement.status is SettlementStatus.REQUESTED
        )

    def task(self, task_id: str) -> Task | None:
        return next((t for t in self.tasks if t.task_id == task_id), None)

    def payment(self, payment_id: str) -> Payment | None:
        return next((p for p in self.payments if p.payment_id == payment_id), None)


@record
class Absent:
    """Nothing has been agreed yet."""


State = Absent | Transaction
