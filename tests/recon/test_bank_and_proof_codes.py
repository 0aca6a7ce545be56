"""Payouts against the bank, and the equations that every day has to satisfy."""

import pytest

from tests.recon.day import Day
from tests.recon.outcome import only, run


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def test_a_payout_that_the_bank_does_not_have_after_three_days(day, tmp_path):
    day.payout("A", 268_58, "-3 22:00")
    only(
        run(day, tmp_path),
        "PAYOUT_NOT_DEPOSITED",
        rail="STRIPE",
        subject="po_A",
        provider_ref="trace-A",
        expected_minor=268_58,
        actual_minor=0,
    )


@pytest.mark.parametrize(
    ("effective_at", "is_late"), [("-2 12:00", True), ("-2 12:01", False)]
)
def test_three_days_run_to_the_minute_from_effective_to_as_of(
    day, tmp_path, effective_at, is_late
):
    day.payout("A", 268_58, effective_at)
    assert run(day, tmp_path).codes == (["PAYOUT_NOT_DEPOSITED"] if is_late else [])


@pytest.mark.parametrize("days", [0, -1, -2])
def test_a_credit_that_no_payout_explains(day, tmp_path, days):
    day.credit("RF1", 160_60, days)
    only(
        run(day, tmp_path),
        "DEPOSIT_UNEXPLAINED",
        rail=None,
        subject="GB00TEST",
        provider_ref="RF1",
        expected_minor=0,
        actual_minor=160_60,
    )


def test_a_credit_of_a_payout_before_the_export_begins_is_not_judged(day, tmp_path):
    day.credit("trace-old", 160_60, -6)
    assert run(day, tmp_path).codes == []


def test_the_second_credit_of_a_payout_is_unexplained(day, tmp_path):
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    day.credit("trace-A", 100_00)
    only(run(day, tmp_path), "DEPOSIT_UNEXPLAINED", actual_minor=100_00)


def test_a_payout_that_reached_the_bank_with_another_amount(day, tmp_path):
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 99_00)
    only(
        run(day, tmp_path),
        "AMOUNT_MISMATCH",
        subject="po_A",
        provider_ref="trace-A",
        expected_minor=100_00,
        actual_minor=99_00,
    )


def test_a_wrong_deposit_belongs_to_the_day_of_its_last_record(day, tmp_path):
    day.payout("A", 100_00, "-2 00:00")
    day.credit("trace-A", 99_00, -1)
    assert run(day, tmp_path).codes == []


def test_a_payout_without_trace_meets_the_only_credit_that_fits(day, tmp_path):
    day.payout("A", 100_00, "00:00", trace_id="")
    day.credit("NOTPROVIDED", 100_00)
    assert run(day, tmp_path).codes == []


def test_an_ending_balance_that_does_not_follow(day, tmp_path):
    day.summary_slip["ending_balance"] = -312_27
    result = run(day, tmp_path)
    only(result, "BALANCE_PROOF_BREAK", subject="acct_test", difference_minor=-312_27)
    assert result.proof("roll_forward")["unexplained_minor"] == -312_27
    [cause] = result.proof("safeguarding")["explained_by"]
    assert cause["effect_minor"] == -312_27


def test_items_that_are_not_the_summarys_activity(day, tmp_path):
    day.summary_slip = {"activity": 5_00, "ending_balance": 5_00}
    result = run(day, tmp_path)
    only(result, "BALANCE_PROOF_BREAK", difference_minor=5_00)
    assert result.proof("roll_forward")["difference_minor"] == 0
    assert result.proof("itemised")["difference_minor"] == 5_00


def test_payouts_that_are_not_the_summarys_payouts(day, tmp_path):
    day.summary_slip = {"payouts": 5_00, "ending_balance": 5_00}
    only(run(day, tmp_path), "BALANCE_PROOF_BREAK", difference_minor=5_00)


def test_each_equation_that_fails_is_one_break(day, tmp_path):
    day.summary_slip = {"activity": 5_00}
    assert run(day, tmp_path).codes == ["BALANCE_PROOF_BREAK", "BALANCE_PROOF_BREAK"]


def test_a_custodian_balance_that_does_not_follow(day, tmp_path):
    day.deposited("C0")
    day.summary_slip["holding_closing"] = 1
    only(
        run(day, tmp_path), "BALANCE_PROOF_BREAK", subject="vault-test", difference_minor=1
    )


def test_a_bank_statement_that_does_not_add_up(day, tmp_path):
    day.bank_slip = -7
    result = run(day, tmp_path)
    only(result, "BALANCE_PROOF_BREAK", rail=None, subject="GB00TEST", difference_minor=-7)
    assert result.proof("bank", rail=None)["difference_minor"] == -7


@pytest.mark.parametrize(
    ("slip", "code"), [(216_028, "SAFEGUARDING_SHORTFALL"), (-1, "SAFEGUARDING_EXCESS")]
)
@pytest.mark.parametrize("rail", ["STRIPE", "CUSTODIAN"])
def test_own_funds_that_the_holding_does_not_bear_out(day, tmp_path, rail, slip, code):
    day.deposited("C0")
    day.own_funds_slip[rail] = slip
    account = "acct_test" if rail == "STRIPE" else "vault-test"
    only(run(day, tmp_path), code, rail=rail, subject=account, difference_minor=-slip)


def test_without_positions_the_safeguarding_proof_is_not_possible(day, tmp_path):
    day.positions = False
    result = run(day, tmp_path)
    assert result.codes == []
    proof = result.proof("safeguarding")
    assert (proof["is_possible"], proof["difference_minor"]) == (False, None)


def test_escrows_in_debt_do_not_lower_what_the_others_are_owed(day, tmp_path):
    day.paid("E1")
    day.event("EscrowDelivered", "E1", "04:00")
    day.money("TransferSucceeded", "E1", 600_00, "tr_1", "05:00")
    day.event("EscrowReleased", "E1", "05:00", transfer_id="out-E1")
    day.row("transfer", "tr_1", -600_00, "05:00", escrow="E1")
    result = run(day, tmp_path)
    only(result, "NEGATIVE_ESCROW_BALANCE", actual_minor=-100_00)
    assert result.proof("safeguarding")["owed_minor"] == 500_00
