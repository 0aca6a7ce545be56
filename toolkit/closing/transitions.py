"""Write the closing's own table of transitions, as somebody who judges its events reads it.

    python -m toolkit.closing.transitions > docs/design/closing_transitions.csv

Every row is what the decider answers in a stage, and where its answer leads. A stage is
reached as people reach it: by a history of messages, said to the decider one by one.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TextIO

from toolkit.closing.decider import closing
from toolkit.closing.policy import fee_of, name_of, settlement_of, task_of, wallet_of
from toolkit.core.message import Event
from toolkit.core.money import Money
from toolkit.messages import closing as said
from toolkit.messages import wallets as moved
from toolkit.messages.closing import Party, TransactionResolution, VerificationType

AT = datetime(2026, 9, 1, tzinfo=UTC)
ID, BUYER, SELLER, OFFICER = "closing", "buyer", "seller", "officer"
PRICE, EARNEST = Money(100_000_00), Money(3_000_00)
REST = Money(PRICE.minor - EARNEST.minor)
HELD = Money(PRICE.minor - 2_100_00)
LARGE = Money(900_000_00)
GOOD = {
    VerificationType.TITLE_SEARCH: {"title": "CLEAR", "liens": "0"},
    VerificationType.INSPECTION: {"condition": "SATISFACTORY", "defects": "0"},
    VerificationType.APPRAISAL: {"value": "100000.00"},
    VerificationType.LENDING: {"decision": "APPROVED", "loan_amount": "80000.00"},
}
LAST = VerificationType.LENDING


def _deposit(ref: str, amount: Money) -> moved.FundsDeposited:
    deposit = moved.Deposit(provider_ref=ref, payer_id=BUYER, amount=amount)
    return moved.FundsDeposited(transaction_id=ID, wallet_id=wallet_of(ID), deposit=deposit)


def _assign(type: VerificationType) -> said.AssignVerification:
    return said.AssignVerification(
        transaction_id=ID,
        task_id=task_of(ID, type),
        type=type,
        agent_id="agent",
        deadline=AT + timedelta(days=7),
        actor_id=OFFICER,
    )


def _submit(type: VerificationType) -> said.SubmitVerification:
    findings = [said.Finding(name=n, value=v) for n, v in GOOD[type].items()]
    found = said.VerificationReport(report_hash="0" * 64, findings=tuple(findings))
    return said.SubmitVerification(
        transaction_id=ID, task_id=task_of(ID, type), report=found
    )


def _released(type: VerificationType, fee: Money) -> moved.MilestoneReleased:
    return moved.MilestoneReleased(
        transaction_id=ID,
        payment_id=fee_of(task_of(ID, type)),
        task_id=task_of(ID, type),
        payee_id="agent",
        amount=fee,
        provider_ref="pay",
    )


def _settle(amount: Money) -> said.ExecuteSettlement:
    line = said.StatementLine(code="M.01", payee_id=SELLER, amount=amount)
    approvals = (OFFICER, "second officer")
    return said.ExecuteSettlement(transaction_id=ID, lines=(line,), approvals=approvals)


INITIATE = said.InitiateTransaction(
    transaction_id=ID,
    buyer_id=BUYER,
    seller_id=SELLER,
    property_id="parcel",
    price=PRICE,
    earnest_money=EARNEST,
    closing_date="2026-10-01",
)
DISPUTE = said.RaiseTransactionDispute(
    transaction_id=ID, dispute_id="d", actor_id=BUYER, reason="r"
)
RESUME = said.ResolveTransactionDispute(
    transaction_id=ID,
    dispute_id="d",
    actor_id=OFFICER,
    resolution=TransactionResolution.RESUME,
)
END = said.ResolveTransactionDispute(
    transaction_id=ID,
    dispute_id="d",
    actor_id=OFFICER,
    resolution=TransactionResolution.CANCEL,
    earnest_money_to=Party.BUYER,
)
STEP_BACK = said.CancelTransaction(
    transaction_id=ID, actor_id=BUYER, reason=said.CancellationReason.CONTINGENCY
)
PART = said.CancelTransaction(
    transaction_id=ID,
    actor_id=OFFICER,
    reason=said.CancellationReason.MUTUAL_RELEASE,
    consents=(BUYER, SELLER),
    earnest_money_to=Party.BUYER,
)
PAUSE = said.PauseWallet(transaction_id=ID, actor_id=OFFICER, reason="r")
RESUME_WALLET = said.ResumeWallet(transaction_id=ID, actor_id=OFFICER, reason="r")
FIRST = _assign(VerificationType.TITLE_SEARCH)
OVER = said.DisburseSettlement(transaction_id=ID, settlement_id=settlement_of(ID, 1))
PAID = moved.WalletSettled(
    transaction_id=ID,
    settlement_id=settlement_of(ID, 1),
    distributions=(
        said.Distribution(code="M.01", payee_id=SELLER, amount=HELD, provider_ref="pay"),
    ),
)
REFUSED = moved.WalletSettlementFailed(
    transaction_id=ID, settlement_id=settlement_of(ID, 1), reason="r"
)
LATE = said.EscalateVerification(
    transaction_id=ID, task_id=FIRST.task_id, deadline=FIRST.deadline
)


def _verified(*types: VerificationType) -> Iterator[Any]:
    for type in types:
        yield from (_assign(type), _submit(type))
        if type is not LAST:
            yield _released(type, {m.type: m.fee for m in _planned()}[type])


def _planned() -> tuple[said.Milestone, ...]:
    _, (initiated, *_) = closing.step(closing.initial, INITIATE, AT)
    assert isinstance(initiated, said.TransactionInitiated), "a good deal begins"
    return initiated.milestones


OPEN = (INITIATE, _deposit("first", EARNEST))
BEFORE_LAST = (*OPEN, *_verified(*list(VerificationType)[:-1]))
READY = (*OPEN, *_verified(*VerificationType), _deposit("second", REST))
LOCKED = (*READY, _deposit("third", LARGE), _settle(Money(HELD.minor + LARGE.minor)))
HISTORIES: dict[str, Sequence[Any]] = {
    "": (),
    "INITIATED": (INITIATE,),
    "EARNEST_HELD": OPEN,
    "VERIFYING": (*OPEN, FIRST),
    "VERIFYING, the last": (*BEFORE_LAST, _assign(LAST)),
    "VERIFYING, paused": (*OPEN, FIRST, PAUSE),
    "READY_TO_SETTLE": READY,
    "SETTLING, time lock": LOCKED,
    "SETTLING": (*READY, _settle(HELD)),
    "SETTLED": (*READY, _settle(HELD), PAID),
    "DISPUTED": (*OPEN, FIRST, DISPUTE),
    "DISPUTED, all verified": (*READY, DISPUTE),
    "CANCELLED": (*OPEN, STEP_BACK),
}
MESSAGES = (
    *(INITIATE, _deposit("another", EARNEST), FIRST),
    *(_submit(VerificationType.TITLE_SEARCH), _submit(LAST), LATE),
    *(_settle(HELD), OVER, PAID, REFUSED),
    *(DISPUTE, RESUME, END, STEP_BACK, PART, PAUSE, RESUME_WALLET),
)
OF_A_TIMER = (said.EscalateVerification, said.DisburseSettlement)
LONG_AFTER = AT + timedelta(days=20)


class Row(NamedTuple):
    """What is answered to a message in a stage, and the stage that it leads to."""

    stage: str
    message: str
    said: str
    next_stage: str


def rows() -> Iterator[Row]:
    """Answer the whole table; what is not in it is refused, or says nothing new."""
    for stage, history in HISTORIES.items():
        state = closing.initial
        for message in history:
            state, _ = closing.step(state, message, AT)
        assert name_of(state) == (stage.partition(",")[0] or "ABSENT"), stage
        for message in MESSAGES:
            now = LONG_AFTER if isinstance(message, OF_A_TIMER) else AT
            after, outcome = closing.step(state, message, now)
            events = [type(e).__name__ for e in outcome if isinstance(e, Event)]
            if events and events != ["TransactionRefusedCommand"]:
                said_then = "; ".join(dict.fromkeys(events))
                yield Row(stage, _name(message), said_then, name_of(after))


def _name(message: Any) -> str:
    """Name a message, and what tells it from others of its kind."""
    for field in ("reason", "resolution"):
        value = getattr(message, field, None)
        if isinstance(value, said.CancellationReason | TransactionResolution):
            return f"{type(message).__name__} {value}"
    return type(message).__name__


def write(into: TextIO) -> None:
    table = csv.writer(into, lineterminator="\n")
    table.writerow(Row._fields)
    table.writerows(dict.fromkeys(rows()))


if __name__ == "__main__":
    write(sys.stdout)
