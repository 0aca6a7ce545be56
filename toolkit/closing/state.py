"""What is true of a closing: its terms, its verifications, its money, and where it stands.

It is one type and not one per state, because its parts go on side by side: an inspection
is under way while a fee is being paid and somebody objects to the title.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.closing import (
    Distribution,
    Milestone,
    Party,
    StatementLine,
    VerificationType,
)
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

    def is_what_was_paid(self, paid: Sequence[Distribution]) -> bool:
        """Say whether everybody got what the statement says, and nobody anything else."""
        asked = Counter((line.payee_id, line.amount) for line in self.lines)
        return asked == Counter((each.payee_id, each.amount) for each in paid)


@record
class Stray:
    """Money that a settlement paid otherwise than it was asked to, or too late."""

    settlement_id: str
    minor: int


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
    strays: tuple[Stray, ...] = ()
    dispute_id: str | None = None
    earnest_money_to: Party | None = None
    is_paused: bool = False

    @property
    def deposited_minor(self) -> int:
        """All that has ever come in."""
        return sum(deposit.amount.minor for deposit in self.good_deposits)

    @property
    def good_deposits(self) -> tuple[Deposit, ...]:
        """Those in the currency of the price: no other is ever counted."""
        currency = self.terms.price.currency
        return tuple(d for d in self.deposits if d.amount.currency is currency)

    @property
    def held_minor(self) -> int:
        """What is in the wallet by our books: what came in less what has gone out.

        A provider that paid more than there was did so from its own pocket.
        """
        paid = sum(p.amount.minor for p in self.payments if p.status is PaymentStatus.PAID)
        strayed = sum(stray.minor for stray in self.strays)
        return max(self.deposited_minor - paid - self.settled_minor - strayed, 0)

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

    def awaits_word_of(self, settlement_id: str) -> bool:
        """Say whether this settlement may still be heard to be paid.

        It may also after it was said to have failed, while everything stands as it did.
        """
        settlement = self.settlement
        if settlement is None or settlement.settlement_id != settlement_id:
            return False
        if any(stray.settlement_id == settlement_id for stray in self.strays):
            return False
        has_failed = settlement.status is SettlementStatus.FAILED
        is_untouched = has_failed and self.stage is Stage.READY_TO_SETTLE
        return self.is_disbursing or is_untouched

    def is_settled_by(self, settlement_id: str, paid: Sequence[Distribution]) -> bool:
        """Say whether this answer ends the deal: it is due, and what was asked for."""
        return (
            self.settlement is not None
            and self.awaits_word_of(settlement_id)
            and self.settlement.is_what_was_paid(paid)
        )

    def task(self, task_id: str) -> Task | None:
        return next((t for t in self.tasks if t.task_id == task_id), None)

    def payment(self, payment_id: str) -> Payment | None:
        return next((p for p in self.payments if p.payment_id == payment_id), None)


@record
class Absent:
    """Nothing has been agreed yet."""


State = Absent | Transaction
