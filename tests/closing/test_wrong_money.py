"""Money, people and days that are not what they should be are told, and do no harm."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.closing.deal import (
    BUYER,
    EARNEST,
    ID,
    INITIATE,
    NOW,
    OFFICER,
    TITLE,
    WALLET,
    Deal,
    dispute,
    mutual,
    paid,
    resolve,
    settle,
    submit,
)
from toolkit.closing.ledger import PROVIDER, journal
from toolkit.closing.wallet import WalletRail, failure, success
from toolkit.core.money import Currency, Money
from toolkit.messages import closing as said
from toolkit.messages.closing import Party, TransactionResolution
from toolkit.messages.wallets import (
    Deposit,
    FundsDeposited,
    InspectWallet,
    MilestoneRequested,
    ReturnFunds,
    SettleWallet,
    WalletSettled,
)
from toolkit.runtime.agenda import Attempt

PAUSE = said.PauseWallet(transaction_id=ID, actor_id=OFFICER, reason="a wire was changed")
RESUME = said.ResumeWallet(transaction_id=ID, actor_id=OFFICER, reason="all is well")


def deposited(amount, wallet_id=WALLET, ref="dep-x"):
    deposit = Deposit(provider_ref=ref, payer_id=BUYER, amount=amount)
    return FundsDeposited(transaction_id=ID, wallet_id=wallet_id, deposit=deposit)


def kinds(events):
    return [type(event) for event in events]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (deposited(Money(500_000, Currency.USDC)), "this deal is paid in USD"),
        (deposited(Money(EARNEST.minor, Currency.EUR)), "this deal is paid in USD"),
        (deposited(EARNEST, "wallet of others"), "is not this deal's"),
    ],
)
def test_money_of_another_currency_or_wallet_is_told_and_never_counted(event, reason):
    deal = Deal()
    deal.say(INITIATE)
    assert reason in deal.refused(event)
    assert (deal.stage, deal.there.held_minor) == ("INITIATED", 0)


def test_what_was_once_held_in_another_currency_is_not_counted_either():
    deal = Deal().open()
    coins = Deposit(provider_ref="c", payer_id=BUYER, amount=Money(1, Currency.USDC))
    old = replace(deal.there, deposits=(*deal.there.deposits, coins))
    assert old.deposited_minor == EARNEST.minor


class Shown:
    """A provider whose wallet shows these entries."""

    def __init__(self, *amounts):
        self.entries = [
            {
                "id": f"e-{number}",
                "type": "deposit",
                "status": "available",
                "payer": BUYER,
                "amount": amount,
                "currency": currency,
            }
            for number, (amount, currency) in enumerate(amounts)
        ]

    async def history(self, _wallet_id):
        return self.entries


async def test_a_deposit_that_cannot_be_read_hides_none_of_the_others(caplog):
    rail = WalletRail(api=Shown(("5.00", "GBP"), ("x", "USD"), ("7.00", "USD")))
    look = InspectWallet(transaction_id=ID, wallet_id=WALLET)
    told = await rail.perform(look, Attempt(key=UUID(int=1), since=NOW, now=NOW, number=0))
    assert [each.deposit.amount for each in told] == [Money(7_00)]
    assert "e-0 is not counted" in caplog.text
    assert "GBP" in caplog.text


def settling():
    """A deal whose settlement was asked for, and what the provider was asked."""
    deal = Deal().open().verify().fund()
    held = deal.there.held_minor
    deal.say(settle(held - 100, 100))
    (asked,) = [c for c in deal.asked if isinstance(c, SettleWallet)]
    deal.asked.clear()
    return deal, asked


def otherwise(asked, **change):
    """What the provider says when it pays the first line otherwise."""
    answer = success(asked, paid(asked))
    first, *rest = answer.distributions
    return replace(answer, distributions=(replace(first, **change), *rest))


def booked(deal):
    lines = [line for event in deal.said for line in journal(event)]
    return sum(x.minor for x in lines if (x.account, x.currency) == (PROVIDER, "USD"))


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(1_00)},
        {"payee_id": "somebody else"},
        {"amount": Money(177_899_00 - 1)},
        {"amount": Money(177_899_00, Currency.EUR)},
    ],
)
def test_a_settlement_that_was_paid_otherwise_waits_for_a_person(change):
    deal, asked = settling()
    events = deal.say(otherwise(asked, **change))
    assert kinds(events) == [
        WalletSettled,
        said.SettlementFailed,
        said.TransactionDisputed,
    ]
    assert deal.stage == "DISPUTED"
    assert booked(deal) == deal.there.held_minor
    assert deal.asked == []
    deal.say(resolve(TransactionResolution.CANCEL, Party.BUYER, events[-1].dispute_id))
    deal.answer_all()
    assert (deal.stage, deal.there.held_minor) == ("CANCELLED", 0)


def test_what_was_paid_otherwise_is_not_paid_again_though_somebody_asks():
    deal, asked = settling()
    event = deal.say(otherwise(asked, payee_id="somebody else"))[-1]
    deal.say(resolve(TransactionResolution.RESUME, None, event.dispute_id))
    assert "good funds" in deal.refused(retry(asked.settlement_id))
    assert deal.say(otherwise(asked, payee_id="somebody else")) == []


def retry(payment_id, actor_id=OFFICER):
    return said.RetryPayment(transaction_id=ID, payment_id=payment_id, actor_id=actor_id)


def test_a_settlement_that_was_paid_after_all_is_believed():
    deal, asked = settling()
    deal.say(failure(asked, "no"))
    assert deal.stage == "READY_TO_SETTLE"
    deal.say(success(asked, paid(asked)))
    assert (deal.stage, deal.there.held_minor, booked(deal)) == ("SETTLED", 0, 0)


def test_a_late_yes_while_the_second_try_is_under_way_is_booked_once():
    deal, asked = settling()
    deal.say(failure(asked, "no"), retry(asked.settlement_id))
    (second,) = deal.asked
    late = success(asked, paid(asked))
    assert kinds(deal.say(late)) == [WalletSettled]
    assert deal.say(late) == []
    deal.say(failure(second, "there is nothing left"))
    assert (deal.stage, deal.there.held_minor) == ("READY_TO_SETTLE", 0)
    assert "good funds" in deal.refused(retry(second.settlement_id))


@pytest.mark.parametrize(
    ("message", "stage"), [(dispute(), "DISPUTED"), (mutual(), "CANCELLED")]
)
def test_a_late_yes_after_the_deal_went_another_way_is_booked_and_nothing_more(
    message, stage
):
    deal, asked = settling()
    deal.say(failure(asked, "no"), message)
    assert kinds(deal.say(success(asked, paid(asked)))) == [WalletSettled]
    assert (deal.stage, deal.there.held_minor, booked(deal)) == (stage, 0, 0)


def test_neither_side_has_a_failed_settlement_paid_again():
    deal, asked = settling()
    deal.say(failure(asked, "no"))
    assert "neither side" in deal.refused(retry(asked.settlement_id, BUYER))


@pytest.mark.parametrize(
    "approvals",
    [
        (OFFICER, " "),
        (OFFICER, " Buyer"),
        (OFFICER, "SELLER\n"),
        (OFFICER, "Officer "),
        (OFFICER, "timer"),
    ],
)
def test_an_approval_of_nobody_or_of_a_side_or_given_twice_does_not_count(approvals):
    deal = Deal().open().verify().fund()
    ask = settle(deal.there.held_minor, approvals=approvals)
    assert "need 2 approvals of the house, and 1 are there" in deal.refused(ask)


@pytest.mark.parametrize("agent_id", [BUYER, "Seller "])
def test_neither_side_verifies_its_own_deal(agent_id):
    deal = Deal().open()
    ask = said.AssignVerification(
        transaction_id=ID,
        task_id=deal.there.tasks[0].task_id,
        type=TITLE,
        agent_id=agent_id,
        deadline=NOW + timedelta(days=1),
        actor_id=OFFICER,
    )
    assert "neither side verifies" in deal.refused(ask)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"buyer_id": " "}, "the buyer_id is blank"),
        ({"seller_id": ""}, "the seller_id is blank"),
        ({"property_id": ""}, "the property_id is blank"),
        ({"seller_id": "Timer"}, "a name of our own"),
        ({"seller_id": "Buyer "}, "buyer and seller are the same"),
        ({"closing_date": "20261001"}, "is no date"),
        ({"closing_date": "2026-W40-4"}, "is no date"),
        ({"closing_date": "2026-02-30"}, "is no date"),
    ],
)
def test_an_offer_names_people_and_a_day_or_is_refused(change, reason):
    assert reason in Deal().refused(replace(INITIATE, **change))


@pytest.mark.parametrize(
    ("stops", "goes_on"),
    [(PAUSE, RESUME), (dispute(), resolve(TransactionResolution.RESUME))],
)
def test_a_fee_whose_next_try_fell_into_a_pause_is_tried_when_it_is_over(stops, goes_on):
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    (failed,) = deal.answer(is_good=False)
    timer = deal.timers[f"pay {failed.payment_id}"]
    deal.say(stops)
    deal.now = timer.at
    deal.refused(timer.command)
    assert MilestoneRequested in kinds(deal.say(goes_on))
    deal.answer_all()
    assert deal.there.promised_minor == 0


def test_a_fee_that_waits_when_a_dispute_ends_the_deal_is_paid_first():
    deal = Deal().open()
    deal.assign(TITLE)
    deal.say(submit(TITLE))
    deal.answer(is_good=False)
    deal.say(dispute(), resolve(TransactionResolution.CANCEL, Party.BUYER))
    (back,) = [c for c in deal.asked if isinstance(c, ReturnFunds)]
    assert back.amount == Money(EARNEST.minor - 1_200_00)
    deal.answer_all()
    assert deal.there.held_minor == 0


def test_a_late_yes_while_the_second_try_waits_for_its_time_lock_stops_it():
    deal = Deal().open().verify().fund()
    deal.deposit(600_000_00)
    deal.say(settle(deal.there.held_minor))
    deal.now = deal.timers["time lock"].at
    deal.say(deal.timers["time lock"].command)
    asked = deal.asked.pop()
    deal.say(failure(asked, "no"), retry(asked.settlement_id))
    assert deal.stage == "SETTLING"
    events = deal.say(success(asked, paid(asked)))
    assert said.SettlementWithdrawn in kinds(events)
    assert (deal.stage, deal.there.held_minor, booked(deal)) == ("DISPUTED", 0, 0)
