"""What is true of every payment, whatever is said about it and in whatever order."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.payments.provider import Provider
from toolkit.core.decider import Later, Perform
from toolkit.core.message import Event
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackOutcome,
    CreatePaymentIntent,
    InitiateRefund,
    PaymentIntentCreated,
    PaymentRequested,
    RefundFailed,
    RefundRequested,
    RefundReversed,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferRequested,
    TransferReversalFailed,
    TransferReversalRequested,
    TransferToSeller,
)
from toolkit.payments.decider import payments
from toolkit.payments.ledger import journal
from toolkit.payments.state import Payment, Progress

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = {"escrow_id": "E1", "payment_id": "P1"}
STRIPE = {**NAMES, "rail": Rail.STRIPE}
PRICE = Money(100_00)
AMOUNTS = (Money(1), Money(40_00), Money(60_00), PRICE, Money(100_01))
OUT = (Progress.PENDING, Progress.SUCCEEDED)
CREATE = CreatePaymentIntent(**STRIPE, amount=PRICE, payer_id="ada")
CANCEL = CancelPaymentIntent(**NAMES)
WHAT_IS_PERFORMED = {
    PaymentRequested: CreatePaymentIntent,
    TransferRequested: TransferToSeller,
    TransferReversalRequested: ReverseTransfer,
}


def transfer(id="T1", amount=PRICE, source=None):
    return TransferToSeller(
        **STRIPE, transfer_id=id, amount=amount, payee_id="acct_bob", source_ref=source
    )


def refund(id="R1", amount=PRICE, source=None):
    return InitiateRefund(
        **STRIPE, refund_id=id, amount=amount, reason="asked", source_ref=source
    )


ASKS = (
    CREATE,
    CANCEL,
    *(transfer(id, amount) for id in ("T1", "T2") for amount in AMOUNTS),
    *(refund(id, amount) for id in ("R1", "R2", "R3") for amount in AMOUNTS),
    *(refund("R4", PRICE, ref) for ref in ("ch_1", "ch_2", "ch_9")),
    transfer("T3", PRICE, "ch_2"),
)


@dataclass
class Conversation:
    """The decider and a provider, in whatever order the numbers make of it."""

    state: Payment = payments.initial
    provider: Provider = field(default_factory=Provider)
    said: list = field(default_factory=list)
    asked: list = field(default_factory=list)  # performed at some time, in any order
    facts: list = field(default_factory=list)  # answers and webhooks, told and told again

    def tell(self, message):
        self.state, outcome = payments.step(self.state, message, NOW)
        self.said += outcome
        self.asked += [c.command for c in outcome if isinstance(c, Perform)]
        return outcome

    def step(self, kind, choice):
        match kind:
            case "ask":
                self.tell(ASKS[choice % len(ASKS)])
            case "perform" | "decline" if self.asked:
                self.perform(choice % len(self.asked), is_declined=kind == "decline")
            case "again" if self.facts:
                self.tell(self.facts[choice % len(self.facts)])
            case "pay":
                amount = AMOUNTS[choice % len(AMOUNTS)]
                self.hear(self.provider.pay("E1", "P1", amount))
            case "chargeback":
                charge, minor = CHARGES[choice % 2], PARTS[choice % len(PARTS)]
                self.hear(self.provider.open_chargeback("E1", "P1", charge, minor))
            case "closing":
                outcome, charge = OUTCOMES[choice % 2], CHARGES[choice // 2 % 2]
                self.hear(self.provider.close_chargeback("E1", "P1", outcome, charge))
            case "bounce":
                self.hear(self.provider.bounce())

    def perform(self, key, *, is_declined=False):
        """Ask the provider; the inbox knows an answer that it has heard."""
        if key not in self.provider.answers:
            command = self.asked[key]
            self.hear(self.provider.perform(key, command, is_declined=is_declined))

    def hear(self, facts):
        """Refusals come as answers only, the rest in webhooks too, which come again."""
        answers = TransferFailed | RefundFailed | TransferReversalFailed
        self.facts += [f for f in facts if not isinstance(f, answers)]
        for fact in facts:
            self.tell(fact)


KINDS = (
    "ask",
    "perform",
    "perform",
    "decline",
    "again",
    "pay",
    "chargeback",
    "closing",
    "bounce",
)
CHARGES, PARTS = ("ch_1", "ch_2"), (None, 1, 30_00)
OUTCOMES = list(ChargebackOutcome)
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 59)), min_size=1, max_size=40
)


def played(moves, *, each=lambda _: None):
    talk = Conversation()
    for message in (CREATE, *Provider().pay("E1", "P1", PRICE)):
        talk.tell(message)
    talk.provider.pay("E1", "P1", PRICE)
    for kind, choice in moves:
        talk.step(kind, choice)
        each(talk)
    return talk


@given(steps)
def test_transfers_and_refunds_never_exceed_what_came_in(moves):
    def no_more_than_there_is(talk):
        for charge in talk.state.charges:
            ref = charge.provider_ref
            out = sum(t.out_minor for t in talk.state.transfers if t.source_ref == ref)
            back = sum(
                r.amount.minor
                for r in talk.state.refunds
                if r.source_ref == ref and r.progress in OUT
            )
            assert out + back <= charge.amount.minor
            assert talk.provider.out_minor(ref) <= charge.amount.minor

    played(moves, each=no_more_than_there_is)


@given(steps)
def test_a_movement_is_performed_once_for_each_request(moves):
    talk = played(moves)
    performed = Counter(type(c.command) for c in talk.said if isinstance(c, Perform))
    requested = Counter(type(event) for event in talk.said)
    for request, command in WHAT_IS_PERFORMED.items():
        assert performed[command] == requested[request]
    assert performed[InitiateRefund] <= requested[RefundRequested]


@given(steps)
def test_a_movement_that_succeeded_is_never_asked_for_again(moves):
    talk = played(moves)
    done = set()
    for consequence in talk.said:
        match consequence:
            case Perform(command=TransferToSeller(transfer_id=id)):
                assert id not in done
            case Perform(command=InitiateRefund(refund_id=id)):
                assert id not in done
            case RefundReversed(refund_id=id):
                done.discard(id)  # it has not arrived after all
            case Event():
                if type(consequence).__name__ in {"TransferSucceeded", "RefundSucceeded"}:
                    done.add(
                        getattr(consequence, "transfer_id", None)
                        or getattr(consequence, "refund_id", None)
                    )


@given(steps)
def test_a_fact_that_is_told_twice_says_nothing_twice(moves):
    talk = played(moves)
    for fact in talk.facts:
        before = talk.state
        outcome = talk.tell(fact)
        assert not [c for c in outcome if isinstance(c, Perform)] or fact not in talk.said
        again = talk.tell(fact)
        assert again == ()
        if not outcome:
            assert talk.state == before


@given(steps)
def test_every_event_is_booked_so_that_it_sums_to_zero(moves):
    for event in played(moves).said:
        sums = Counter()
        for line in journal(event):
            sums[line.currency] += line.minor
        assert not any(sums.values()), event


@given(steps)
def test_what_was_promised_is_kept_when_everybody_answers(moves):
    talk = played(moves)
    talk.step("closing", 0)
    talk.step("closing", 2)
    for key, _ in enumerate(talk.asked):  # it grows while it is read
        talk.perform(key)
    assert all(t.progress is not Progress.PENDING for t in talk.state.transfers)
    for promised in talk.state.refunds:
        waits = promised.progress in (Progress.WAITING, Progress.PENDING)
        assert not waits or talk.provider.taken.get(promised.source_ref)


def test_a_refund_after_a_transfer_takes_the_money_back_first():
    talk = played([])
    talk.tell(transfer())
    talk.hear(talk.provider.perform(1, talk.asked[-1]))
    outcome = talk.tell(refund(amount=Money(30_00)))
    (ask,) = [c.command for c in outcome if isinstance(c, Perform)]
    assert isinstance(ask, ReverseTransfer)
    assert ask.amount == Money(30_00)
    (back,) = talk.provider.perform(2, ask)
    (refunded,) = [c.command for c in talk.tell(back) if isinstance(c, Perform)]
    assert isinstance(refunded, InitiateRefund)
    assert refunded.amount == Money(30_00)


def test_a_refund_waits_for_a_transfer_that_is_under_way():
    talk = played([])
    talk.tell(transfer())
    outcome = talk.tell(refund())
    assert [type(c) for c in outcome] == [RefundRequested]


def test_a_refund_goes_as_soon_as_the_transfer_before_it_has_failed():
    talk = played([])
    talk.tell(transfer())
    talk.tell(refund())
    (no,) = talk.provider.perform(1, talk.asked[-1], is_declined=True)
    outcome = talk.tell(no)
    assert isinstance(outcome[0], TransferFailed)
    assert [c.command.refund_id for c in outcome[1:]] == ["R1"]


def test_a_transfer_of_money_that_is_promised_to_the_buyer_fails():
    talk = played([])
    talk.tell(refund(amount=Money(60_00)))
    (no,) = talk.tell(transfer())
    assert no.reason == "the money is not here"


def test_an_intent_that_is_made_after_it_was_cancelled_is_cancelled_at_once():
    talk = Conversation()
    talk.tell(CREATE)
    assert [type(c).__name__ for c in talk.tell(CANCEL)] == ["PaymentCancelRequested"]
    made = PaymentIntentCreated(**STRIPE, amount=PRICE, provider_ref="pi_1")
    outcome = talk.tell(made)
    assert outcome[0] == made
    assert outcome[1].command == CancelPaymentIntent(**NAMES, provider_ref="pi_1")


def test_a_refund_made_on_the_providers_own_page_counts():
    talk = played([])
    theirs = RefundSucceeded(
        **STRIPE, refund_id="X", amount=PRICE, provider_ref="re_9", source_ref="ch_1"
    )
    assert talk.tell(theirs) == (theirs,)
    (no,) = talk.tell(refund())
    assert no.reason == "more than was paid"


def test_a_refund_that_was_refused_is_asked_for_again_the_next_day():
    talk = played([])
    talk.tell(refund())
    (no,) = talk.provider.perform(1, talk.asked[-1], is_declined=True)
    outcome = talk.tell(no)
    again = replace(refund(), source_ref="ch_1")
    assert outcome == (no, Later(name="refund R1", at=NOW + DAY, command=again))
    assert isinstance(talk.tell(again)[-1], Perform)


def test_a_refund_of_money_that_the_card_network_took_waits_for_its_word():
    talk = played([("chargeback", 0)])
    (later,) = talk.tell(refund())
    assert later == Later(name="refund R1", at=NOW + DAY, command=refund())
    talk.step("closing", list(ChargebackOutcome).index(ChargebackOutcome.WON))
    assert isinstance(talk.tell(later.command)[-1], Perform)


def test_a_refund_of_money_that_the_card_network_kept_fails():
    talk = played([("chargeback", 0)])
    talk.step("closing", list(ChargebackOutcome).index(ChargebackOutcome.LOST))
    (no,) = talk.tell(refund())
    assert isinstance(no, RefundFailed)


def test_a_chargeback_takes_nothing_back_from_the_seller():
    talk = played([])
    talk.tell(transfer())
    talk.hear(talk.provider.perform(1, talk.asked[-1]))
    talk.step("chargeback", 0)
    assert not [c for c in talk.said if isinstance(c, TransferReversalRequested)]


@given(steps)
def test_a_seller_gives_back_no_more_than_refunds_need(moves):
    talk = played(moves)
    asked = sum(
        c.amount.minor for c in talk.said if isinstance(c, TransferReversalRequested)
    )
    promised = {
        c.refund_id: c.amount.minor for c in talk.said if isinstance(c, RefundRequested)
    }
    assert asked <= sum(promised.values())
