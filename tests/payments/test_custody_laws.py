"""What is true of money on chain, whoever sends it and in whatever order it is told."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.payments.vault import (
    BLACKLISTED,
    CLEAN,
    LISTED,
    RISKY,
    SELLER,
    VENDORS,
    Vault,
    words,
)
from toolkit.core.decider import Later, Perform
from toolkit.core.message import Event
from toolkit.core.money import Currency, Money
from toolkit.messages.custody import (
    CaseKind,
    DepositReturned,
    FundsFrozen,
    HoldTransfer,
    PaymentCaseOpened,
    ReturnDeposit,
    ScreenWallet,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentCancelRequested,
    PaymentIntentCancelled,
    PaymentSucceeded,
    RefundRequested,
    RefundSucceeded,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.payments.decider import payments
from toolkit.payments.ledger import journal
from toolkit.payments.state import Payment, Progress, Standing

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
NAMES = {"escrow_id": "E1", "payment_id": "P1"}
CHAIN = {**NAMES, "rail": Rail.CUSTODIAN}
PRICE = Money(20_000_000000, Currency.USDC)
PART = Money(1, Currency.USDC)
CREATE = CreatePaymentIntent(**CHAIN, amount=PRICE, payer_id="ada")
SENDERS = (CLEAN, CLEAN, RISKY, LISTED, BLACKLISTED)
PAYEES = (SELLER, LISTED, RISKY, BLACKLISTED)
SOURCES = ("in-1", "in-2", None)


def transfer(amount=PRICE, payee=SELLER, source="in-1", id="T1"):
    return TransferToSeller(
        **CHAIN, transfer_id=id, amount=amount, payee_id=payee, source_ref=source
    )


def refund(amount=PRICE, source="in-1", id="R1"):
    return InitiateRefund(
        **CHAIN, refund_id=id, amount=amount, reason="asked", source_ref=source
    )


ASKS = (
    CancelPaymentIntent(**NAMES),
    *(transfer(payee=payee, source=source) for payee in PAYEES for source in SOURCES),
    *(refund(source=source, id=f"R{source}") for source in SOURCES),
    HoldTransfer(**NAMES, transfer_id="T1"),
    transfer(PART),
    refund(PART, id="R9"),
)


@dataclass
class Conversation:
    """The decider, the custodian and the vendors, in whatever order the numbers make."""

    vault: Vault = field(default_factory=Vault)
    state: Payment = payments.initial
    said: list = field(default_factory=list)
    asked: list = field(default_factory=list)  # what is to be performed
    open: list = field(default_factory=list)  # of that, what nobody has performed
    facts: list = field(default_factory=list)
    later: list = field(default_factory=list)

    def tell(self, message):
        self.state, outcome = payments.step(self.state, message, NOW)
        self.said += outcome
        for consequence in outcome:
            match consequence:
                case Perform(command=command):
                    self.open.append(len(self.asked))
                    self.asked.append(command)
                case Later(command=command):
                    self.later.append(command)
        return outcome

    def step(self, kind, choice):
        match kind:
            case "ask":
                self.tell(ASKS[choice % len(ASKS)])
            case "deposit":
                amount = (PRICE, PRICE, PART, None)[choice % 4]
                sender = SENDERS[choice // 4 % len(SENDERS)]
                self.hear([self.vault.deposit(NAMES, amount, sender)])
            case "perform" | "decline" if self.open:
                self.perform(self.open.pop(choice % len(self.open)), kind == "decline")
            case "again" if self.facts:
                self.tell(self.facts[choice % len(self.facts)])
            case "later" if self.later:
                self.tell(self.later.pop())

    def perform(self, key, is_declined=False):
        self.hear(self.vault.perform(key, self.asked[key], is_declined=is_declined))

    def hear(self, facts):
        self.facts += facts
        for fact in facts:
            self.tell(fact)

    def settle(self):
        for _ in range(200):
            if self.open:
                self.perform(self.open.pop(0))
            elif self.later:
                self.tell(self.later.pop())
            else:
                return
        raise AssertionError(f"it never comes to rest: {self.state}")


KINDS = (
    "ask",
    "ask",
    "deposit",
    "deposit",
    *("perform",) * 5,
    "decline",
    "again",
    "later",
)
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 59)), min_size=1, max_size=40
)


def played(moves):
    talk = Conversation()
    talk.tell(CREATE)
    for kind, choice in moves:
        talk.step(kind, choice)
    return talk


def paid(sender=CLEAN, amount=PRICE):
    """A conversation in which one deposit has arrived and was screened."""
    talk = played([])
    talk.hear([talk.vault.deposit(NAMES, amount, sender)])
    talk.settle()
    return talk


def said(talk, type_):
    return [each for each in talk.said if isinstance(each, type_)]


def balances(talk):
    sums = Counter()
    for event in talk.said:
        for line in journal(event):
            sums[line.account, line.currency] += line.minor
    return sums


@given(steps)
def test_what_came_in_is_held_frozen_returned_or_paid_out_and_never_twice(moves):
    talk = played(moves)
    for charge in talk.state.charges:
        gone = talk.vault.out_minor(charge.provider_ref)
        under_way = sum(
            c.amount.minor
            for key, c in enumerate(talk.asked)
            if key in talk.open
            and isinstance(c, TransferToSeller | InitiateRefund)
            and c.source_ref == charge.provider_ref
        )
        held = talk.state.held_minor(charge)
        assert held + charge.frozen_minor + gone + under_way == charge.amount.minor
        assert held >= 0


@given(steps)
def test_the_books_hold_what_the_custodian_holds(moves):
    talk = played(moves)
    sums = balances(talk)
    usdc = Currency.USDC
    assert sums["provider:CUSTODIAN", usdc] == talk.vault.holding_minor
    owed, frozen = -sums["escrow:E1", usdc], -sums["frozen:E1", usdc]
    assert owed >= 0
    assert frozen == sum(charge.frozen_minor for charge in talk.state.charges)
    assert owed + frozen == talk.vault.holding_minor
    assert {currency for (_, currency), minor in sums.items() if minor} <= {usdc}


@given(steps)
def test_nothing_leaves_for_a_sanctioned_wallet_and_nothing_of_one_leaves(moves):
    talk = played(moves)
    talk.settle()
    for source, to, _ in talk.vault.went:
        assert LISTED not in (to, talk.vault.came[source][0])
    for ref in talk.vault.returned:
        assert talk.vault.tokens[ref] != LISTED


@given(steps)
def test_no_seller_of_high_risk_is_paid_and_no_money_of_one_is_held(moves):
    talk = played(moves)
    talk.settle()
    for event in said(talk, TransferSucceeded):
        assert event.destination == SELLER
    for event in said(talk, PaymentSucceeded):
        assert talk.vault.came[event.provider_ref][0] in (CLEAN, BLACKLISTED)


@given(steps)
def test_every_wallet_is_screened_right_before_it_is_paid(moves):
    asked = Counter()
    for each in played(moves).said:
        match each:
            case Perform(command=ScreenWallet(subject_ref=ref)):
                asked[ref] += 1
            case Perform(command=TransferToSeller(transfer_id=ref)):
                asked[ref] -= 1
            case Perform(command=InitiateRefund(refund_id=ref)):
                asked[ref] -= 1
            case Perform(command=ReturnDeposit(deposit_ref=ref)):
                asked[ref] -= 1
        assert min(asked.values(), default=0) >= 0


@given(steps)
def test_in_the_end_every_token_has_a_place_of_its_own(moves):
    talk = played(moves)
    talk.settle()
    state = talk.state
    assert not state.screenings
    assert all(c.standing is not Standing.SCREENING for c in state.charges)
    for moved in (*state.transfers, *state.refunds, *state.deposits):
        ends = (Progress.SUCCEEDED, Progress.FAILED, Progress.FROZEN)
        waits_for_seller = moved.progress is Progress.WAITING
        assert moved.progress in ends or waits_for_seller
    parked = {case.subject_ref for case in said(talk, PaymentCaseOpened)}
    for charge in state.charges:
        if charge.standing is Standing.REFUSED and state.held_minor(charge):
            assert parked & {r.refund_id for r in state.refunds_of(charge)}
    for deposit in state.deposits:
        assert deposit.progress is Progress.SUCCEEDED or deposit.provider_ref in parked


@given(steps)
def test_a_fact_that_is_told_twice_says_nothing_twice(moves):
    talk = played(moves)
    for fact in list(talk.facts):
        talk.tell(fact)
        before = talk.state
        assert talk.tell(fact) == ()
        assert talk.state == before


@given(steps)
def test_a_case_is_opened_once(moves):
    cases = Counter(case.case_id for case in said(played(moves), PaymentCaseOpened))
    assert set(cases.values()) <= {1}


@given(steps)
def test_only_its_own_events_make_a_state(moves):
    talk = played(moves)
    folded = payments.initial
    for event in said(talk, Event):
        folded = payments.evolve(folded, event)
    assert folded == talk.state


def test_a_deposit_is_paid_for_once_both_vendors_have_spoken():
    talk = played([])
    talk.tell(talk.vault.deposit(NAMES, PRICE, CLEAN))
    one, other = words(talk.asked[-1])
    assert talk.tell(one) == (one,)
    *_, paid_ = talk.tell(other)
    assert isinstance(paid_, PaymentSucceeded)
    assert (paid_.amount, paid_.fee.minor, paid_.provider_ref) == (PRICE, 0, "in-1")
    assert {one.provider, other.provider} == set(VENDORS)


def test_nothing_moves_while_the_vendors_are_silent():
    talk = played([])
    talk.tell(talk.vault.deposit(NAMES, PRICE, CLEAN))
    (no,) = talk.tell(transfer())
    assert no.reason == "the money is not here"
    talk = paid()
    (asked, question) = talk.tell(refund())[1:]
    assert isinstance(question.command, ScreenWallet)
    assert asked.subject_ref == "R1"
    assert not [c for c in talk.asked if isinstance(c, InitiateRefund)]


def test_a_risky_sender_has_the_money_back_at_the_wallet_it_came_from():
    talk = paid(RISKY)
    assert not said(talk, PaymentSucceeded)
    assert talk.vault.went == [("in-1", RISKY, PRICE.minor)]


def test_a_sanctioned_deposit_is_frozen_with_a_case_and_nothing_frees_it():
    talk = paid(LISTED)
    (frozen,), (case,) = said(talk, FundsFrozen), said(talk, PaymentCaseOpened)
    assert (frozen.amount, frozen.case_id) == (PRICE, case.case_id)
    assert case.kind is CaseKind.SANCTIONS
    for ask in ASKS:
        talk.tell(ask)
    talk.settle()
    assert talk.vault.went == []
    assert balances(talk)["frozen:E1", Currency.USDC] == -PRICE.minor


def test_money_for_a_seller_who_turns_out_sanctioned_is_frozen():
    talk = paid()
    talk.tell(transfer(payee=LISTED))
    talk.settle()
    assert [frozen.source_ref for frozen in said(talk, FundsFrozen)] == ["in-1"]
    assert talk.vault.went == []


def test_the_part_that_is_under_way_when_the_rest_is_frozen_arrives_or_is_frozen_too():
    talk = paid()
    talk.tell(transfer(PART))
    (key,) = talk.open
    talk.open.clear()
    talk.perform(key)  # the screening; the transfer itself is under way now
    (sending,) = talk.open
    talk.open.clear()
    talk.tell(transfer(PART, payee=LISTED, id="T2"))
    talk.settle()
    assert talk.state.charges[0].frozen_minor == PRICE.minor - PART.minor
    talk.perform(sending, is_declined=True)
    assert talk.state.charges[0].frozen_minor == PRICE.minor


def test_a_blacklisted_seller_is_parked_reported_and_tried_again_when_asked_again():
    talk = paid()
    talk.tell(transfer(payee=BLACKLISTED))
    talk.settle()
    (case,) = said(talk, PaymentCaseOpened)
    assert (case.kind, case.address) == (CaseKind.PAYEE_PARKED, BLACKLISTED)
    assert len(said(talk, TransferParked)) == 1
    talk.tell(transfer())
    talk.settle()
    assert talk.vault.went == [("in-1", SELLER, PRICE.minor)]


def test_a_token_that_cannot_be_held_goes_back_and_is_in_no_book():
    talk = paid(amount=None)
    (back,) = said(talk, DepositReturned)
    assert (back.deposit_ref, back.destination) == ("in-1", CLEAN)
    assert not any(balances(talk).values())
    assert talk.state.deposits[0].progress is Progress.SUCCEEDED


def test_an_address_cannot_be_cancelled_and_what_still_comes_in_counts():
    talk = played([("perform", 0), ("ask", 0)])
    kinds = [type(each) for each in talk.said[-2:]]
    assert kinds == [PaymentCancelRequested, PaymentIntentCancelled]
    talk.hear([talk.vault.deposit(NAMES, PRICE, CLEAN)])
    talk.settle()
    assert said(talk, PaymentSucceeded)


def test_a_refund_on_chain_goes_to_the_wallet_that_paid():
    talk = paid()
    talk.tell(refund())
    talk.settle()
    assert [r.refund_id for r in said(talk, RefundRequested)] == ["R1"]
    assert [r.source_ref for r in said(talk, RefundSucceeded)] == ["in-1"]
    assert talk.vault.went == [("in-1", CLEAN, PRICE.minor)]
