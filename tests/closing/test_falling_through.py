"""Disputes, pauses and deals that fall through: who gets what, and what stays put."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.closing.deal import (
    APPRAISAL,
    BUYER,
    EARNEST,
    ID,
    INSPECTION,
    LENDING,
    NOW,
    OFFICER,
    SELLER,
    TITLE,
    Deal,
    cancel,
    dispute,
    mutual,
    resolve,
    submit,
)
from toolkit.closing.policy import TIMER
from toolkit.messages import closing as said
from toolkit.messages.closing import CancellationReason, Party, TransactionResolution
from toolkit.messages.wallets import (
    FundsReturned,
    MilestoneRequested,
    ReturnFunds,
)

FEES = 2_100_00
PAUSE = said.PauseWallet(transaction_id=ID, actor_id=OFFICER, reason="a wire was changed")
RESUME = said.ResumeWallet(transaction_id=ID, actor_id=OFFICER, reason="all is well")


def kinds(events):
    return [type(event) for event in events]


def test_in_a_dispute_work_goes_on_and_no_fee_is_paid_until_it_is_over():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(dispute(), submit(TITLE))
    assert MilestoneRequested not in kinds(deal.said)
    events = deal.say(resolve(TransactionResolution.RESUME))
    assert MilestoneRequested in kinds(events)
    assert deal.stage == "VERIFYING"


def test_a_dispute_after_which_all_is_verified_leads_to_the_settlement():
    deal = Deal().open().verify(TITLE, INSPECTION, APPRAISAL)
    deal.assign(LENDING)
    deal.say(dispute(), submit(LENDING))
    deal.say(resolve(TransactionResolution.RESUME))
    assert deal.stage == "READY_TO_SETTLE"


@pytest.mark.parametrize("party", Party)
def test_a_dispute_may_end_the_deal_and_says_who_gets_the_earnest_money(party):
    deal = Deal().open()
    deal.say(dispute(), resolve(TransactionResolution.CANCEL, party))
    (ask,) = [c for c in deal.asked if isinstance(c, ReturnFunds)]
    assert (ask.payee_id, ask.amount) == (party.lower(), EARNEST)


@pytest.mark.parametrize(
    "ask",
    [
        replace(resolve(TransactionResolution.RESUME), actor_id=BUYER),
        resolve(TransactionResolution.CANCEL),
        resolve(TransactionResolution.RESUME, Party.BUYER),
        resolve(TransactionResolution.RESUME, dispute_id="another"),
    ],
)
def test_a_dispute_is_resolved_by_neither_side_and_completely(ask):
    deal = Deal().open()
    deal.say(dispute())
    assert "while DISPUTED" in deal.refused(ask)


def test_when_a_deal_falls_through_agents_keep_what_they_earned():
    deal = Deal().open().verify(TITLE)
    deal.assign(INSPECTION)
    deal.say(submit(INSPECTION))
    deal.say(cancel(CancellationReason.CONTINGENCY))
    deal.answer_all()
    back = [e for e in deal.said if isinstance(e, FundsReturned)]
    assert [(e.payee_id, e.amount.minor) for e in back] == [
        (BUYER, EARNEST.minor - 1_700_00)
    ]
    assert deal.there.held_minor == 0


def test_the_rest_of_the_price_goes_back_to_those_whom_it_came_from():
    deal = Deal().open().verify()
    deal.deposit(30_000_00)
    deal.deposit(145_000_00, "lender")
    deal.say(mutual(Party.SELLER))
    deal.answer_all()
    back = {e.payee_id: e.amount.minor for e in deal.said if isinstance(e, FundsReturned)}
    assert back == {
        SELLER: EARNEST.minor - FEES,
        BUYER: 30_000_00,
        "lender": 145_000_00,
    }


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (cancel(CancellationReason.MUTUAL_RELEASE, consents=(BUYER,)), "signed by both"),
        (cancel(CancellationReason.CONTINGENCY, SELLER), "is the buyer's"),
        (cancel(CancellationReason.BUYER_DEFAULT, SELLER), "by the escrow agent"),
        (cancel(CancellationReason.BUYER_DEFAULT, OFFICER), "after the closing date"),
        (cancel(CancellationReason.EARNEST_UNPAID, TIMER), "not overdue"),
        (cancel(CancellationReason.DISPUTE, OFFICER), "a dispute is resolved"),
        (
            cancel(CancellationReason.CONTINGENCY, earnest_money_to=Party.SELLER),
            "goes to the buyer",
        ),
    ],
)
def test_a_deal_falls_through_only_for_a_reason_that_holds(ask, reason):
    assert reason in Deal().open().refused(ask)


@pytest.mark.parametrize(
    ("reason", "heir"),
    [
        (CancellationReason.BUYER_DEFAULT, SELLER),
        (CancellationReason.SELLER_DEFAULT, BUYER),
    ],
)
def test_a_default_after_the_closing_date_costs_the_one_who_defaulted(reason, heir):
    deal = Deal().open()
    deal.now = NOW + timedelta(days=60)
    deal.say(cancel(reason, OFFICER))
    (ask,) = [c for c in deal.asked if isinstance(c, ReturnFunds)]
    assert (ask.payee_id, ask.amount) == (heir, EARNEST)


def test_a_paused_wallet_pays_no_fee_and_no_settlement_until_it_is_resumed():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(PAUSE, submit(TITLE))
    assert MilestoneRequested not in kinds(deal.said)
    assert MilestoneRequested in kinds(deal.say(RESUME))


def test_a_pause_never_keeps_money_from_going_back():
    deal = Deal().open()
    deal.say(PAUSE, cancel(CancellationReason.CONTINGENCY))
    assert FundsReturned in kinds(deal.answer())


def test_nor_does_it_keep_money_that_a_bank_refused_from_going_back_later():
    deal = Deal().open()
    deal.say(PAUSE, cancel(CancellationReason.CONTINGENCY))
    (failed,) = deal.answer(is_good=False)
    timer = deal.timers[f"pay {failed.payment_id}"]
    deal.now = timer.at
    deal.say(timer.command)
    assert FundsReturned in kinds(deal.answer())


@pytest.mark.parametrize("ask", [PAUSE, RESUME])
def test_neither_side_pauses_or_resumes_the_wallet(ask):
    deal = Deal().open()
    if ask is RESUME:
        deal.say(PAUSE)
    assert "may not do this" in deal.refused(replace(ask, actor_id=SELLER))
