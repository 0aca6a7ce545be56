"""What a day may hold without a word from the reconciliation."""

import pytest

from tests.recon.day import TREASURY, Day
from tests.recon.outcome import run


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def test_a_day_whose_books_agree_is_reconciled(day, tmp_path):
    day.released("E0")
    day.deposited("C0")
    result = run(day, tmp_path)
    assert (result.codes, result.exit_status) == ([], 0)
    assert result.summary["verdict"] == "RECONCILED"


def test_an_empty_day_is_reconciled(tmp_path):
    assert run(Day(), tmp_path).codes == []


def test_an_event_of_the_last_hours_may_wait_for_its_row(day, tmp_path):
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "20:00", fee=320)
    day.held("E1", "20:00")
    result = run(day, tmp_path)
    assert result.codes == []
    assert [(r["kind"], r["provider_ref"]) for r in result.table("in_transit")] == [
        ("EVENT", "ch_E1")
    ]
    assert result.proof("safeguarding")["in_transit_minor"] == -(100_00 - 320)


def test_an_event_of_the_first_hour_counts_as_moved_the_day_before(day, tmp_path):
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "00:59", fee=0)
    day.held("E1", "00:59")
    day.own_funds_slip["STRIPE"] = -100_00
    result = run(day, tmp_path)
    assert result.codes == []
    assert result.proof("safeguarding")["in_transit_minor"] == 0


def test_a_row_of_the_last_hour_may_wait_for_its_event(day, tmp_path):
    day.escrow("E1", 100_00)
    day.row("charge", "ch_E1", 100_00, "23:00", fee=320, escrow="E1")
    result = run(day, tmp_path)
    assert result.codes == []
    assert [(r["kind"], r["subject"]) for r in result.table("in_transit")] == [
        ("ROW", "E1")
    ]


def test_yesterdays_event_matches_todays_row(day, tmp_path):
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "-1 23:59", fee=0)
    day.held("E1", "-1 23:59")
    day.row("charge", "ch_E1", 100_00, "00:05", escrow="E1")
    result = run(day, tmp_path)
    assert result.codes == []
    assert "ch_E1" in [row["provider_ref"] for row in result.table("matches")]


def test_own_money_has_no_event(day, tmp_path):
    day.row("topup", "tu_1", 5_000_00, "09:00")
    day.row("fee", "", -12_00, "09:00")
    day.payout("A", 100_00, "00:00")
    day.credit("trace-A", 100_00)
    day.chain_row("dust", 1, "09:00", from_address=TREASURY.upper().replace("0X", "0x"))
    assert run(day, tmp_path).codes == []


def test_a_declined_card_that_is_tried_again_is_no_mismatch(day, tmp_path):
    day.escrow("E1", 100_00)
    day.event("PaymentFailed", "E1", "02:00", payment_id="pay-E1", rail="STRIPE")
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "02:30", fee=0)
    day.held("E1", "02:30")
    day.row("charge", "ch_E1", 100_00, "02:30", escrow="E1")
    assert run(day, tmp_path).codes == []


def test_a_failed_transfer_and_its_failed_row_agree(day, tmp_path):
    day.deposited("C1")
    day.event("EscrowDelivered", "C1", "04:00")
    day.event("TransferFailed", "C1", "05:00", transfer_id="out-C1", rail="CUSTODIAN")
    day.chain_row("first", -20_000_000_000, "05:00", our_ref="out-C1", status="FAILED")
    day.money(
        *("TransferSucceeded", "C1", 20_000_000_000, "second", "06:00"),
        currency="USDC",
        destination="0xSELLER",
    )
    day.event("EscrowReleased", "C1", "06:00", transfer_id="out-C1")
    day.chain_row("second", -20_000_000_000, "06:00", our_ref="out-C1")
    assert run(day, tmp_path).codes == []


def test_usd_with_the_contract_of_usdc_is_usdc(day, tmp_path):
    day.deposited("C1", row=False)
    day.chain_row("in-C1", 20_000_000_000, "03:00", our_ref="pay-C1", asset="USD")
    assert run(day, tmp_path).codes == []


def test_a_chargeback_that_was_booked_and_won(day, tmp_path):
    day.event("ChargebackOpened", "E0", "06:00", dispute_ref="dp_1", amount=usd(500_00))
    day.event("EscrowDisputed", "E0", "06:00", dispute_id="d1", raised_by="CARD_NETWORK")
    day.event("ChargebackClosed", "E0", "09:00", dispute_ref="dp_1", outcome="WON")
    day.event("EscrowDisputeResolved", "E0", "09:00", dispute_id="d1", resolution="RESUME")
    day.row("dispute", "dp_1", -500_00, "06:00", fee=15_00, escrow="E0")
    day.row("dispute_reversal", "dp_1", 500_00, "09:00", escrow="E0")
    assert run(day, tmp_path).codes == []


def test_a_chargeback_that_was_lost_refunds_the_escrow(day, tmp_path):
    day.event("ChargebackOpened", "E0", "06:00", dispute_ref="dp_1", amount=usd(500_00))
    day.event("EscrowDisputed", "E0", "06:00", dispute_id="d1", raised_by="CARD_NETWORK")
    day.event("ChargebackClosed", "E0", "09:00", dispute_ref="dp_1", outcome="LOST")
    day.event("EscrowRefunded", "E0", "09:00", refund_id="dp_1", amount=usd(500_00))
    day.row("dispute", "dp_1", -500_00, "06:00", escrow="E0")
    assert run(day, tmp_path).codes == []


def test_a_payment_that_came_too_late_goes_back(day, tmp_path):
    day.escrow("E1", 100_00)
    day.event("EscrowCancelled", "E1", "02:00", reason="BUYER")
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "03:00", fee=0)
    day.money("RefundSucceeded", "E1", 100_00, "re_E1", "03:05")
    day.row("charge", "ch_E1", 100_00, "03:00", escrow="E1")
    day.row("refund", "re_E1", -100_00, "03:05", escrow="E1")
    assert run(day, tmp_path).codes == []


@pytest.mark.parametrize("carried_id", ["trr_1", "tr_E0"])
def test_a_reversal_carries_its_own_id_or_that_of_its_transfer(day, tmp_path, carried_id):
    day.released("E0")
    reversal = {"transfer_id": "out-E0", "rail": None}
    day.money("TransferReversed", "E0", 500_00, "trr_1", "07:00", **reversal)
    day.money("RefundSucceeded", "E0", 500_00, "re_1", "08:00")
    day.row("transfer_reversal", carried_id, 500_00, "07:00", escrow="E0")
    day.row("refund", "re_1", -500_00, "08:00", escrow="E0")
    assert run(day, tmp_path).codes == []


def test_a_split_pays_both_while_the_dispute_is_open(day, tmp_path):
    day.event("EscrowDisputed", "E0", "04:00", dispute_id="d1", raised_by="b")
    day.event("EscrowDisputeResolved", "E0", "05:00", dispute_id="d1", resolution="SPLIT")
    day.money("TransferSucceeded", "E0", 300_00, "tr_1", "05:01")
    day.money("RefundSucceeded", "E0", 200_00, "re_1", "05:02")
    day.event("EscrowReleased", "E0", "05:03", transfer_id="out-E0")
    day.event("EscrowRefunded", "E0", "05:04", refund_id="back-re_1")
    day.row("transfer", "tr_1", -300_00, "05:01", escrow="E0")
    day.row("refund", "re_1", -200_00, "05:02", escrow="E0")
    assert run(day, tmp_path).codes == []


def test_two_transfers_share_a_transaction(day, tmp_path):
    for name in ("C1", "C2"):
        day.deposited(name, row=False)
        row = day.chain_row(f"in-{name}", 20_000_000_000, "03:00", our_ref=f"pay-{name}")
        row |= {"tx_hash": "0xsame", "log_index": name[-1]}
    assert run(day, tmp_path).codes == []


def test_exactly_ten_thousand_belongs_to_stripe(day, tmp_path):
    day.paid("E1", 10_000_00, fee=0)
    day.deposited("C1", 10_000_000_001)
    assert run(day, tmp_path).codes == []


def test_a_payout_that_failed_is_not_expected_at_the_bank(day, tmp_path):
    day.payout("A", 100_00, "-4 00:00", status="failed", trace_id="")
    back = {"reporting_category": "payout_reversal", "trace_id": "", "gross": "100.00"}
    day.payout("B", 100_00, "-4 15:00", status="failed", net="100.00", **back)
    assert run(day, tmp_path).codes == []


def test_a_payout_on_its_way_is_in_transit(day, tmp_path):
    day.payout("A", 100_00, "-1 22:00")
    result = run(day, tmp_path)
    assert result.codes == []
    assert [(r["kind"], r["amount_minor"]) for r in result.table("in_transit")] == [
        ("PAYOUT", 100_00)
    ]


def test_pending_entries_and_debits_of_the_bank_are_not_judged(day, tmp_path):
    day.credit("NOTPROVIDED", 77_00, status="PDNG")
    day.credit("INV-1", 77_00, direction="DBIT")
    assert run(day, tmp_path).codes == []


def usd(minor):
    return {"minor": minor, "currency": "USD"}
