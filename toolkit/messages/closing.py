"""The language of closings: a property changes hands when every verification is done."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from toolkit.core.message import Command, Event, record
from toolkit.core.money import Money


class VerificationType(StrEnum):
    """What is looked into before a property changes hands."""

    TITLE_SEARCH = "TITLE_SEARCH"
    INSPECTION = "INSPECTION"
    APPRAISAL = "APPRAISAL"
    LENDING = "LENDING"


class Party(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"


class CancellationReason(StrEnum):
    """Why a deal falls through; it decides who gets the earnest money."""

    EARNEST_UNPAID = "EARNEST_UNPAID"  # the timer's: nothing, or too little, came in
    MUTUAL_RELEASE = "MUTUAL_RELEASE"  # both sign who gets it
    CONTINGENCY = "CONTINGENCY"  # the buyer's way out while something is not verified
    BUYER_DEFAULT = "BUYER_DEFAULT"
    SELLER_DEFAULT = "SELLER_DEFAULT"
    DISPUTE = "DISPUTE"  # a dispute was resolved so


class TransactionResolution(StrEnum):
    """How a dispute over a closing ends."""

    RESUME = "RESUME"
    CANCEL = "CANCEL"


@record
class Finding:
    """One answer of a report, by its name; amounts are decimal numbers of USD."""

    name: str
    value: str


@record
class VerificationReport:
    """What an agent found; `report_hash` is the SHA-256 of the full document, in hex."""

    report_hash: str
    findings: tuple[Finding, ...]


@record
class StatementLine:
    """One payment of a closing statement; `code` is the line of the disclosure."""

    code: str
    payee_id: str
    amount: Money


@record
class Distribution:
    """One payment that a settlement made."""

    code: str
    payee_id: str
    amount: Money
    provider_ref: str


@record
class Milestone:
    """What a wallet may pay for one verification, and to nobody else's account."""

    task_id: str
    type: VerificationType
    fee: Money


@record
class ClosingCommand(Command):
    topic = "closing.commands.v1"

    transaction_id: str

    @property
    def key(self) -> str:
        return self.transaction_id


@record
class ClosingEvent(Event):
    topic = "closing.events.v1"

    transaction_id: str

    @property
    def key(self) -> str:
        return self.transaction_id


# What may be asked.


@record
class InitiateTransaction(ClosingCommand):
    buyer_id: str
    seller_id: str
    property_id: str
    price: Money
    earnest_money: Money
    closing_date: str  # ISO 8601


@record
class AssignVerification(ClosingCommand):
    """Give a task to an agent, for the first time or anew."""

    task_id: str
    type: VerificationType
    agent_id: str
    deadline: datetime
    actor_id: str | None = None  # absent, the house itself


@record
class SubmitVerification(ClosingCommand):
    """An agent's answer: a report, or the reason why there is none."""

    task_id: str
    report: VerificationReport | None = None
    reason: str | None = None
    agent_id: str | None = None  # absent, whoever the task is assigned to
    order_ref: str | None = None  # of an answer that was fetched


@record
class EscalateVerification(ClosingCommand):
    """The timer's: the deadline has passed."""

    task_id: str
    deadline: datetime


@record
class ExecuteSettlement(ClosingCommand):
    """Pay out everything that is held, as the statement says; `approvals` are people."""

    lines: tuple[StatementLine, ...]
    approvals: tuple[str, ...]
    actor_id: str | None = None


@record
class DisburseSettlement(ClosingCommand):
    """The timer's: the time lock is over."""

    settlement_id: str


@record
class RetryPayment(ClosingCommand):
    """Ask for a payment that failed once more, as a new one."""

    payment_id: str
    actor_id: str


@record
class RaiseTransactionDispute(ClosingCommand):
    dispute_id: str
    actor_id: str
    reason: str


@record
class ResolveTransactionDispute(ClosingCommand):
    dispute_id: str
    actor_id: str
    resolution: TransactionResolution
    earnest_money_to: Party | None = None  # only with CANCEL


@record
class CancelTransaction(ClosingCommand):
    """`consents` are those who sign a mutual release."""

    actor_id: str
    reason: CancellationReason
    earnest_money_to: Party | None = None  # absent, what the reason says
    consents: tuple[str, ...] = ()


@record
class PauseWallet(ClosingCommand):
    actor_id: str
    reason: str


@record
class ResumeWallet(ClosingCommand):
    actor_id: str
    reason: str


# What may have happened.


@record
class TransactionInitiated(ClosingEvent):
    wallet_id: str
    amount: Money  # the earnest money
    buyer_id: str
    seller_id: str
    property_id: str
    price: Money
    closing_date: str
    earnest_by: datetime
    milestones: tuple[Milestone, ...]


@record
class EarnestMoneyHeld(ClosingEvent):
    wallet_id: str
    amount: Money


@record
class VerificationAssigned(ClosingEvent):
    task_id: str
    type: VerificationType
    agent_id: str
    deadline: datetime
    attempt: int


@record
class VerificationStarted(ClosingEvent):
    """The agent has taken the order; `order_ref` is the agent's own name for it."""

    task_id: str
    agent_id: str
    order_ref: str


@record
class VerificationCompleted(ClosingEvent):
    task_id: str
    type: VerificationType
    agent_id: str
    report: VerificationReport


@record
class VerificationFailed(ClosingEvent):
    """`retry_at` is when it is assigned again; absent, a person has to do it."""

    task_id: str
    reason: str
    attempt: int
    report: VerificationReport | None = None
    retry_at: datetime | None = None


@record
class VerificationEscalated(ClosingEvent):
    task_id: str
    overdue_by_s: int


@record
class ReadyToSettle(ClosingEvent):
    """Every verification is done."""


@record
class SettlementScheduled(ClosingEvent):
    """Approved; the money leaves when the time lock ends."""

    settlement_id: str
    locked_until: datetime
    statement_hash: str
    lines: tuple[StatementLine, ...]
    approvals: tuple[str, ...]


@record
class SettlementWithdrawn(ClosingEvent):
    """Something stood in its way before the money left."""

    settlement_id: str
    reason: str


@record
class SettlementExecuted(ClosingEvent):
    settlement_id: str
    statement_hash: str
    distributions: tuple[Distribution, ...]


@record
class SettlementFailed(ClosingEvent):
    """It was not paid as asked; in a dispute, a person finds out first what was."""

    settlement_id: str
    statement_hash: str
    reason: str


@record
class TransactionDisputed(ClosingEvent):
    dispute_id: str
    actor_id: str
    reason: str


@record
class TransactionDisputeResolved(ClosingEvent):
    dispute_id: str
    actor_id: str
    resolution: TransactionResolution
    earnest_money_to: Party | None = None


@record
class TransactionCancelled(ClosingEvent):
    reason: CancellationReason
    earnest_money_to: Party
    actor_id: str


@record
class WalletPaused(ClosingEvent):
    actor_id: str
    reason: str


@record
class WalletResumed(ClosingEvent):
    actor_id: str
    reason: str


@record
class TransactionRefusedCommand(ClosingEvent):
    command: str
    reason: str
    actor_id: str


@record
class AuditAnchored(ClosingEvent):
    """A run of events is provable on chain.

    `transaction_id` names the transaction whose events these are; a batch of many
    transactions goes under the name of the log that they are chained in. Both sequence
    numbers belong to the batch.
    """

    from_sequence: int
    to_sequence: int
    merkle_root: str
    chain_id: int
    tx_hash: str
    block_number: int | None = None


# What closing asks of others, outside any transaction.


@record
class OrderVerification(ClosingCommand):
    """Ask an agent for a report; answered with VerificationStarted."""

    task_id: str
    type: VerificationType
    agent_id: str
    property_id: str
    deadline: datetime
    attempt: int
    price: Money


@record
class CollectVerification(ClosingCommand):
    """Read what came of an order; answered with SubmitVerification once there is an end."""

    task_id: str
    type: VerificationType
    agent_id: str
    order_ref: str
