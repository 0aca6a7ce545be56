"""The settlement of a closing: everything that is held is paid out at once, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from toolkit.closing.payments import after, give_back
from toolkit.closing.policy import (
    CLOCKS_DIFFER,
    HOUSE,
    Practice,
    in_the_way_of_settling,
    may_be_withdrawn,
    settlement_of,
    tier_of,
)
from toolkit.closing.state import Settlement, SettlementStatus, Stage, Transaction
from toolkit.core.decider import Consequence, Forget, Later, Perform
from toolkit.core.message import derived
from toolkit.core.money import Money
from toolkit.messages.closing import (
    DisburseSettlement,
    ExecuteSettlement,
    RetryPayment,
    SettlementExecuted,
    SettlementFailed,
    SettlementScheduled,
    SettlementWithdrawn,
    StatementLine,
    TransactionDisputed,
)
from toolkit.messages.wallets import (
    SettlementRequested,
    SettleWallet,
    WalletSettled,
    WalletSettlementFailed,
)

TIME_LOCK = "time lock"


def statement_hash(lines: Sequence[StatementLine]) -> str:
    """Name a statement by what it says, line by line and in its order."""
    text = "\n".join(
        f"{line.code}\t{line.payee_id}\t{line.amount.minor}\t{line.amount.currency}"
        for line in lines
    )
    return sha256(text.encode()).hexdigest()


def in_the_way(
    state: Transaction, ask: ExecuteSettlement, practice: Practice
) -> str | None:
    """Say why this statement cannot be paid out, or nothing."""
    currency = state.terms.price.currency
    if not ask.lines:
        return "the statement has no lines"
    for number, line in enumerate(ask.lines, start=1):
        if line.amount.currency is not currency or line.amount.minor == 0:
            return f"line {number} ({line.code:.20}) pays {line.amount}: pay {currency}"
    minor = sum(line.amount.minor for line in ask.lines)
    return in_the_way_of_settling(state, minor, ask.approvals, practice)


def schedule(
    state: Transaction, ask: ExecuteSettlement, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Pay out as soon as the time lock of the amount allows."""
    transaction_id = ask.transaction_id
    minor = sum(line.amount.minor for line in ask.lines)
    number = state.settlement.number + 1 if state.settlement else 1
    lock = tier_of(minor, practice).lock
    scheduled = SettlementScheduled(
        transaction_id=transaction_id,
        settlement_id=settlement_of(transaction_id, number),
        locked_until=now + lock,
        statement_hash=statement_hash(ask.lines),
        lines=ask.lines,
        approvals=ask.approvals,
    )
    yield scheduled
    if lock:
        yield _reminder(transaction_id, scheduled.settlement_id, scheduled.locked_until)
        return
    settlement = after(state, scheduled).settlement
    assert settlement, "it was just scheduled"
    yield from _request(transaction_id, state, settlement)


def disburse(
    state: Transaction, ask: DisburseSettlement, now: datetime
) -> Iterator[Consequence]:
    """The time lock is over: let the money go, if it is still the same."""
    settlement = state.settlement
    is_due = settlement and settlement.settlement_id == ask.settlement_id
    if not settlement or not is_due or settlement.status is not SettlementStatus.SCHEDULED:
        return
    if now < settlement.locked_until:
        at = settlement.locked_until + CLOCKS_DIFFER
        yield _reminder(ask.transaction_id, ask.settlement_id, at)
    elif settlement.minor == state.held_minor:
        yield from _request(ask.transaction_id, state, settlement)
    else:
        held = Money(state.held_minor, state.terms.price.currency)
        reason = f"good funds: {held} are held, and the statement pays out another sum"
        yield from withdraw(ask.transaction_id, state, reason)


def withdraw(transaction_id: str, state: Transaction, reason: str) -> Iterator[Consequence]:
    """Take a settlement back that waits for its time."""
    assert state.settlement, "there is nothing to withdraw"
    yield SettlementWithdrawn(
        transaction_id=transaction_id,
        settlement_id=state.settlement.settlement_id,
        reason=reason,
    )
    yield Forget(name=TIME_LOCK)


def conclude(
    state: Transaction, outcome: WalletSettled | WalletSettlementFailed
) -> Iterator[Consequence]:
    """Believe what the provider says: all of it was paid, or nothing, or something else."""
    settlement, id = state.settlement, outcome.settlement_id
    if settlement is None:
        return
    if isinstance(outcome, WalletSettlementFailed):
        if settlement.settlement_id == id and state.is_disbursing:
            yield outcome
            yield _failed(outcome.transaction_id, settlement, outcome.reason)
    elif state.is_settled_by(id, outcome.distributions):
        yield outcome
        executed = SettlementExecuted(
            transaction_id=outcome.transaction_id,
            settlement_id=id,
            statement_hash=settlement.statement_hash,
            distributions=outcome.distributions,
        )
        yield executed
        yield from give_back(outcome.transaction_id, after(state, executed))
    elif _is_news(state, settlement, outcome):
        yield from _astray(state, settlement, outcome)


def _is_news(state: Transaction, last: Settlement, outcome: WalletSettled) -> bool:
    """Say whether money left for a settlement that we asked for, and it is not booked."""
    id = outcome.settlement_id
    if any(stray.settlement_id == id for stray in state.strays):
        return False
    if id == last.settlement_id:
        return last.status in (SettlementStatus.REQUESTED, SettlementStatus.FAILED)
    earlier = range(1, last.number)
    return id in {settlement_of(outcome.transaction_id, number) for number in earlier}


def _astray(
    state: Transaction, last: Settlement, outcome: WalletSettled
) -> Iterator[Consequence]:
    """Book what has left, ask for nothing again, and have a person look into it."""
    transaction_id, id = outcome.transaction_id, outcome.settlement_id
    reason = "the provider paid something else than the statement says, or paid it late"
    yield outcome
    if may_be_withdrawn(state):
        yield from withdraw(transaction_id, state, reason)
    elif last.settlement_id == id and state.is_disbursing:
        yield _failed(transaction_id, last, reason)
    elif state.stage is not Stage.READY_TO_SETTLE:
        return  # it is disputed already, another is under way, or the deal is over
    yield TransactionDisputed(
        transaction_id=transaction_id,
        dispute_id=str(derived("astray", id)),
        actor_id=HOUSE,
        reason=f"{reason}: settlement {id}",
    )


def _failed(transaction_id: str, settlement: Settlement, reason: str) -> SettlementFailed:
    return SettlementFailed(
        transaction_id=transaction_id,
        settlement_id=settlement.settlement_id,
        statement_hash=settlement.statement_hash,
        reason=reason,
    )


def _request(
    transaction_id: str, state: Transaction, settlement: Settlement
) -> Iterator[Consequence]:
    currency = state.terms.price.currency
    yield SettlementRequested(
        transaction_id=transaction_id,
        settlement_id=settlement.settlement_id,
        amount=Money(settlement.minor, currency),
    )
    yield Perform(
        command=SettleWallet(
            transaction_id=transaction_id,
            wallet_id=state.terms.wallet_id,
            settlement_id=settlement.settlement_id,
            lines=settlement.lines,
        )
    )


def _reminder(transaction_id: str, settlement_id: str, at: datetime) -> Later:
    over = DisburseSettlement(transaction_id=transaction_id, settlement_id=settlement_id)
    return Later(name=TIME_LOCK, at=at, command=over)


def again(state: Transaction, ask: RetryPayment) -> ExecuteSettlement | None:
    """Ask for the settlement that failed last once more, if that is what is meant."""
    failed = state.settlement
    if failed is None or failed.settlement_id != ask.payment_id:
        return None
    if failed.status is not SettlementStatus.FAILED:
        return None
    return ExecuteSettlement(
        transaction_id=ask.transaction_id,
        lines=failed.lines,
        approvals=failed.approvals,
        actor_id=ask.actor_id,
    )
