"""The card rail when answers are lost: an object is made once, or known not to be there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.payments.card_world import OPEN, PRICE, CardWorld, key_of
from toolkit.core.errors import Unavailable
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    InspectPayment,
    PaymentFailed,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
)
from toolkit.runtime.agenda import Attempt


@pytest.fixture
def world():
    return CardWorld()


def test_an_intent_is_made(world):
    (created,), tries = world.ask(OPEN)
    assert tries == 1
    assert isinstance(created, PaymentIntentCreated)
    assert created.amount == PRICE


def test_a_transfer_and_a_refund_are_facts_with_their_references(world):
    charge = world.paid()
    (sent,), _ = world.ask(world.transfer(charge))
    assert isinstance(sent, TransferSucceeded)
    assert sent.provider_ref == world.made("transfers")[0].id
    other = CardWorld()
    charge = other.paid()
    (back,), _ = other.ask(other.refund(charge))
    assert isinstance(back, RefundSucceeded)
    assert (back.source_ref, back.amount) == (charge, PRICE)


@pytest.mark.parametrize("pause", [timedelta(seconds=1), timedelta(minutes=5)])
def test_a_call_that_took_effect_before_it_timed_out_is_not_made_again(world, pause):
    charge = world.paid()
    world.strike("timed_out_after")
    (sent,), tries = world.ask(world.transfer(charge), pause)
    assert isinstance(sent, TransferSucceeded)
    assert tries > 1
    assert len(world.made("transfers")) == 1


def test_a_call_that_never_arrived_is_made_by_a_later_try(world):
    charge = world.paid()
    world.strike("call_lost", 3)
    (sent,), tries = world.ask(world.transfer(charge))
    assert isinstance(sent, TransferSucceeded)
    assert tries > 1
    assert len(world.made("transfers")) == 1


def test_an_error_that_is_stored_under_the_key_is_got_round_by_looking(world):
    charge = world.paid()
    keys = world.count_posts()
    world.strike("failed_after")
    (sent,), tries = world.ask(world.transfer(charge))
    assert isinstance(sent, TransferSucceeded)
    assert tries == 3  # asked, asked again with the same key, and then looked
    assert keys == [str(key_of(world.transfer(charge)))] * 2
    assert len(world.made("transfers")) == 1


@pytest.mark.parametrize("fault", ["failed_before", "rate_limited"])
def test_an_error_without_effect_is_asked_again_with_the_same_key(world, fault):
    charge = world.paid()
    keys = world.count_posts()
    world.strike(fault)
    (sent,), _ = world.ask(world.transfer(charge))
    assert isinstance(sent, TransferSucceeded)
    assert set(keys) == {str(key_of(world.transfer(charge)))}


def test_past_the_horizon_it_only_looks_and_finds(world):
    charge = world.paid()
    world.strike("timed_out_after")
    keys = world.count_posts()
    (sent,), tries = world.ask(world.transfer(charge), timedelta(hours=25))
    assert isinstance(sent, TransferSucceeded)
    assert (tries, len(keys)) == (2, 1)
    assert len(world.made("transfers")) == 1


def test_past_the_horizon_it_never_posts_what_it_does_not_find(world):
    charge = world.paid()
    keys = world.count_posts()
    world.strike("call_lost")
    (failed,), tries = world.ask(world.transfer(charge), timedelta(hours=25))
    assert isinstance(failed, TransferFailed)
    assert "no answer in time" in failed.reason
    assert (tries, len(keys)) == (2, 1)
    assert world.made("transfers") == []


@pytest.mark.parametrize("lasts", [timedelta(minutes=20), timedelta(hours=30)])
def test_an_outage_of_any_length_makes_no_second_object(world, lasts):
    charge = world.paid()
    world.strike("timed_out_after")
    run = world.ask
    world.env.process(_out(world, lasts))
    (sent,), _ = run(world.transfer(charge))
    assert isinstance(sent, TransferSucceeded)
    assert len(world.made("transfers")) == 1


def _out(world, lasts):
    yield world.env.timeout(5)
    world.be_out(lasts)


def test_a_refusal_is_a_fact_and_not_a_reason_to_ask_again(world):
    keys = world.count_posts()
    (failed,), tries = world.ask(world.refund("ch_nobody"))
    assert isinstance(failed, RefundFailed)
    assert (tries, len(keys)) == (1, 1)


def test_an_intent_that_is_refused_is_a_payment_that_failed(world):
    (failed,), _ = world.ask(replace(OPEN, amount=Money(1)))
    assert isinstance(failed, PaymentFailed)


def test_cancelling_what_was_paid_first_says_that_it_was_paid(world):
    (created,), _ = world.ask(OPEN)
    cancel = CancelPaymentIntent(
        escrow_id="E1", payment_id="P1", provider_ref=created.provider_ref
    )
    world.client.confirm_payment_intent(
        created.provider_ref, {"payment_method": "pm_card_visa"}
    )
    (fact,), _ = world.ask(cancel)
    assert isinstance(fact, PaymentSucceeded)


def test_cancelling_twice_is_cancelling(world):
    (created,), _ = world.ask(OPEN)
    cancel = CancelPaymentIntent(
        escrow_id="E1", payment_id="P1", provider_ref=created.provider_ref
    )
    assert isinstance(world.ask(cancel)[0][0], PaymentIntentCancelled)
    assert isinstance(world.ask(cancel)[0][0], PaymentIntentCancelled)


@pytest.mark.parametrize("fault", ["timed_out_after", "failed_after", "call_lost"])
def test_a_reversal_is_made_once_whatever_became_of_its_answer(world, fault):
    charge = world.paid()
    (sent,), _ = world.ask(world.transfer(charge))
    back = ReverseTransfer(
        escrow_id="E1",
        payment_id="P1",
        transfer_id="T1",
        amount=PRICE,
        provider_ref=sent.provider_ref,
    )
    honest = world.client.post

    def post(path, params, key=None):
        world.client.post = honest
        world.strike(fault)
        return honest(path, params, key)

    world.client.post = post
    facts, _ = world.ask(back)
    assert [f.amount for f in facts if isinstance(f, TransferReversed)] == [PRICE]
    assert len(world.made("reversals")) == 1


def test_a_reversal_past_the_horizon_is_never_posted(world):
    charge = world.paid()
    (sent,), _ = world.ask(world.transfer(charge))
    back = ReverseTransfer(
        escrow_id="E1",
        payment_id="P1",
        transfer_id="T1",
        amount=PRICE,
        provider_ref=sent.provider_ref,
    )
    now = world.clock.now()
    late = Attempt(key=key_of(OPEN), since=now, now=now + timedelta(hours=24), number=7)
    (failed,) = world.run(world.rail.perform(back, late))
    assert failed.transfer_id == "T1"
    assert failed.amount == PRICE
    assert world.made("reversals") == []


def test_a_transfer_that_the_provider_does_not_know_cannot_be_reversed(world):
    world.paid()
    back = ReverseTransfer(
        escrow_id="E1",
        payment_id="P1",
        transfer_id="T1",
        amount=PRICE,
        provider_ref="tr_nobody_knows",
    )
    (failed,), _ = world.ask(back)
    assert isinstance(failed, TransferReversalFailed)
    assert failed.amount == PRICE


def test_an_object_that_the_provider_does_not_show_says_nothing(world):
    look = InspectPayment(rail=Rail.STRIPE, object_ref="pi_nobody_knows")
    assert world.ask(look)[0] == []


def test_what_is_not_ours_means_nothing(world):
    params = {"amount": 5_00, "currency": "usd"}
    theirs = world.client.create_payment_intent(params, "somebody's")
    look = InspectPayment(rail=Rail.STRIPE, object_ref=theirs["id"])
    assert world.ask(look) == ([], 1)


def test_a_provider_that_is_away_is_unavailable(world):
    world.be_out(timedelta(hours=1))
    now = world.clock.now()
    attempt = Attempt(key=key_of(OPEN), since=now, now=now, number=0)
    with pytest.raises(Unavailable):
        world.run(world.rail.perform(OPEN, attempt))
