"""Deposits, refunds that come back and interrupted escrows, as the platform tells them."""

import pytest

from tests.recon.day import Day
from tests.recon.outcome import only, run

WRONG = {"token_contract": "0x5ca1ab1e", "asset": "SHIB", "decimals": "18"}


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def arrived(day, name, minor=20_000_000_000, *, at="03:00"):
    """A deposit that was told when it arrived, and has its row."""
    day.escrow(name, 20_000_000_000, rail="CUSTODIAN")
    amount = {"minor": minor, "currency": "USDC"}
    day.event("DepositArrived", name, at, provider_ref=f"in-{name}", amount=amount)
    day.chain_row(f"in-{name}", minor, at, our_ref=f"pay-{name}")


def stray(day, name, *, at="03:00"):
    """A token that is no money of ours arrives."""
    day.escrow(name, 20_000_000_000, rail="CUSTODIAN")
    token = {"symbol": "SHIB", "contract": "0x5ca1ab1e", "base_units": "5"}
    day.event("DepositArrived", name, at, provider_ref=f"in-{name}", token=token)
    day.chain_row(f"in-{name}", 5, at, our_ref=f"pay-{name}", **WRONG)


def test_a_deposit_is_booked_when_it_arrives_and_once(day, tmp_path):
    arrived(day, "C1")
    day.money("PaymentSucceeded", "C1", 20_000_000_000, "in-C1", "03:10", currency="USDC")
    day.held("C1", "03:10")
    assert run(day, tmp_path).codes == []


def test_a_deposit_whose_sender_is_not_screened_yet_is_owed_to_its_escrow(day, tmp_path):
    arrived(day, "C1")
    assert run(day, tmp_path).codes == []


def test_a_payment_that_is_told_twice_after_its_deposit_is_a_duplicate(day, tmp_path):
    arrived(day, "C1")
    for at in ("03:10", "03:20"):
        day.money("PaymentSucceeded", "C1", 20_000_000_000, "in-C1", at, currency="USDC")
    day.held("C1", "03:10")
    only(run(day, tmp_path), "DUPLICATE_EVENT", subject="C1", provider_ref="in-C1")


def test_a_deposit_that_may_not_be_held_goes_back(day, tmp_path):
    arrived(day, "C1", 5_000_000)
    back = {"currency": "USDC", "refund_id": "back"}
    day.money("RefundSucceeded", "C1", 5_000_000, "out-C1", "04:00", **back)
    day.chain_row("out-C1", -5_000_000, "04:00", our_ref="back")
    assert run(day, tmp_path).codes == []


def test_a_foreign_token_that_was_sent_back_is_no_finding(day, tmp_path):
    stray(day, "C1")
    names = {"deposit_ref": "in-C1", "provider_ref": "out-C1"}
    day.event("DepositReturned", "C1", "04:00", **names)
    day.chain_row("out-C1", -5, "04:00", our_ref="in-C1", **WRONG)
    assert run(day, tmp_path).codes == []


def test_a_foreign_token_that_is_still_here_is_one(day, tmp_path):
    stray(day, "C1")
    only(run(day, tmp_path), "WRONG_TOKEN", provider_ref="in-C1")


def refunded(day, name):
    day.paid(name, 300_00)
    day.money("RefundSucceeded", name, 300_00, f"re_{name}", "06:00")
    day.event("EscrowRefunded", name, "06:00", refund_id=f"back-re_{name}")
    day.row("refund", f"re_{name}", -300_00, "06:00", escrow=name)


def test_a_refund_that_came_back_is_a_movement_of_its_own(day, tmp_path):
    refunded(day, "E1")
    day.money("RefundReversed", "E1", 300_00, "re_E1", "07:00")
    day.row("refund_failure", "re_E1", 300_00, "07:00", escrow="E1")
    assert run(day, tmp_path).codes == []


def test_a_refund_that_came_back_and_was_not_booked_has_no_category(day, tmp_path):
    refunded(day, "E1")
    day.row("refund_failure", "re_E1", 300_00, "07:00", escrow="E1")
    only(run(day, tmp_path), "UNKNOWN_CATEGORY", provider_ref="re_E1")


@pytest.mark.parametrize("who", ["compliance", "payouts"])
def test_a_dispute_may_be_interrupted_by_what_stands_in_its_way(day, tmp_path, who):
    day.paid("E1")
    day.event("EscrowDisputed", "E1", "05:00", dispute_id="D1", raised_by="ada")
    day.event("EscrowDisputed", "E1", "06:00", dispute_id="D2", raised_by=who)
    assert run(day, tmp_path).codes == []
