"""Buyers, sellers, lenders and an escrow agent: who pays, objects, gives up or decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sims.closings.house import House
from toolkit.closing.policy import ATTEMPTS_MAX, settlement_of
from toolkit.closing.state import (
    PaymentStatus,
    SettlementStatus,
    Stage,
    TaskStatus,
    Transaction,
)
from toolkit.core.message import derived
from toolkit.core.money import Money, decimal
from toolkit.messages.closing import (
    AssignVerification,
    CancellationReason,
    CancelTransaction,
    ExecuteSettlement,
    InitiateTransaction,
    Party,
    PauseWallet,
    RaiseTransactionDispute,
    ResolveTransactionDispute,
    ResumeWallet,
    RetryPayment,
    StatementLine,
    TransactionResolution,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICERS = ("officer-1", "officer-2", "officer-3")
ENDED = (Stage.SETTLED, Stage.CANCELLED)
CALM_LOOKS = 20
LOOKS_MAX = 400  # times; nobody looks into a file for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How people are. Probabilities are of a whole closing; termination is 6 of 100."""

    never_pays: float = 0.03
    gives_up: float = 0.06
    disputes: float = 0.03
    dispute_ends_the_deal: float = 0.3
    wallet_is_paused: float = 0.02
    pays_too_much: float = 0.03
    closes_within: timedelta = timedelta(days=45)
    looks_every: timedelta = timedelta(hours=12)
    price_median_minor: int = 410_000_00


@dataclass(slots=True)
class Sale:
    """One house that is sold, from the offer to the keys, or to the end of the deal."""

    house: House
    number: int
    manners: Manners
    random: Random
    funded: bool = False
    plans: dict[str, timedelta] = field(default_factory=dict)  # what happens when

    @property
    def id(self) -> str:
        return str(derived("sale", str(self.number)))

    @property
    def buyer_id(self) -> str:
        return f"buyer-{self.number:05}"

    @property
    def seller_id(self) -> str:
        return f"seller-{self.number:05}"

    async def live(self) -> None:
        """Play the whole story."""
        manners, random = self.manners, self.random
        never_pays = random.random() < manners.never_pays
        for what, chance in (
            ("give up", manners.gives_up),
            ("dispute", manners.disputes),
            ("pause", manners.wallet_is_paused),
        ):
            if random.random() < chance:
                self.plans[what] = manners.closes_within * random.random()
        self.house.send(self._offer(), random)
        began_at = self.house.clock.now()
        await self._wait(HOUR * random.uniform(1, 40))
        state = await self._opened()
        if state is None or state.wallet_ref is None:
            return
        if not never_pays:
            self._pay_in(state.wallet_ref, self.buyer_id, state.terms.earnest_money.minor)
        calm = 0  # looks at a file that has ended; what comes late goes back
        for _ in range(LOOKS_MAX):
            state = self.house.look(self.id)
            assert state, "a file does not vanish"
            calm = calm + 1 if state.stage in ENDED and not state.held_minor else 0
            if calm > CALM_LOOKS:
                return
            self._attend(state, self.house.clock.now() - began_at)
            await self._wait(self.manners.looks_every)

    def _offer(self) -> InitiateTransaction:
        drawn = self.manners.price_median_minor * self.random.lognormvariate(0.0, 0.45)
        price = max(round(drawn), 90_000_00)
        share = self.random.triangular(1, 3, 2) / 100
        closes_at = self.house.clock.now() + self.manners.closes_within
        return InitiateTransaction(
            transaction_id=self.id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            property_id=f"parcel-{self.number:05}",
            price=Money(price),
            earnest_money=Money(max(round(price * share), 2_500_00)),
            closing_date=closes_at.date().isoformat(),
        )

    async def _opened(self) -> Transaction | None:
        """Reload the file until it says where to pay."""
        for _ in range(LOOKS_MAX):
            state = self.house.look(self.id)
            if state and (state.wallet_ref or state.stage in ENDED):
                return state
            await self._wait(HOUR)
        return None

    def _attend(self, state: Transaction, age: timedelta) -> None:
        """Do what the file asks for today: the escrow agent's work, and the two sides'."""
        if state.stage is Stage.DISPUTED:
            self._rule(state)
            return
        if state.is_paused:
            resume = ResumeWallet(
                transaction_id=self.id, actor_id=OFFICERS[0], reason="the wire is right"
            )
            self.house.send(resume, self.random)
            return
        self._retry(state)
        if state.stage in ENDED or self._disturb(state, age):
            return
        if state.stage in (Stage.EARNEST_HELD, Stage.VERIFYING):
            self._see_to_reports(state)
        elif state.stage is Stage.READY_TO_SETTLE:
            self._close(state)

    def _disturb(self, state: Transaction, age: timedelta) -> bool:
        """Let happen what was to happen by now, once."""
        due = [what for what, after in self.plans.items() if after <= age]
        if not due or state.stage in (Stage.INITIATED, Stage.SETTLING):
            return False
        what = due[0]
        del self.plans[what]
        if what == "dispute":
            self.house.send(
                RaiseTransactionDispute(
                    transaction_id=self.id,
                    dispute_id=str(derived("dispute", self.id)),
                    actor_id=self.random.choice((self.buyer_id, self.seller_id)),
                    reason="the roof is not as it was said to be",
                ),
                self.random,
            )
        elif what == "pause":
            pause = PauseWallet(
                transaction_id=self.id, actor_id=OFFICERS[0], reason="a wire was changed"
            )
            self.house.send(pause, self.random)
        else:
            self._part(state)
        return True

    def _part(self, state: Transaction) -> None:
        """The buyer steps back while that is allowed; later both part in peace."""
        if state.is_verified:
            heir = self.random.choice(list(Party))
            ask = CancelTransaction(
                transaction_id=self.id,
                actor_id=self.buyer_id,
                reason=CancellationReason.MUTUAL_RELEASE,
                earnest_money_to=heir,
                consents=(self.buyer_id, self.seller_id),
            )
        else:
            ask = CancelTransaction(
                transaction_id=self.id,
                actor_id=self.buyer_id,
                reason=CancellationReason.CONTINGENCY,
            )
        self.house.send(ask, self.random)

    def _rule(self, state: Transaction) -> None:
        assert state.dispute_id, "somebody has raised it"
        ends = self.random.random() < self.manners.dispute_ends_the_deal
        resolution = TransactionResolution.CANCEL if ends else TransactionResolution.RESUME
        self.house.send(
            ResolveTransactionDispute(
                transaction_id=self.id,
                dispute_id=state.dispute_id,
                actor_id=OFFICERS[1],
                resolution=resolution,
                earnest_money_to=self.random.choice(list(Party)) if ends else None,
            ),
            self.random,
        )

    def _retry(self, state: Transaction) -> None:
        failed = [p for p in state.payments if p.status is PaymentStatus.FAILED]
        names = [payment.payment_id for payment in failed]
        settlement = state.settlement
        if settlement and settlement.status is SettlementStatus.FAILED:
            names.append(settlement_of(self.id, settlement.number))
        for name in names:
            again = RetryPayment(
                transaction_id=self.id, payment_id=name, actor_id=OFFICERS[0]
            )
            self.house.send(again, self.random)

    def _see_to_reports(self, state: Transaction) -> None:
        """After three reports that were of no use: another agent, or no deal at all."""
        for task in state.tasks:
            is_over = task.status is TaskStatus.FAILED and task.attempt % ATTEMPTS_MAX == 0
            if not is_over:
                continue
            if self.random.random() < 0.5 or task.agent_id is None:
                self._part(state)
                return
            self.house.send(
                AssignVerification(
                    transaction_id=self.id,
                    task_id=task.task_id,
                    type=task.type,
                    agent_id=task.agent_id,
                    deadline=self.house.clock.now() + 14 * DAY,
                    actor_id=OFFICERS[0],
                ),
                self.random,
            )

    def _close(self, state: Transaction) -> None:
        """Have everybody pay in, and pay out as soon as all of it is good."""
        price = state.terms.price.minor
        if not self.funded:
            assert state.wallet_ref, "it was opened long ago"
            self.funded = True
            loan = price * 4 // 5
            cash = price - loan - state.terms.earnest_money.minor
            if self.random.random() < self.manners.pays_too_much:
                cash += self.random.randint(1, 1_000_00)
            self._pay_in(state.wallet_ref, "lender", loan)
            self._pay_in(state.wallet_ref, self.buyer_id, cash)
        elif len(state.deposits) >= 3:
            statement = ExecuteSettlement(
                transaction_id=self.id,
                lines=tuple(self._lines(state)),
                approvals=OFFICERS,
                actor_id=OFFICERS[0],
            )
            self.house.send(statement, self.random)

    def _lines(self, state: Transaction) -> list[StatementLine]:
        """Pay what has to be paid first, and give the rest to the seller."""
        price, held = state.terms.price.minor, state.held_minor
        payoff = price * self.random.randint(0, 60) // 100
        owed = [
            ("N.04", "bank of the seller", payoff),
            ("E.02", "county", price * 11 // 1000),
            ("H.01", "listing broker", price * 25 // 1000),
            ("H.02", "buyer's broker", price * 25 // 1000),
        ]
        excess = max(state.deposited_minor - price, 0)
        owed.append(("K.04", self.buyer_id, excess))
        rest = held - sum(minor for _, _, minor in owed)
        owed.append(("M.01", self.seller_id, rest))
        return [
            StatementLine(code=code, payee_id=payee, amount=Money(minor))
            for code, payee, minor in owed
            if minor
        ]

    def _pay_in(self, account: str, payer: str, minor: int) -> None:
        hold_s = self.random.uniform(0.1, 1.2) * DAY.total_seconds()
        amount = Money(minor)
        text = decimal(amount.minor, amount.currency).replace(",", "")
        self.house.deposit(account, payer, text, hold_s)

    async def _wait(self, delay: timedelta) -> None:
        await self.house.clock.sleep(delay)
