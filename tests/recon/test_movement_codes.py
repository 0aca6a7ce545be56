"""Each code about a single movement, planted in several forms, found once and priced."""

import pytest

from tests.recon.day import Day, major
from tests.recon.outcome import only, run


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


@pytest.mark.parametrize("kind", ["charge", "transfer", "refund", "reversal", "chargeback"])
def test_a_booked_movement_that_the_provider_does_not_know_is_missing(day, tmp_path, kind):
    match kind:
        case "charge":
            day.escrow("E1", 100_00)
            event = day.money("PaymentSucceeded", "E1", 100_00, "ref", "03:00", fee=320)
            day.held("E1", "03:00")
        case "transfer":
            day.event("EscrowDelivered", "E0", "04:00")
            event = day.money("TransferSucceeded", "E0", 500_00, "ref", "05:00")
            day.event("EscrowReleased", "E0", "05:00", transfer_id="out-E0")
        case "refund":
            event = day.money("RefundSucceeded", "E0", 500_00, "ref", "05:00")
            day.event("EscrowRefunded", "E0", "05:00", refund_id="back-ref")
        case "reversal":
            day.released("E0", at="04:00")
            more = {"transfer_id": "out-E0"}
            event = day.money("TransferReversed", "E0", 500_00, "ref", "05:00", **more)
        case "chargeback":
            amount = {"minor": 500_00, "currency": "USD"}
            event = day.event(
                "ChargebackOpened", "E0", "05:00", dispute_ref="ref", amount=amount
            )
            day.event(
                "EscrowDisputed", "E0", "05:00", dispute_id="d", raised_by="CARD_NETWORK"
            )
    row = only(
        run(day, tmp_path), "MISSING_AT_PROVIDER", provider_ref="ref", actual_minor=0
    )
    assert row["event_id"] == event["event_id"]
    sign = -1 if kind in {"transfer", "refund", "chargeback"} else 1
    assert row["expected_minor"] == sign * (100_00 if kind == "charge" else 500_00)


def test_a_deposit_that_the_custodian_does_not_know_is_missing(day, tmp_path):
    day.deposited("C1", row=False)
    only(run(day, tmp_path), "MISSING_AT_PROVIDER", rail="CUSTODIAN", subject="C1")


@pytest.mark.parametrize(
    ("category", "gross", "fee"),
    [("charge", 700_00, 2060), ("transfer", -70_00, 0), ("refund", -70_00, 0)],
)
def test_a_row_without_event_is_missing_in_the_ledger(day, tmp_path, category, gross, fee):
    day.row(category, "ref", gross, "06:00", fee=fee, escrow="E9")
    only(
        run(day, tmp_path),
        "MISSING_IN_LEDGER",
        subject="E9",
        provider_ref="ref",
        event_id=None,
        expected_minor=0,
        actual_minor=gross,
    )


def test_a_row_without_metadata_names_the_account(day, tmp_path):
    day.row("charge", "ref", 70_00, "06:00")
    only(run(day, tmp_path), "MISSING_IN_LEDGER", subject="acct_test")


def test_a_reversed_dispute_without_event_is_missing_in_the_ledger(day, tmp_path):
    day.row("dispute_reversal", "dp_9", 70_00, "06:00")
    only(run(day, tmp_path), "MISSING_IN_LEDGER", provider_ref="dp_9")


@pytest.mark.parametrize("minor", [31_000_000_000, -31_000_000_000])
def test_a_stranger_at_the_custodian_is_missing_in_the_ledger(day, tmp_path, minor):
    day.chain_row("stranger", minor, "06:00")
    only(
        run(day, tmp_path),
        "MISSING_IN_LEDGER",
        rail="CUSTODIAN",
        subject="vault-test",
        provider_ref="stranger",
        actual_minor=minor,
    )


def test_a_deposit_for_a_known_payment_names_its_escrow(day, tmp_path):
    day.escrow("C1", 20_000_000_000, rail="CUSTODIAN")
    day.chain_row("in-C1", 20_000_000_000, "06:00", our_ref="pay-C1")
    only(run(day, tmp_path), "MISSING_IN_LEDGER", subject="C1")


@pytest.mark.parametrize("slip", [1, -1, 40_000])
def test_a_charge_of_another_amount(day, tmp_path, slip):
    day.activity[0] |= {"gross": major(500_00 + slip), "net": major(485_20 + slip)}
    only(
        run(day, tmp_path),
        "AMOUNT_MISMATCH",
        subject="E0",
        expected_minor=500_00,
        actual_minor=500_00 + slip,
        difference_minor=slip,
    )


def test_another_amount_with_the_fee_that_follows_from_it_is_one_cause(day, tmp_path):
    day.activity[0] |= {"gross": "600.00", "fee": "17.70", "net": "582.30"}
    only(run(day, tmp_path), "AMOUNT_MISMATCH", actual_minor=600_00)


def test_a_transfer_of_another_amount_keeps_its_sign(day, tmp_path):
    day.released("E0", row=False)
    day.row("transfer", "tr_E0", -499_99, "05:00")
    only(
        run(day, tmp_path), "AMOUNT_MISMATCH", expected_minor=-500_00, actual_minor=-499_99
    )


def test_the_smallest_unit_of_usdc_is_seen(day, tmp_path):
    day.deposited("C1", row=False)
    day.chain_row("in-C1", 19_999_999_999, "03:00", our_ref="pay-C1")
    only(run(day, tmp_path), "AMOUNT_MISMATCH", difference_minor=-1, currency="USDC")


def test_yesterdays_event_and_todays_row_of_another_amount(day, tmp_path):
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "-1 23:59", fee=0)
    day.held("E1", "-1 23:59")
    day.row("charge", "ch_E1", 99_00, "00:05", escrow="E1")
    only(run(day, tmp_path), "AMOUNT_MISMATCH", subject="E1", difference_minor=-1_00)


def test_a_charge_in_another_currency(day, tmp_path):
    day.activity[0]["currency"] = "eur"
    only(run(day, tmp_path), "CURRENCY_MISMATCH", subject="E0", provider_ref="ch_E0")


def test_a_currency_that_the_summary_took_for_ours_is_explained(day, tmp_path):
    day.activity[0]["currency"] = "eur"
    day.summary_slip = {"activity": 485_20, "ending_balance": 485_20}
    only(run(day, tmp_path), "CURRENCY_MISMATCH", subject="E0")


def test_another_asset_at_the_custodian(day, tmp_path):
    day.deposited("C1", row=False)
    day.chain_row("in-C1", 20_000_000_000, "03:00", our_ref="pay-C1", asset="EURC")
    only(run(day, tmp_path), "CURRENCY_MISMATCH", subject="C1", rail="CUSTODIAN")


@pytest.mark.parametrize("ref", ["ch_again", "ch_E0"])
def test_a_card_that_was_charged_twice(day, tmp_path, ref):
    day.row("charge", ref, 500_00, "03:01", fee=1480, escrow="E0")
    row = only(
        run(day, tmp_path),
        "DUPLICATE_AT_PROVIDER",
        subject="E0",
        provider_ref=ref,
        event_id=None,
        expected_minor=0,
        actual_minor=500_00,
    )
    assert row["rail"] == "STRIPE"


def test_a_card_that_was_charged_twice_in_the_last_hour(day, tmp_path):
    day.row("charge", "ch_again", 500_00, "23:30", fee=1480, escrow="E0")
    only(run(day, tmp_path), "DUPLICATE_AT_PROVIDER", provider_ref="ch_again")


def test_a_seller_who_was_paid_twice_by_stripe(day, tmp_path):
    day.released("E0")
    day.row("transfer", "tr_again", -500_00, "05:10", escrow="E0")
    only(run(day, tmp_path), "DUPLICATE_AT_PROVIDER", actual_minor=-500_00)


def test_a_seller_who_was_paid_twice_on_the_chain(day, tmp_path):
    day.deposited("C1")
    day.event("EscrowDelivered", "C1", "04:00")
    pay = {"currency": "USDC", "destination": "0xSeller"}
    day.money("TransferSucceeded", "C1", 20_000_000_000, "first", "05:00", **pay)
    day.event("EscrowReleased", "C1", "05:00", transfer_id="out-C1")
    day.chain_row("first", -20_000_000_000, "05:00", our_ref="out-C1")
    day.chain_row("again", -20_000_000_000, "05:10", our_ref="out-C1")
    only(
        run(day, tmp_path),
        "DUPLICATE_AT_PROVIDER",
        subject="C1",
        provider_ref="again",
        actual_minor=-20_000_000_000,
    )


def test_a_second_payment_for_yesterdays_charge(day, tmp_path):
    day.escrow("E1", 100_00, at="-2 02:00")
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "-1 09:00", fee=0)
    day.held("E1", "-1 09:00")
    day.row("charge", "ch_again", 100_00, "09:00", escrow="E1")
    only(run(day, tmp_path), "DUPLICATE_AT_PROVIDER", subject="E1", provider_ref="ch_again")


@pytest.mark.parametrize("minor", [500_00, 400_00])
def test_a_movement_that_was_booked_twice(day, tmp_path, minor):
    event = day.money("PaymentSucceeded", "E0", minor, "ch_E0", "03:10", fee=1480)
    row = only(
        run(day, tmp_path),
        "DUPLICATE_EVENT",
        subject="E0",
        provider_ref="ch_E0",
        expected_minor=minor,
        actual_minor=0,
    )
    assert row["event_id"] == event["event_id"]


def test_a_transfer_that_was_booked_twice_is_neither_illegal_nor_negative(day, tmp_path):
    day.released("E0")
    day.money("TransferSucceeded", "E0", 500_00, "tr_E0", "05:30")
    only(run(day, tmp_path), "DUPLICATE_EVENT", expected_minor=-500_00)


def test_the_same_event_delivered_twice_is_one_event(day, tmp_path):
    day.events.append(day.events[-2] | {"offset": 500})
    assert run(day, tmp_path).codes == []


@pytest.mark.parametrize("fee", [12_00, 0, 14_81])
def test_a_fee_that_is_not_the_one_we_booked(day, tmp_path, fee):
    day.activity[0] |= {"fee": major(fee), "net": major(500_00 - fee)}
    only(run(day, tmp_path), "FEE_VARIANCE", expected_minor=14_80, actual_minor=fee)


def test_a_fee_on_a_refund_was_never_booked(day, tmp_path):
    day.money("RefundSucceeded", "E0", 500_00, "re_1", "05:00")
    day.event("EscrowRefunded", "E0", "05:00", refund_id="back-re_1")
    day.row("refund", "re_1", -500_00, "05:00", fee=25, escrow="E0")
    only(run(day, tmp_path), "FEE_VARIANCE", expected_minor=0, actual_minor=25)


@pytest.mark.parametrize("changed", [{"net": "487.70"}, {"fee": "14.00"}])
def test_a_row_that_contradicts_itself(day, tmp_path, changed):
    day.activity[0] |= changed
    row = only(run(day, tmp_path), "ARITHMETIC_BREAK", subject="E0", provider_ref="ch_E0")
    assert row["expected_minor"] == 500_00 - (14_00 if "fee" in changed else 14_80)


def test_a_broken_row_that_the_summary_counts_rightly(day, tmp_path):
    day.activity[0]["net"] = "487.70"
    day.summary_slip = {"activity": -2_50, "ending_balance": -2_50}
    only(run(day, tmp_path), "ARITHMETIC_BREAK", difference_minor=2_50)


def test_a_payout_row_that_contradicts_itself(day, tmp_path):
    day.payout("A", 100_00, "00:00", net="-101.00")
    day.credit("trace-A", 100_00)
    only(run(day, tmp_path), "ARITHMETIC_BREAK", subject="po_A")


def test_a_category_that_we_do_not_know(day, tmp_path):
    day.row("loyalty_settlement", "adj_1", 17_03, "15:00")
    only(
        run(day, tmp_path),
        "UNKNOWN_CATEGORY",
        subject="acct_test",
        provider_ref="adj_1",
        expected_minor=0,
        actual_minor=17_03,
    )


def test_a_known_charge_in_a_category_that_we_do_not_know(day, tmp_path):
    day.activity[0]["reporting_category"] = "payment_capture"
    only(run(day, tmp_path), "UNKNOWN_CATEGORY", subject="E0", provider_ref="ch_E0")


def test_a_status_that_we_do_not_know(day, tmp_path):
    day.deposited("C1")
    day.custody[-1]["status"] = "PONDERING"
    only(run(day, tmp_path), "UNKNOWN_CATEGORY", subject="C1", rail="CUSTODIAN")


def test_a_payout_status_that_we_do_not_know(day, tmp_path):
    day.payout("A", 100_00, "00:00", status="pondering")
    only(run(day, tmp_path), "UNKNOWN_CATEGORY", subject="po_A")


@pytest.mark.parametrize("fee", [0, 15_00])
def test_a_chargeback_that_nobody_booked(day, tmp_path, fee):
    day.row("dispute", "dp_1", -500_00, "08:00", fee=fee, escrow="E0")
    only(
        run(day, tmp_path),
        "CHARGEBACK_UNBOOKED",
        subject="E0",
        provider_ref="dp_1",
        expected_minor=0,
        actual_minor=-500_00,
    )


def test_a_row_that_two_bookings_fit_is_ambiguous(day, tmp_path):
    for name in ("E1", "E2"):
        day.escrow(name, 100_00)
        day.money("PaymentSucceeded", name, 100_00, f"ch_{name}", "06:00", fee=0)
        day.held(name, "06:00")
    day.row("charge", "", 100_00, "06:00", txn="txn_lost")
    result = run(day, tmp_path)
    only(result, "AMBIGUOUS", provider_ref="txn_lost", actual_minor=100_00)
    assert {r["provider_ref"] for r in result.table("in_transit")} == {"ch_E1", "ch_E2"}


def test_a_row_that_only_one_booking_fits_is_its_row(day, tmp_path):
    day.escrow("E1", 100_00)
    day.money("PaymentSucceeded", "E1", 100_00, "ch_E1", "06:00", fee=0)
    day.held("E1", "06:00")
    day.row("charge", "", 100_00, "06:00")
    result = run(day, tmp_path)
    assert result.codes == []
    assert "only_candidate" in {row["rule"] for row in result.table("matches")}


def test_a_reversal_that_two_parts_of_one_transfer_fit_is_ambiguous(day, tmp_path):
    day.released("E0")
    for part in ("trr_1", "trr_2"):
        day.money("TransferReversed", "E0", 50_00, part, "07:00", transfer_id="out-E0")
    day.row("transfer_reversal", "tr_E0", 50_00, "07:00", escrow="E0")
    only(run(day, tmp_path), "AMBIGUOUS", subject="E0", provider_ref="tr_E0")
