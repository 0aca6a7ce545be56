"""Do both faces take payments as Stripe does?"""

from __future__ import annotations

import pytest
from stripe_faces import CARD, MORNING, pay

from sims.world.stripe import StripeError


def test_an_intent_waits_for_a_payment_method(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    assert intent["status"] == "requires_payment_method"
    assert intent["object"] == "payment_intent"
    assert intent["id"].startswith("pi_")
    assert intent["created"] == int(MORNING.timestamp())


def test_a_good_card_pays_the_intent(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    intent = face.confirm_payment_intent(intent["id"], CARD)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 12_300)
    charge = face.retrieve_charge(intent["latest_charge"])
    assert (charge["status"], charge["paid"], charge["captured"]) == (
        "succeeded",
        True,
        True,
    )


def test_metadata_and_transfer_group_pass_from_the_intent_to_its_charge(face):
    intent = pay(face, escrow="E7")
    charge = face.retrieve_charge(intent["latest_charge"])
    assert charge["metadata"] == {"escrow_id": "E7"}
    assert charge["transfer_group"] == "escrow_E7"


@pytest.mark.parametrize(
    ("amount", "fee"), [(12_300, 387), (50, 31), (1_000_000, 29_030), (500, 45), (517, 45)]
)
def test_the_fee_is_2_9_percent_rounded_half_up_plus_30_cents(face, amount, fee):
    intent = pay(face, amount)
    expand = {"expand": ["latest_charge.balance_transaction"]}
    intent = face.retrieve_payment_intent(intent["id"], expand)
    line = intent["latest_charge"]["balance_transaction"]
    assert (line["amount"], line["fee"], line["net"]) == (amount, fee, amount - fee)


def test_a_declined_card_leaves_the_intent_waiting_for_another(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    with pytest.raises(StripeError) as refusal:
        face.confirm_payment_intent(
            intent["id"], {"payment_method": "pm_card_chargeDeclined"}
        )
    assert (refusal.value.http_status, refusal.value.type) == (402, "card_error")
    assert refusal.value.code == "card_declined"
    assert refusal.value.details["decline_code"] == "generic_decline"
    intent = face.retrieve_payment_intent(intent["id"])
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["code"] == "card_declined"
    assert face.retrieve_charge(intent["latest_charge"])["status"] == "failed"


def test_another_card_after_a_declined_one_pays(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    with pytest.raises(StripeError):
        face.confirm_payment_intent(
            intent["id"], {"payment_method": "pm_card_chargeDeclined"}
        )
    intent = face.confirm_payment_intent(intent["id"], CARD)
    assert (intent["status"], intent["last_payment_error"]) == ("succeeded", None)


def test_an_unpaid_intent_can_be_cancelled(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    reason = {"cancellation_reason": "abandoned"}
    intent = face.cancel_payment_intent(intent["id"], reason)
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "abandoned")


def test_a_paid_intent_cannot_be_cancelled(face):
    intent = pay(face)
    with pytest.raises(StripeError, match="status of succeeded") as refusal:
        face.cancel_payment_intent(intent["id"])
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.details["payment_intent"]["status"] == "succeeded"


def test_a_cancelled_intent_cannot_be_paid(face):
    intent = face.create_payment_intent({"amount": 12_300, "currency": "usd"})
    face.cancel_payment_intent(intent["id"])
    with pytest.raises(StripeError) as refusal:
        face.confirm_payment_intent(intent["id"], CARD)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_bank_debit_is_processing_for_days_before_it_succeeds(face, clock):
    intent = pay(face, method="pm_usBankAccount_success")
    assert intent["status"] == "processing"
    clock.advance(days=4)
    assert face.retrieve_payment_intent(intent["id"])["status"] == "succeeded"


def test_a_bank_debit_can_fail_after_days(face, clock):
    intent = pay(face, method="pm_usBankAccount_insufficientFunds")
    clock.advance(days=4)
    assert face.retrieve_payment_intent(intent["id"])["status"] == "requires_payment_method"
    assert face.list_balance_transactions()["data"] == []


def test_money_is_pending_for_two_days_and_then_available(face, clock):
    pay(face, 10_000)
    before = face.retrieve_balance()
    clock.advance(days=2)
    after = face.retrieve_balance()
    assert [before["available"][0]["amount"], before["pending"][0]["amount"]] == [0, 9_680]
    assert [after["available"][0]["amount"], after["pending"][0]["amount"]] == [9_680, 0]


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"currency": "usd"}, "amount", "parameter_missing"),
        ({"amount": 100}, "currency", "parameter_missing"),
        ({"amount": "1.50", "currency": "usd"}, "amount", "parameter_invalid_integer"),
        ({"amount": 49, "currency": "usd"}, "amount", "amount_too_small"),
        ({"amount": 100_000_000, "currency": "usd"}, "amount", "amount_too_large"),
        ({"amount": 100, "currency": "xxx"}, "currency", None),
        ({"amount": 100, "currency": "usd", "amonut": 1}, "amonut", "parameter_unknown"),
    ],
)
def test_a_malformed_call_names_the_parameter(face, params, param, code):
    with pytest.raises(StripeError) as refusal:
        face.create_payment_intent(params)
    assert (refusal.value.http_status, refusal.value.type) == (400, "invalid_request_error")
    assert (refusal.value.details["param"], refusal.value.code) == (param, code)


def test_an_unknown_id_in_the_path_is_not_found(face):
    with pytest.raises(StripeError) as refusal:
        face.retrieve_payment_intent("pi_nowhere")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


def test_a_property_that_is_no_reference_cannot_be_expanded(face):
    intent = pay(face)
    with pytest.raises(StripeError, match="cannot be expanded"):
        face.retrieve_payment_intent(intent["id"], {"expand": ["status"]})
