"""One closing under test: people, agents and a provider talk to the decider."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from toolkit.closing.decider import working
from toolkit.closing.policy import PRACTICE, Practice, name_of, task_of, wallet_of
from toolkit.closing.state import State, Transaction
from toolkit.closing.wallet import failure, success
from toolkit.core.decider import Later, Perform
from toolkit.core.message import Event
from toolkit.core.money import Money
from toolkit.messages import closing as said
from toolkit.messages.closing import VerificationType
from toolkit.messages.wallets import (
    CreateWallet,
    Deposit,
    FundsDeposited,
    ReleaseMilestone,
    ReturnFunds,
    SettleWallet,
    WalletCreated,
)

ID = "closing-1"
WALLET = wallet_of(ID)
BUYER, SELLER, OFFICER, SECOND = "buyer", "seller", "officer", "second officer"
PRICE, EARNEST = Money(180_000_00), Money(5_000_00)
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
TITLE, INSPECTION = VerificationType.TITLE_SEARCH, VerificationType.INSPECTION
APPRAISAL, LENDING = VerificationType.APPRAISAL, VerificationType.LENDING
GOOD = {
    TITLE: {"title": "CLEAR", "liens": "0"},
    INSPECTION: {"condition": "SATISFACTORY", "defects": "2"},
    APPRAISAL: {"value": "181000.00"},
    LENDING: {"decision": "APPROVED", "loan_amount": "150000.00"},
}
BAD = {
    TITLE: {"title": "DEFECTIVE", "liens": "2"},
    INSPECTION: {"condition": "REPAIRS_NEEDED", "defects": "9"},
    APPRAISAL: {"value": "150000.00"},
    LENDING: {"decision": "DENIED", "loan_amount": "0"},
}


def report(findings, letter="a"):
    return said.VerificationReport(
        report_hash=letter * 64,
        findings=tuple(said.Finding(name=n, value=v) for n, v in findings.items()),
    )


def task(type):
    return task_of(ID, type)


INITIATE = said.InitiateTransaction(
    transaction_id=ID,
    buyer_id=BUYER,
    seller_id=SELLER,
    property_id="parcel-7",
    price=PRICE,
    earnest_money=EARNEST,
    closing_date="2026-10-20",
)


def submit(type, findings=None, **more):
    return said.SubmitVerification(
        transaction_id=ID, task_id=task(type), report=report(findings or GOOD[type]), **more
    )


def settle(*amounts_minor, approvals=(OFFICER, SECOND)):
    lines = [
        said.StatementLine(code=f"M.{n:02}", payee_id=f"payee-{n}", amount=Money(minor))
        for n, minor in enumerate(amounts_minor, start=1)
    ]
    return said.ExecuteSettlement(
        transaction_id=ID, lines=tuple(lines), approvals=approvals
    )


def cancel(reason, actor_id=BUYER, **more):
    return said.CancelTransaction(
        transaction_id=ID, actor_id=actor_id, reason=reason, **more
    )


def dispute(actor_id=BUYER, dispute_id="d"):
    return said.RaiseTransactionDispute(
        transaction_id=ID, dispute_id=dispute_id, actor_id=actor_id, reason="the roof"
    )


def resolve(resolution, to=None, dispute_id="d"):
    return said.ResolveTransactionDispute(
        transaction_id=ID,
        dispute_id=dispute_id,
        actor_id=OFFICER,
        resolution=resolution,
        earnest_money_to=to,
    )


def mutual(to=said.Party.BUYER):
    return cancel(
        said.CancellationReason.MUTUAL_RELEASE,
        consents=(BUYER, SELLER),
        earnest_money_to=to,
    )


@dataclass
class Deal:
    """A closing, what was said of it, and what was asked of others and not answered."""

    practice: Practice = PRACTICE
    state: State = field(init=False)
    now: datetime = NOW
    said: list[Event] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)  # of the wallet provider
    commands: list[Any] = field(default_factory=list)  # said to itself
    timers: dict[str, Later] = field(default_factory=dict)
    deposits: int = 0

    def __post_init__(self):
        self.judge = working(self.practice)
        self.state = self.judge.initial

    @property
    def stage(self):
        return name_of(self.state)

    @property
    def there(self) -> Transaction:
        assert isinstance(self.state, Transaction)
        return self.state

    def say(self, *messages):
        """Say these one after the other, and answer the events of the last."""
        events = []
        for message in messages:
            self.state, outcome = self.judge.step(self.state, message, self.now)
            events = [each for each in outcome if isinstance(each, Event)]
            self.said += events
            for each in outcome:
                match each:
                    case Perform(command=command):
                        self.asked.append(command)
                    case Later():
                        self.timers[each.name] = each
                    case said.ClosingCommand():
                        self.commands.append(each)
        return events

    def refused(self, message):
        """Say a command, and answer why it was refused; nothing else may have happened."""
        before = self.state
        (refusal,) = self.say(message)
        assert self.state == before
        return refusal.reason

    def deposit(self, minor, payer_id=BUYER):
        self.deposits += 1
        return self.say(
            FundsDeposited(
                transaction_id=ID,
                wallet_id=WALLET,
                deposit=Deposit(
                    provider_ref=f"dep-{self.deposits}",
                    payer_id=payer_id,
                    amount=Money(minor),
                ),
            )
        )

    def assign(self, type, agent_id=None, days=5):
        return self.say(assignment(type, self.now, agent_id, days))

    def answer(self, *, is_good=True):
        """Let the provider answer the oldest payment, if there is one."""
        paying = ReleaseMilestone | ReturnFunds | SettleWallet
        for command in self.asked:
            if isinstance(command, paying):
                self.asked.remove(command)
                made = (
                    success(command, paid(command)) if is_good else failure(command, "no")
                )
                return self.say(made)
        return []

    def answer_all(self):
        while self.answer():
            pass

    def open(self):
        """Agree, and pay the earnest money in."""
        self.say(INITIATE)
        created = WalletCreated(transaction_id=ID, wallet_id=WALLET, provider_ref="va-1")
        self.say(created)
        self.asked = [c for c in self.asked if not isinstance(c, CreateWallet)]
        self.deposit(EARNEST.minor)
        return self

    def verify(self, *types):
        for type in types or VerificationType:
            self.assign(type)
            self.say(submit(type))
            self.answer_all()
        return self

    def fund(self):
        self.deposit(PRICE.minor - EARNEST.minor)
        return self


def assignment(type, now, agent_id=None, days=5):
    return said.AssignVerification(
        transaction_id=ID,
        task_id=task(type),
        type=type,
        agent_id=agent_id or f"agent of {type}",
        deadline=now + timedelta(days=days),
        actor_id=OFFICER,
    )


def paid(command):
    """What the provider shows of a payment that it made."""
    if not isinstance(command, SettleWallet):
        return {"id": f"pay-{command.payment_id}"}
    return {
        "id": "set-1",
        "payments": [
            {
                "code": line.code,
                "payee": line.payee_id,
                "amount": f"{line.amount.minor // 100}.{line.amount.minor % 100:02}",
                "currency": "USD",
                "id": f"pay-{number}",
            }
            for number, line in enumerate(command.lines)
        ],
    }
