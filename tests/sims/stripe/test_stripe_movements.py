"""Do transfers, reversals, refunds, disputes and payouts keep within the money there is?"""

from __future__ import annotations

import pytest
from stripe_faces import pay, send

from sims.world.stripe import StripeError


@pytest.fixture
def charge(face):
    return pay(face)["latest_charge"]


def test_a_transfer_from_a_charge_succeeds_before_the_money_is_available(face, charge):
    transfer = send(face, charge, 12_000)
    assert (transfer["amount"], transfer["source_transaction"]) == (12_000, charge)
    assert transfer["destination"] == "acct_1Seller"
    assert transfer["transfer_group"] == "escrow_E1"


def test_a_transfer_beyond_what_is_left_of_its_charge_is_refused(face, charge):
    send(face, charge, 12_000)
    with pytest.raises(StripeError, match="300 left") as refusal:
        send(face, charge, 301)
    assert refusal.value.code == "balance_insufficient"
    send(face, charge, 300)


def test_what_was_refunded_cannot_be_transferred(face, charge):
    face.create_refund({"charge": charge, "amount": 300})
    with pytest.raises(StripeError):
        send(face, charge, 12_001)


def test_what_was_reversed_can_be_transferred_again(face, charge):
    transfer = send(face, charge, 12_300)
    face.reverse_transfer(transfer["id"])
    assert send(face, charge, 12_300)["amount"] == 12_300


@pytest.mark.usefixtures("charge")
def test_a_transfer_without_a_charge_needs_available_money(face, clock):
    asked = {"amount": 10_000, "currency": "usd", "destination": "acct_1Seller"}
    with pytest.raises(StripeError) as refusal:
        face.create_transfer(asked)
    assert refusal.value.code == "balance_insufficient"
    clock.advance(days=2)
    assert face.create_transfer(asked)["source_transaction"] is None


def test_a_transfer_goes_to_an_account_only(face, charge):
    with pytest.raises(StripeError, match="No such destination"):
        send(face, charge, 100, destination="ba_somebody")


def test_a_blocked_account_receives_nothing(face, charge):
    face.post("/_sandbox/accounts/acct_1Seller", {"can_receive_transfers": False})
    with pytest.raises(StripeError) as refusal:
        send(face, charge, 100)
    assert refusal.value.code == "insufficient_capabilities_for_transfer"


def test_a_transfer_can_be_reversed_in_parts_but_never_beyond_its_amount(face, charge):
    transfer = send(face, charge, 1_000)
    first = face.reverse_transfer(transfer["id"], {"amount": 400})
    assert (first["object"], first["transfer"]) == ("transfer_reversal", transfer["id"])
    with pytest.raises(StripeError, match="unreversed amount"):
        face.reverse_transfer(transfer["id"], {"amount": 601})
    face.reverse_transfer(transfer["id"])
    with pytest.raises(StripeError, match="fully reversed"):
        face.reverse_transfer(transfer["id"])


def test_a_seller_who_has_spent_the_money_cannot_be_reversed(face, charge):
    transfer = send(face, charge, 1_000)
    face.post("/_sandbox/accounts/acct_1Seller", {"spend": 500})
    with pytest.raises(StripeError) as refusal:
        face.reverse_transfer(transfer["id"])
    assert refusal.value.code == "balance_insufficient"


def test_a_refund_never_exceeds_its_charge(face, charge):
    face.create_refund({"charge": charge, "amount": 12_000})
    with pytest.raises(StripeError, match="unrefunded amount"):
        face.create_refund({"charge": charge, "amount": 301})
    face.create_refund({"charge": charge})
    with pytest.raises(StripeError) as refusal:
        face.create_refund({"charge": charge})
    assert refusal.value.code == "charge_already_refunded"
    assert face.retrieve_charge(charge)["refunded"] is True


def test_a_refund_names_the_payment_intent_as_well(face):
    intent = pay(face)
    refund = face.create_refund({"payment_intent": intent["id"]})
    assert (refund["charge"], refund["amount"]) == (intent["latest_charge"], 12_300)


def test_a_refund_does_not_pull_the_transfer_back(face, charge):
    send(face, charge, 12_300)
    face.create_refund({"charge": charge})
    [transfer] = face.list_transfers({"transfer_group": "escrow_E1"})["data"]
    assert transfer["amount_reversed"] == 0


def test_a_pending_refund_succeeds_later(face, clock):
    charge = pay(face, method="pm_card_pendingRefund")["latest_charge"]
    refund = face.create_refund({"charge": charge})
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    clock.advance(days=1)
    assert face.retrieve_refund(refund["id"])["status"] == "succeeded"


def test_a_refund_that_bounces_returns_the_money_to_the_charge(face, clock):
    charge = pay(face, method="pm_card_refundFail")["latest_charge"]
    refund = face.create_refund({"charge": charge})
    assert refund["status"] == "succeeded"
    clock.advance(days=3)
    refund = face.retrieve_refund(refund["id"], {"expand": ["failure_balance_transaction"]})
    assert (refund["status"], refund["failure_reason"]) == (
        "failed",
        "expired_or_canceled_card",
    )
    assert refund["failure_balance_transaction"]["net"] == 12_300
    assert face.retrieve_charge(charge)["amount_refunded"] == 0


def test_a_dispute_withdraws_the_charge_and_costs_15(face, charge):
    dispute = face.open_dispute(charge)
    [line] = dispute["balance_transactions"]
    assert dispute["status"] == "needs_response"
    assert (line["amount"], line["fee"], line["net"]) == (-12_300, 1_500, -13_800)
    assert line["reporting_category"] == "dispute"
    assert face.retrieve_charge(charge)["disputed"] is True


def test_a_disputed_charge_can_be_neither_refunded_nor_transferred(face, charge):
    face.open_dispute(charge)
    with pytest.raises(StripeError) as refusal:
        face.create_refund({"charge": charge})
    assert refusal.value.code == "charge_disputed"
    with pytest.raises(StripeError):
        send(face, charge, 1)


def test_a_dispute_that_is_won_returns_the_money_but_not_the_fee(face, charge):
    dispute = face.open_dispute(charge)
    dispute = face.close_dispute(dispute["id"], is_won=True)
    assert dispute["status"] == "won"
    assert [line["net"] for line in dispute["balance_transactions"]] == [-13_800, 12_300]
    assert send(face, charge, 12_300)["amount"] == 12_300


def test_a_dispute_is_closed_once(face, charge):
    dispute = face.open_dispute(charge)
    assert face.close_dispute(dispute["id"], is_won=False)["status"] == "lost"
    with pytest.raises(StripeError, match="lost already"):
        face.close_dispute(dispute["id"], is_won=True)


def test_a_card_made_for_it_is_disputed_right_after_the_charge(face, clock):
    charge = pay(face, method="pm_card_createDispute")["latest_charge"]
    clock.advance(seconds=1)
    assert face.retrieve_charge(charge)["disputed"] is True


def test_a_payout_takes_available_money_and_arrives_in_two_days(face, clock):
    face.post("/_sandbox/opening_balance", {"amount": 50_000, "currency": "usd"})
    payout = face.create_payout({"amount": 40_000, "currency": "usd"})
    with pytest.raises(StripeError) as refusal:
        face.create_payout({"amount": 10_001, "currency": "usd"})
    assert refusal.value.code == "balance_insufficient"
    clock.advance(days=2)
    [paid] = face.list_events({"type": "payout.paid"})["data"]
    assert (paid["data"]["object"]["id"], payout["status"]) == (payout["id"], "pending")


def test_a_topup_adds_own_money(face, clock):
    face.create_topup({"amount": 70_000, "currency": "usd", "description": "own money"})
    clock.advance(days=2)
    assert face.retrieve_balance()["available"][0]["amount"] == 70_000
