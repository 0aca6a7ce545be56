"""What a closing costs, what waits for what, who may do what, and how long things take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from toolkit.closing.state import (
    PaymentStatus,
    Stage,
    State,
    Task,
    TaskStatus,
    Transaction,
)
from toolkit.core.message import derived, record
from toolkit.core.money import Money
from toolkit.messages.closing import (
    CancellationReason,
    CancelTransaction,
    Milestone,
    Party,
    RaiseTransactionDispute,
    ResolveTransactionDispute,
    TransactionResolution,
    VerificationType,
)

FEES: Mapping[VerificationType, Money] = {
    VerificationType.TITLE_SEARCH: Money(1_200_00),
    VerificationType.INSPECTION: Money(500_00),
    VerificationType.APPRAISAL: Money(400_00),
    VerificationType.LENDING: Money(0),
}
# The graph of verifications: what has to be done before each.
AFTER: Mapping[VerificationType, frozenset[VerificationType]] = {
    VerificationType.TITLE_SEARCH: frozenset(),
    VerificationType.INSPECTION: frozenset(),
    VerificationType.APPRAISAL: frozenset({VerificationType.INSPECTION}),
    VerificationType.LENDING: frozenset(
        {VerificationType.TITLE_SEARCH, VerificationType.APPRAISAL}
    ),
}

TIMER = "timer"
HOUSE = "house"  # whoever assigns what nobody in particular has assigned
CLOCKS_DIFFER = timedelta(minutes=15)  # at most; what comes earlier is no timer of ours
ATTEMPTS_MAX = 3  # in a row; then a person has to assign it
PAYMENT_ATTEMPTS_MAX = 4  # the first, and three more by itself; then a person has to
PAYMENT_RETRY = timedelta(hours=1)
ESCALATIONS_MAX = 3  # of one assignment
NEEDS_VERIFYING = frozenset({Stage.EARNEST_HELD, Stage.VERIFYING})
IS_HELD = NEEDS_VERIFYING | {Stage.READY_TO_SETTLE}
ENDED = frozenset({Stage.SETTLED, Stage.CANCELLED})


@record
class Tier:
    """From this amount on a settlement needs so many approvals, and waits so long."""

    from_minor: int
    approvals: int
    lock: timedelta = timedelta()


TIERS = (
    Tier(from_minor=0, approvals=1),
    Tier(from_minor=50_000_00, approvals=2),
    Tier(from_minor=500_000_00, approvals=2, lock=timedelta(hours=24)),
    Tier(from_minor=2_000_000_00, approvals=3, lock=timedelta(hours=48)),
)
DEADLINES: Mapping[VerificationType, timedelta] = {
    VerificationType.TITLE_SEARCH: timedelta(days=14),
    VerificationType.INSPECTION: timedelta(days=10),
    VerificationType.APPRAISAL: timedelta(days=14),
    VerificationType.LENDING: timedelta(days=21),
}


@record
class Practice:
    """How a house works: whom it asks first, and what it gives them time for."""

    earnest_within: timedelta = timedelta(days=3)
    deadlines: Mapping[VerificationType, timedelta] = field(
        default_factory=lambda: DEADLINES
    )
    panel: Mapping[VerificationType, str] = field(default_factory=dict)  # agents, by type
    retry_after: timedelta = timedelta(hours=6)  # and twice as long the next time
    escalate_every: timedelta = timedelta(days=1)
    tiers: tuple[Tier, ...] = TIERS


PRACTICE = Practice()


def name_of(state: State) -> str:
    """Name a state as the contract does."""
    return state.stage.value if isinstance(state, Transaction) else "ABSENT"


def wallet_of(transaction_id: str) -> str:
    """A transaction has one wallet, named after it."""
    return str(derived("wallet", transaction_id))


def task_of(transaction_id: str, type: VerificationType) -> str:
    return str(derived("verification", transaction_id, type))


def fee_of(task_id: str) -> str:
    """The fee of a verification is one payment, whoever asks for it."""
    return str(derived("fee", task_id))


def settlement_of(transaction_id: str, number: int) -> str:
    return str(derived("settlement", transaction_id, str(number)))


def milestones(transaction_id: str) -> tuple[Milestone, ...]:
    """Say what a wallet may pay for, and how much."""
    return tuple(
        Milestone(task_id=task_of(transaction_id, type), type=type, fee=fee)
        for type, fee in FEES.items()
    )


def fees_minor() -> int:
    return sum(fee.minor for fee in FEES.values())


def is_ready(state: Transaction, task: Task) -> bool:
    """Say whether all that this verification waits for is done."""
    done = {t.type for t in state.tasks if t.status is TaskStatus.COMPLETED}
    return done >= AFTER[task.type]


def unpaid_fees(state: Transaction) -> Iterator[Task]:
    """Go through the accepted reports whose fee nobody has been asked to pay yet."""
    for task in state.tasks:
        is_owed = task.status is TaskStatus.COMPLETED and task.milestone.fee.minor
        if is_owed and state.payment(fee_of(task.task_id)) is None:
            yield task


def owed_minor(state: Transaction) -> int:
    """What is spoken for, and what agents have earned and nobody was asked to pay."""
    earned = sum(task.milestone.fee.minor for task in unpaid_fees(state))
    return state.promised_minor + earned


def free_minor(state: Transaction) -> int:
    """Say what is nobody's. Money that went astray may have been promised before."""
    return max(state.held_minor - owed_minor(state), 0)


def resting(state: Transaction) -> Stage:
    """Say where a transaction goes on once nothing stands in its way."""
    if state.is_verified:
        return Stage.READY_TO_SETTLE
    if any(task.status is not TaskStatus.PENDING for task in state.tasks):
        return Stage.VERIFYING
    return Stage.EARNEST_HELD


def tier_of(minor: int, practice: Practice) -> Tier:
    """Find the tier of an amount: the highest that it reaches."""
    return max(
        (tier for tier in practice.tiers if tier.from_minor <= minor),
        key=lambda tier: tier.from_minor,
    )


def folded(name: str) -> str:
    """Write a name as it is compared: without its spaces, and in one case."""
    return "".join(name.split()).casefold()


def is_party(state: Transaction, actor_id: str) -> bool:
    """Say whether this is one of the two sides, however it is written."""
    sides = (state.terms.buyer_id, state.terms.seller_id)
    return folded(actor_id) in {folded(side) for side in sides}


def may_be_withdrawn(state: Transaction) -> bool:
    """Say whether a settlement waits whose money has not left."""
    return state.stage is Stage.SETTLING and not state.is_disbursing


def in_the_way_of_cancelling(
    state: Transaction, ask: CancelTransaction, now: datetime
) -> str | None:
    """Say why a deal may not fall through like this, or nothing."""
    match ask.reason:
        case CancellationReason.EARNEST_UNPAID:
            is_timely = ask.actor_id == TIMER and now >= state.terms.earnest_by
            if state.stage is not Stage.INITIATED or not is_timely:
                return "the earnest money is not overdue"
        case CancellationReason.MUTUAL_RELEASE:
            sides = {state.terms.buyer_id, state.terms.seller_id}
            if not sides <= set(ask.consents) or ask.earnest_money_to is None:
                return "a mutual release is signed by both and says who gets the money"
        case CancellationReason.CONTINGENCY:
            if ask.actor_id != state.terms.buyer_id or state.is_verified:
                return "a contingency is the buyer's, until everything is verified"
        case CancellationReason.BUYER_DEFAULT | CancellationReason.SELLER_DEFAULT:
            if is_party(state, ask.actor_id) or now.date() <= state.terms.closes_on:
                return "a default is found by the escrow agent, after the closing date"
        case _:
            return "a dispute is resolved, not cancelled"
    return _in_the_way_of_returning(state, ask)


def _in_the_way_of_returning(state: Transaction, ask: CancelTransaction) -> str | None:
    if ask.earnest_money_to not in (None, heir(ask)):
        return f"after {ask.reason} the earnest money goes to the {heir(ask).lower()}"
    if state.stage is Stage.INITIATED and heir(ask) is Party.SELLER:
        return "the earnest money is not there yet: the seller gets none of it"
    if state.stage is Stage.INITIATED or state.stage in IS_HELD or may_be_withdrawn(state):
        return None
    return f"this cannot be cancelled while {state.stage}"


def heir(ask: CancelTransaction) -> Party:
    """Say who gets the earnest money when a deal falls through for this reason."""
    match ask.reason:
        case CancellationReason.BUYER_DEFAULT:
            return Party.SELLER
        case CancellationReason.MUTUAL_RELEASE if ask.earnest_money_to:
            return ask.earnest_money_to
        case _:
            return Party.BUYER


def may_dispute(state: Transaction, ask: RaiseTransactionDispute) -> bool:
    """Either side may object as long as the money has not left."""
    is_timely = state.stage in IS_HELD or may_be_withdrawn(state)
    sides = (state.terms.buyer_id, state.terms.seller_id)
    return ask.actor_id in sides and is_timely


def may_resolve(state: Transaction, ask: ResolveTransactionDispute) -> bool:
    """Somebody who is neither side ends a dispute; a deal that ends has an heir."""
    if ask.dispute_id != state.dispute_id or is_party(state, ask.actor_id):
        return False
    match ask.resolution:
        case TransactionResolution.RESUME:
            return ask.earnest_money_to is None
        case TransactionResolution.CANCEL:
            return isinstance(ask.earnest_money_to, Party)
        case _:
            return False


def in_the_way_of_settling(
    state: Transaction, minor: int, approvals: tuple[str, ...], practice: Practice
) -> str | None:
    """Say what is missing before everything may be paid out, or nothing."""
    if state.is_paused:
        return "the wallet is paused"
    if any(p.status is not PaymentStatus.PAID for p in state.payments):
        return "a fee has been asked for and is not paid: wait for it, or retry it"
    if any(True for _ in unpaid_fees(state)):
        return "a fee is not paid yet"
    held = Money(state.held_minor, state.terms.price.currency)
    if minor != state.held_minor:
        lines = Money(minor, held.currency)
        return f"good funds: the statement pays out {lines}, and {held} are held"
    needed = tier_of(minor, practice).approvals
    people = {folded(person) for person in approvals if not is_party(state, person)}
    people -= {"", TIMER, HOUSE}
    if len(people) < needed:
        return f"{held} need {needed} approvals of the house, and {len(people)} are there"
    return None
