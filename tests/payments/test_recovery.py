"""Money that the bank sends back, the card network takes, or the seller does not return."""

from dataclasses import replace

from tests.payments.test_laws import (
    DAY,
    NOW,
    OUTCOMES,
    PRICE,
    STRIPE,
    played,
    refund,
    transfer,
)
from toolkit.core.decider import Later, Perform
from toolkit.core.money import Money
from toolkit.messages.custody import CaseKind, PaymentCaseOpened, RefundParked
from toolkit.messages.payments import (
    ChargebackOutcome,
    InitiateRefund,
    RefundFailed,
    RefundReversed,
    RefundSucceeded,
    ReverseTransfer,
)
from toolkit.payments.attempts import RETRY, TRIES
from toolkit.payments.ledger import journal


def bounced(talk, key=1):
    """The refund of everything has succeeded, and the bank sends it back."""
    talk.tell(refund())
    talk.hear(talk.provider.perform(key, talk.asked[-1]))
    return talk.tell(talk.provider.bounce()[0])


def test_a_refund_that_comes_back_from_the_bank_is_booked_and_tried_again():
    talk = played([])
    back, later = bounced(talk)
    assert isinstance(back, RefundReversed)
    assert sum(line.minor for line in journal(back) if line.account == "escrow:E1") < 0
    assert later == Later(
        name="refund R1", at=NOW + DAY, command=replace(refund(), source_ref="ch_1")
    )
    assert isinstance(talk.tell(later.command)[-1], Perform)


def test_a_success_that_is_told_after_the_refund_came_back_is_no_news():
    talk = played([])
    bounced(talk)
    (success,) = [c for c in talk.said if isinstance(c, RefundSucceeded)]
    assert talk.tell(success) == ()


def test_a_refund_that_always_comes_back_is_left_to_a_person():
    talk = played([])
    for key in (1, 2, 3):
        outcome = bounced(talk, key)
        talk.provider.bounced = False
    parked, case = outcome[1:]
    assert isinstance(parked, RefundParked)
    assert (case.kind, case.subject_ref) == (CaseKind.REFUND_PARKED, "R1")


def test_a_refund_that_the_provider_always_refuses_is_left_to_a_person():
    talk = played([])
    talk.tell(refund())
    for _ in range(TRIES - 1):
        *_, later = refused(talk)
        assert later.at == NOW + RETRY
        talk.tell(later.command)

    outcome = refused(talk)

    assert not any(isinstance(c, Later) for c in outcome)
    assert any(isinstance(c, RefundParked) for c in outcome)
    [case] = [c for c in outcome if isinstance(c, PaymentCaseOpened)]
    assert (case.kind, case.subject_ref) == (CaseKind.REFUND_PARKED, "R1")


def refused(talk):
    """Stripe says no to the refund itself: no object was made that could be named."""
    return talk.tell(
        RefundFailed(**STRIPE, refund_id="R1", amount=PRICE, reason="the charge is too old")
    )


def test_what_a_lost_chargeback_leaves_goes_back_to_the_buyer():
    talk = played([])
    talk.hear(talk.provider.open_chargeback("E1", "P1", "ch_1", 30_00))
    talk.step("closing", OUTCOMES.index(ChargebackOutcome.LOST))
    (ask,) = [c for c in talk.asked if isinstance(c, InitiateRefund)]
    assert (ask.amount, ask.source_ref) == (Money(70_00), "ch_1")


def test_a_lost_chargeback_of_money_that_the_seller_has_is_asked_back_from_there():
    talk = played([])
    talk.tell(transfer())
    talk.hear(talk.provider.perform(1, talk.asked[-1]))
    talk.hear(talk.provider.open_chargeback("E1", "P1", "ch_1", 30_00))
    (case,) = [c for c in talk.said if isinstance(c, PaymentCaseOpened)]
    assert (case.kind, case.amount) == (CaseKind.RECOVERY, Money(30_00))
    talk.step("closing", OUTCOMES.index(ChargebackOutcome.LOST))
    assert talk.asked[-1].amount == Money(30_00)
    assert isinstance(talk.asked[-1], ReverseTransfer)


def test_a_seller_who_cannot_give_back_is_asked_thrice_and_then_left_to_a_person():
    talk = played([])
    talk.tell(transfer())
    talk.hear(talk.provider.perform(1, talk.asked[-1]))
    outcome = talk.tell(refund())
    for key in (2, 3, 4):
        ask = outcome[-1].command
        no = talk.provider.perform(key, ask, is_declined=True)
        *_, last = talk.tell(no[0])
        outcome = talk.tell(last.command) if isinstance(last, Later) else [last]
    assert (last.kind, last.subject_ref) == (CaseKind.RECOVERY, "T1")


def test_a_chargeback_of_a_second_payment_leaves_the_first_alone():
    talk = played([("pay", 3)])
    talk.hear(talk.provider.open_chargeback("E1", "P1", "ch_2"))
    assert isinstance(talk.tell(transfer())[-1], Perform)
