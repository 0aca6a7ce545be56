"""Does each fault strike alone, as announced, and the same way for the same seed?"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import timedelta

import pytest
from stripe_faces import CARD, MORNING, HandClock, pay

from sims.world.faults import Dice, Outage, load_faults
from sims.world.stripe import (
    CALM,
    PLANS,
    Faults,
    InProcessStripe,
    ProviderTimeout,
    StripeError,
    StripeModel,
)

PROBABILITIES = [item.name for item in fields(Faults) if item.default == 0.0]


def world(faults, seed=7):
    clock = HandClock()
    model = StripeModel(now=clock.now, seed=seed, faults=faults, webhook_secret="whsec_x")  # noqa: S106 - it guards nothing
    return clock, InProcessStripe(model)


def test_every_fault_explains_itself_in_a_sentence():
    for item in fields(Faults):
        assert item.metadata["sentence"].endswith(".")


def test_the_plan_of_everything_leaves_no_fault_out():
    assert all(getattr(PLANS["everything"], name) > 0 for name in PROBABILITIES)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_a_fault_that_is_off_does_not_change_the_draws_of_another(name):
    alone = Dice(7, Faults(**{name: 0.3}))
    among = Dice(7, Faults(**dict.fromkeys(PROBABILITIES, 0.3)))
    others = [other for other in PROBABILITIES if other != name]
    draws = []
    for _ in range(50):
        for other in others:
            among.strikes(other)
        draws.append((alone.strikes(name), among.strikes(name)))
    assert all(one == other for one, other in draws)
    assert {True, False} == {one for one, _ in draws}


def test_in_an_outage_nothing_is_answered_and_nothing_happens():
    hour = timedelta(hours=1)
    clock, stripe = world(Faults(outages=(Outage(MORNING, MORNING + hour),)))
    with pytest.raises(StripeError) as refusal:
        pay(stripe)
    assert refusal.value.http_status == 503
    clock.advance(hours=1)
    pay(stripe)
    assert len(stripe.list_charges()["data"]) == 1


def test_a_good_card_can_be_declined():
    _, stripe = world(Faults(card_declined=1.0))
    intent = stripe.create_payment_intent({"amount": 12_300, "currency": "usd"})
    with pytest.raises(StripeError) as refusal:
        stripe.confirm_payment_intent(intent["id"], CARD)
    assert refusal.value.code == "card_declined"


def test_a_refund_can_be_undone_days_later():
    clock, stripe = world(Faults(refund_fails=1.0))
    refund = stripe.create_refund({"charge": pay(stripe)["latest_charge"]})
    clock.advance(days=3)
    assert stripe.retrieve_refund(refund["id"])["status"] == "failed"


def test_a_payout_can_come_back_after_it_was_paid():
    clock, stripe = world(Faults(payout_fails=1.0))
    stripe.post("/_sandbox/opening_balance", {"amount": 50_000, "currency": "usd"})
    payout = stripe.create_payout({"amount": 50_000, "currency": "usd"})
    for _ in range(3):
        clock.advance(days=1)
        stripe.retrieve_balance()
    payout = stripe.get(f"/v1/payouts/{payout['id']}")
    assert payout["status"] == "failed"
    assert payout["reversed_by"].startswith("po_")
    assert stripe.retrieve_balance()["available"][0]["amount"] == 50_000
    types = [event["type"] for event in stripe.list_events()["data"]]
    assert types == ["payout.failed", "payout.paid", "payout.updated", "payout.created"]


def test_a_movement_nobody_asked_for_names_no_escrow():
    _, stripe = world(Faults(rogue_movement=1.0))
    stripe.retrieve_balance()
    stripe.model.set_faults(CALM)
    books = stripe.get("/_sandbox/ledger", {"reference": "escrow_id"})
    assert books["entries"][""]["charge"]["count"] == 1


def test_a_rogue_transfer_can_be_ordered():
    _, stripe = world(CALM)
    stripe.post("/_sandbox/opening_balance", {"amount": 50_000, "currency": "usd"})
    stripe.post("/_sandbox/movements", {"kind": "transfer", "amount": 20_000})
    [transfer] = stripe.list_transfers()["data"]
    assert (transfer["amount"], transfer["metadata"]) == (20_000, {})


def test_the_provider_counts_its_objects_per_our_reference(face):
    pay(face, escrow="E1")
    pay(face, escrow="E1")
    charge = pay(face, escrow="E2")["latest_charge"]
    face.create_refund({"charge": charge, "amount": 100})
    twice = face.get("/_sandbox/ledger", {"reference": "escrow_id", "at_least": 2})
    assert list(twice["entries"]) == ["E1"]
    assert twice["entries"]["E1"]["charge"]["amount"] == 24_600
    one = face.get("/_sandbox/ledger", {"reference": "escrow_id", "value": "E2"})
    assert one["entries"]["E2"]["refund"]["count"] == 1


def test_statistics_count_faults_and_objects(face):
    face.post("/_sandbox/faults/rate_limited/next", {"count": 1})
    with pytest.raises(StripeError):
        pay(face)
    pay(face)
    statistics = face.get("/_sandbox/statistics")
    assert statistics["faults_struck"] == {"rate_limited": 1}
    assert statistics["objects"]["charges"] == 1


def test_a_plan_can_be_set_and_healed_while_running(face):
    face.post("/_sandbox/faults", {"failed_before": 1.0})
    with pytest.raises(StripeError):
        pay(face)
    face.post("/_sandbox/faults", {"plan": "calm"})
    assert pay(face)["status"] == "succeeded"


def test_a_plan_is_read_from_a_file(tmp_path):
    path = tmp_path / "faults.json"
    outage = {"start_at": "2026-11-17T10:00:00Z", "stop_at": "2026-11-17T10:05:00Z"}
    path.write_text(json.dumps({"plan": "calls", "webhook_lost": 0.5, "outages": [outage]}))
    faults = load_faults(path)
    assert (faults.webhook_lost, faults.call_lost) == (0.5, PLANS["calls"].call_lost)
    assert faults.outages[0].stop_at - faults.outages[0].start_at == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"webhook_lots": 0.1}', "no fault 'webhook_lots'"),
        ('{"webhook_lost": 1.5}', "a probability from 0 to 1"),
        ('{"webhook_lost": "often"}', "a probability from 0 to 1"),
        ('{"in_flight_s": -1}', "seconds, 0 or more"),
        ('{"plan": "chaos"}', "no plan 'chaos'"),
        ('{"outages": [{"start_at": "2026-11-17T10:00:00Z"}]}', "start_at and stop_at"),
        ("[]", "expected an object"),
        ("{", "not JSON"),
    ],
)
def test_a_bad_plan_is_refused_with_its_file_and_field(tmp_path, content, complaint):
    path = tmp_path / "faults.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"faults\.json") as refusal:
        load_faults(path)
    assert complaint in str(refusal.value)


def history(seed):
    """A few hundred calls under every fault; what was seen of them."""
    clock, stripe = world(PLANS["everything"], seed)
    seen = []
    for number in range(200):
        clock.advance(minutes=7)
        try:
            seen.append(pay(stripe, escrow=f"E{number}")["id"])
        except (StripeError, ProviderTimeout) as error:
            seen.append(str(error))
        for delivery in stripe.model.due_webhooks():
            seen.append((delivery.payload, delivery.headers["stripe-signature"]))
            stripe.model.webhook_delivered(delivery)
    return seen


def test_equal_seeds_make_equal_histories_and_other_seeds_do_not():
    assert history(7) == history(7)
    assert history(7) != history(8)


def test_an_order_can_be_taken_back(local):
    local.post("/_sandbox/faults/failed_before/next", {"count": 2})
    local.post("/_sandbox/faults/failed_before/next", {"count": 0})
    assert pay(local)["status"] == "succeeded"
