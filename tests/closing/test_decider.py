"""A property is paid for when everything is verified, and not a cent otherwise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.closing.deal import (
    APPRAISAL,
    BAD,
    BUYER,
    EARNEST,
    ID,
    INITIATE,
    INSPECTION,
    LENDING,
    NOW,
    OFFICER,
    PRICE,
    TITLE,
    Deal,
    assignment,
    cancel,
    dispute,
    mutual,
    report,
    settle,
    submit,
    task,
)
from toolkit.closing.policy import PRACTICE, TIMER, Practice
from toolkit.closing.state import PaymentStatus, TaskStatus
from toolkit.core.money import Currency, Money
from toolkit.messages import closing as said
from toolkit.messages.closing import CancellationReason
from toolkit.messages.wallets import (
    MilestoneReleased,
    MilestoneRequested,
    ReleaseMilestone,
    ReturnFunds,
    ReturnRequested,
    SettlementRequested,
    SettleWallet,
)

FEES = 2_100_00
PAUSE = said.PauseWallet(transaction_id=ID, actor_id=OFFICER, reason="a wire was changed")
RESUME = said.ResumeWallet(transaction_id=ID, actor_id=OFFICER, reason="all is well")


def kinds(events):
    return [type(event) for event in events]


def ready():
    return Deal().open().verify().fund()


def test_a_closing_runs_from_the_offer_to_the_keys():
    deal = ready()
    assert deal.stage == "READY_TO_SETTLE"
    deal.say(settle(PRICE.minor - FEES))
    assert deal.stage == "SETTLING"
    events = deal.answer()
    assert said.SettlementExecuted in kinds(events)
    assert (deal.stage, deal.there.held_minor) == ("SETTLED", 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"seller_id": BUYER}, "buyer and seller are the same"),
        ({"price": Money(180_000_00, Currency.EUR)}, "a closing is paid in USD"),
        ({"earnest_money": Money(FEES - 1)}, "does not cover the verifications"),
        ({"earnest_money": Money(PRICE.minor + 1)}, "more than the price"),
        ({"closing_date": "soon"}, "is no date"),
        ({"closing_date": "2026-08-31"}, "has passed"),
    ],
)
def test_what_can_be_no_deal_is_refused_with_the_reason(change, reason):
    assert reason in Deal().refused(replace(INITIATE, **change))


def test_a_second_offer_for_the_same_transaction_is_refused():
    deal = Deal().open()
    assert "may not do this while EARNEST_HELD" in deal.refused(INITIATE)


def test_earnest_money_in_two_parts_is_held_when_all_of_it_is_there():
    deal = Deal()
    deal.say(INITIATE)
    deal.deposit(EARNEST.minor - 1)
    assert deal.stage == "INITIATED"
    deal.deposit(1)
    assert deal.stage == "EARNEST_HELD"


def test_earnest_money_that_does_not_come_ends_the_deal_in_time():
    deal = Deal()
    deal.say(INITIATE)
    timer = deal.timers["earnest money by"]
    deal.now = timer.at
    deal.say(timer.command)
    assert deal.stage == "CANCELLED"


def test_a_timer_that_is_early_speaks_again_later():
    deal = Deal()
    deal.say(INITIATE)
    timer = deal.timers["earnest money by"]
    deal.now = timer.at - timedelta(minutes=1)
    assert "not overdue" in deal.refused(timer.command)
    assert deal.timers["earnest money by"].at > timer.at


def test_earnest_money_that_comes_too_late_goes_back_to_whoever_sent_it():
    deal = Deal()
    deal.say(INITIATE)
    deal.now = NOW + timedelta(days=3)
    deal.say(cancel(CancellationReason.EARNEST_UNPAID, TIMER))
    deal.deposit(EARNEST.minor, "an aunt")
    (ask,) = [c for c in deal.asked if isinstance(c, ReturnFunds)]
    assert (ask.payee_id, ask.amount) == ("an aunt", EARNEST)


def test_the_house_asks_its_own_agents_for_what_waits_for_nothing():
    panel = dict.fromkeys((TITLE, INSPECTION, APPRAISAL, LENDING), "agent")
    deal = Deal(Practice(panel=panel)).open()
    assert [c.type for c in deal.commands] == [TITLE, INSPECTION]
    deal.say(*deal.commands)
    deal.commands.clear()
    deal.say(submit(INSPECTION))
    assert [c.type for c in deal.commands] == [APPRAISAL]
    deal.say(*deal.commands)
    deal.commands.clear()
    deal.say(submit(APPRAISAL))
    assert not deal.commands
    deal.say(submit(TITLE))
    assert [c.type for c in deal.commands] == [LENDING]


@pytest.mark.parametrize("type", [APPRAISAL, LENDING])
def test_a_verification_waits_for_those_before_it(type):
    deal = Deal().open()
    assert "waits for other verifications" in deal.refused(assignment(type, NOW))


def test_a_fee_is_paid_once_however_often_the_report_is_told():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    assert deal.say(submit(TITLE)) == []
    asked = [c for c in deal.asked if isinstance(c, ReleaseMilestone)]
    assert [c.amount for c in asked] == [Money(1_200_00)]


def test_a_payment_that_is_told_twice_is_booked_once():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    (told,) = deal.answer()
    assert deal.say(told) == []
    assert deal.there.held_minor == EARNEST.minor - 1_200_00


def test_a_bank_that_lends_has_no_fee():
    deal = Deal().open().verify()
    requested = [e for e in deal.said if isinstance(e, MilestoneRequested)]
    assert sum(e.amount.minor for e in requested) == FEES
    assert len(requested) == 3


@pytest.mark.parametrize("type", [TITLE, INSPECTION])
def test_bad_news_is_looked_into_again_after_a_while(type):
    deal = Deal().open()
    deal.assign(type, "agent")
    (failed,) = deal.say(submit(type, BAD[type]))
    assert failed.retry_at == NOW + PRACTICE.retry_after
    retry = deal.timers[f"retry {type}"]
    deal.now = retry.at
    (again,) = deal.say(retry.command)
    assert (again.agent_id, again.attempt) == ("agent", 2)


def test_after_three_attempts_a_person_has_to_decide():
    deal = Deal().open()
    deal.assign(TITLE)
    for _ in range(3):
        (failed,) = deal.say(submit(TITLE, BAD[TITLE]))
        if failed.retry_at:
            deal.now = failed.retry_at
            deal.say(deal.timers["retry TITLE_SEARCH"].command)
    assert (failed.attempt, failed.retry_at) == (3, None)
    (assigned,) = deal.assign(TITLE, "another agent")
    assert assigned.attempt == 4


def test_an_overdue_verification_is_told_with_how_late_it_is_and_no_more_than_three_times():
    deal = Deal().open()
    deal.assign(TITLE)
    told = []
    while (timer := deal.timers.pop("deadline TITLE_SEARCH", None)) is not None:
        deal.now = timer.at
        told += [event.overdue_by_s for event in deal.say(timer.command)]
    assert told == [0, 86_400, 172_800]
    assert deal.there.task(task(TITLE)).status is TaskStatus.ESCALATED


def test_a_late_report_is_accepted_all_the_same():
    deal = Deal().open()
    deal.assign(TITLE)
    timer = deal.timers["deadline TITLE_SEARCH"]
    deal.now = timer.at
    deal.say(timer.command, submit(TITLE))
    assert deal.there.task(task(TITLE)).status is TaskStatus.COMPLETED


def test_an_answer_to_an_earlier_order_says_nothing_of_the_present_one():
    deal = Deal().open()
    deal.assign(TITLE, "agent")
    started = said.VerificationStarted(
        transaction_id=ID, task_id=task(TITLE), agent_id="agent", order_ref="order-2"
    )
    deal.say(started)
    stale = said.SubmitVerification(
        transaction_id=ID, task_id=task(TITLE), reason="no", order_ref="order-1"
    )
    assert deal.say(stale) == []
    assert deal.there.task(task(TITLE)).status is TaskStatus.IN_PROGRESS


def test_a_report_of_another_agent_is_refused():
    deal = Deal().open()
    deal.assign(TITLE, "agent")
    assert "in the hands of another" in deal.refused(submit(TITLE, agent_id="somebody"))


def test_a_fee_that_could_not_be_paid_stands_in_the_way_until_it_is():
    deal = Deal().open().verify(TITLE, INSPECTION, APPRAISAL)
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    deal.answer(is_good=False)
    deal.verify(INSPECTION, APPRAISAL, LENDING).fund()
    assert "not paid" in deal.refused(settle(deal.there.held_minor))
    (payment,) = [p for p in deal.there.payments if p.status is PaymentStatus.FAILED]
    again = said.RetryPayment(
        transaction_id=ID, payment_id=payment.payment_id, actor_id=OFFICER
    )
    deal.say(again)
    assert MilestoneReleased in kinds(deal.answer())
    deal.say(settle(deal.there.held_minor))
    assert deal.stage == "SETTLING"


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_statement_pays_out_what_is_held_to_the_cent(difference):
    deal = ready()
    reason = deal.refused(settle(deal.there.held_minor + difference))
    assert reason.startswith("good funds")


@pytest.mark.parametrize(
    "approvals", [(), (OFFICER,), (OFFICER, OFFICER), (OFFICER, BUYER)]
)
def test_a_large_settlement_needs_two_people_of_the_house(approvals):
    deal = ready()
    reason = deal.refused(settle(deal.there.held_minor, approvals=approvals))
    assert "need 2 approvals" in reason


def test_nothing_is_settled_before_everything_is_verified():
    deal = Deal().open().verify(TITLE, INSPECTION, APPRAISAL).fund()
    assert "while VERIFYING" in deal.refused(settle(deal.there.held_minor))


def test_a_settlement_that_failed_paid_nothing_and_may_be_tried_again():
    deal = ready()
    held = deal.there.held_minor
    deal.say(settle(held))
    failed = deal.answer(is_good=False)[-1]
    assert (deal.stage, deal.there.held_minor) == ("READY_TO_SETTLE", held)
    deal.say(
        said.RetryPayment(
            transaction_id=ID, payment_id=failed.settlement_id, actor_id=OFFICER
        )
    )
    deal.answer()
    assert (deal.stage, deal.there.held_minor) == ("SETTLED", 0)


def large():
    """A closing whose settlement waits for a day."""
    deal = ready()
    deal.deposit(500_000_00)
    deal.say(settle(deal.there.held_minor))
    return deal


def test_a_very_large_settlement_waits_for_its_time_lock():
    deal = large()
    assert SettlementRequested not in kinds(deal.said)
    lock = deal.timers["time lock"]
    deal.now = lock.at - timedelta(seconds=1)
    deal.say(lock.command)
    assert not [c for c in deal.asked if isinstance(c, SettleWallet)]
    deal.now = deal.timers["time lock"].at
    deal.say(lock.command)
    deal.answer()
    assert deal.stage == "SETTLED"


@pytest.mark.parametrize(
    ("message", "stage"),
    [(dispute(), "DISPUTED"), (PAUSE, "READY_TO_SETTLE"), (mutual(), "CANCELLED")],
)
def test_within_the_time_lock_a_settlement_can_be_stopped(message, stage):
    deal = large()
    assert said.SettlementWithdrawn in kinds(deal.say(message))
    assert deal.stage == stage
    deal.now = deal.timers["time lock"].at
    deal.say(deal.timers["time lock"].command)
    assert not [c for c in deal.asked if isinstance(c, SettleWallet)]


def test_money_that_comes_within_the_time_lock_stops_it_too():
    deal = large()
    deal.deposit(1)
    deal.now = deal.timers["time lock"].at
    assert kinds(deal.say(deal.timers["time lock"].command)) == [said.SettlementWithdrawn]
    assert deal.stage == "READY_TO_SETTLE"


def test_once_the_money_is_under_way_nobody_can_object_or_pause():
    deal = ready()
    deal.say(settle(deal.there.held_minor))
    assert "while SETTLING" in deal.refused(dispute())
    assert "while SETTLING" in deal.refused(PAUSE)
    assert "while SETTLING" in deal.refused(mutual())


def test_money_that_comes_while_all_is_paid_out_goes_back():
    deal = ready()
    deal.say(settle(deal.there.held_minor))
    deal.deposit(5_00, "an aunt")
    events = deal.answer()
    assert ReturnRequested in kinds(events)
    deal.answer()
    assert deal.there.held_minor == 0


def test_a_report_without_what_it_must_say_is_of_no_use():
    deal = Deal().open()
    deal.assign(TITLE)
    (failed,) = deal.say(
        said.SubmitVerification(
            transaction_id=ID, task_id=task(TITLE), report=report({"title": "CLEAR"})
        )
    )
    assert failed.reason == "the report cannot be used: liens is missing"


def test_a_refused_payment_is_tried_three_times_more_each_twice_as_late():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    waits = []
    while True:
        (failed,) = deal.answer(is_good=False)
        timer = deal.timers.pop(f"pay {failed.payment_id}", None)
        if timer is None:
            break
        waits.append(timer.at - deal.now)
        deal.now = timer.at
        deal.say(timer.command)
    assert waits == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=4)]
