"""Does a key stand for one execution, as v1 of the API documents it?"""

from __future__ import annotations

import pytest
from stripe_faces import CARD, pay, send

from sims.world.face import RunningClock
from sims.world.stripe import ProviderTimeout, StripeError

ASKED = {"amount": 12_300, "currency": "usd", "metadata": {"escrow_id": "E1"}}
DECLINED = {"payment_method": "pm_card_chargeDeclined"}


def count(face):
    return len(face.list_payment_intents({"limit": 100})["data"])


def strike(face, fault, count=1):
    face.post(f"/_sandbox/faults/{fault}/next", {"count": count})


def test_the_same_key_gives_the_same_object(face):
    first = face.create_payment_intent(ASKED, key="k")
    assert face.create_payment_intent(ASKED, key="k") == first
    assert count(face) == 1


def test_another_key_makes_another_object(face):
    first = face.create_payment_intent(ASKED, key="k1")
    assert face.create_payment_intent(ASKED, key="k2")["id"] != first["id"]


def test_a_replay_shows_the_first_answer_though_the_world_has_moved_on(face):
    first = face.create_payment_intent(ASKED, key="k")
    face.confirm_payment_intent(first["id"], CARD)
    replayed = face.create_payment_intent(ASKED, key="k")
    assert replayed["status"] == "requires_payment_method"


def test_a_key_with_other_parameters_is_an_error(face):
    face.create_payment_intent(ASKED, key="k")
    with pytest.raises(StripeError, match="same parameters") as refusal:
        face.create_payment_intent({**ASKED, "amount": 12_301}, key="k")
    assert (refusal.value.http_status, refusal.value.type) == (400, "idempotency_error")
    assert count(face) == 1


def test_a_key_on_another_path_is_an_error(face):
    intent = face.create_payment_intent(ASKED, key="k")
    with pytest.raises(StripeError, match="same parameters"):
        face.confirm_payment_intent(intent["id"], CARD, key="k")


def test_a_declined_card_is_replayed_as_declined(face):
    intent = face.create_payment_intent(ASKED)
    for _ in range(2):
        with pytest.raises(StripeError) as refusal:
            face.confirm_payment_intent(intent["id"], DECLINED, key="k")
        assert refusal.value.code == "card_declined"
    assert len(face.list_charges()["data"]) == 1


def test_a_malformed_call_leaves_its_key_unused(face):
    with pytest.raises(StripeError):
        face.create_payment_intent({**ASKED, "amount": 1}, key="k")
    assert face.create_payment_intent(ASKED, key="k")["amount"] == 12_300


def test_a_key_expires_after_24_hours(face, clock):
    first = face.create_payment_intent(ASKED, key="k")
    clock.advance(hours=23, minutes=59)
    assert face.create_payment_intent(ASKED, key="k")["id"] == first["id"]
    clock.advance(minutes=1)
    assert face.create_payment_intent(ASKED, key="k")["id"] != first["id"]


def test_a_500_after_success_is_replayed_and_the_object_exists(face):
    strike(face, "failed_after")
    for _ in range(2):
        with pytest.raises(StripeError) as refusal:
            face.create_payment_intent(ASKED, key="k")
        assert (refusal.value.http_status, refusal.value.type) == (500, "api_error")
    assert count(face) == 1


def test_a_500_before_execution_leaves_the_key_unused(face):
    strike(face, "failed_before")
    with pytest.raises(StripeError) as refusal:
        face.create_payment_intent(ASKED, key="k")
    assert (refusal.value.http_status, count(face)) == (500, 0)
    face.create_payment_intent(ASKED, key="k")
    assert count(face) == 1


def test_a_rate_limited_call_leaves_the_key_unused(face):
    strike(face, "rate_limited")
    with pytest.raises(StripeError) as refusal:
        face.create_payment_intent(ASKED, key="k")
    assert refusal.value.http_status == 429
    assert face.create_payment_intent(ASKED, key="k")["status"] == "requires_payment_method"


def test_a_twin_of_a_call_under_way_conflicts_and_later_replays(face, clock):
    strike(face, "timed_out_after")
    with pytest.raises(ProviderTimeout):
        face.create_payment_intent(ASKED, key="k")
    with pytest.raises(StripeError) as refusal:
        face.create_payment_intent(ASKED, key="k")
    assert refusal.value.http_status == 409
    clock.advance(seconds=2)
    face.create_payment_intent(ASKED, key="k")
    assert count(face) == 1


def test_a_call_lost_on_its_way_was_never_executed(face):
    strike(face, "call_lost")
    with pytest.raises(ProviderTimeout):
        face.create_payment_intent(ASKED, key="k")
    assert count(face) == 0


def test_a_timed_out_transfer_is_found_by_its_group(face, clock):
    charge = pay(face)["latest_charge"]
    strike(face, "timed_out_after")
    with pytest.raises(ProviderTimeout):
        send(face, charge, 12_000, key="k")
    clock.advance(hours=30)
    [transfer] = face.list_transfers({"transfer_group": "escrow_E1"})["data"]
    assert transfer["amount"] == 12_000


def test_a_replay_says_that_it_is_one(http):
    options = {"idempotency_key": "k"}
    first = http.v1.payment_intents.create(ASKED, options).last_response.headers
    again = http.v1.payment_intents.create(ASKED, options).last_response.headers
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert again["Original-Request"] == first["Request-Id"]


def test_a_call_without_a_key_of_ours_is_refused(model):
    answer = model.handle("GET", "/v1/balance", {}, {})
    assert answer.status == 401
    answer = model.handle(
        "GET", "/v1/balance", {}, {"authorization": "Bearer sk_live_oops"}
    )
    assert answer.status == 401


def test_the_running_clock_never_runs_backwards(clock):
    running = RunningClock(clock.now(), speed=1000.0)
    moments = [running.now() for _ in range(100)]
    assert moments == sorted(moments)


def test_a_refusal_met_while_executing_is_replayed_though_it_would_succeed_now(face):
    charge = pay(face)["latest_charge"]
    transfer = send(face, charge, 12_300)
    for _ in range(2):
        with pytest.raises(StripeError, match="0 left"):
            send(face, charge, 100, key="k")
        face.reverse_transfer(transfer["id"], {"amount": 100})
    assert send(face, charge, 100, key="a new one")["amount"] == 100
