"""What only a custodian can get wrong: tokens, chains, destinations, finality."""

import pytest

from tests.recon.day import TREASURY, Day
from tests.recon.outcome import only, run

AMOUNT = 20_000_000_000


@pytest.fixture
def day():
    day = Day()
    day.deposited("C0")
    return day


def pay_out(day, *, row=True, **changed):
    """A delivered escrow is paid; `changed` is what the row says otherwise."""
    day.event("EscrowDelivered", "C0", "04:00")
    event = day.money(
        *("TransferSucceeded", "C0", AMOUNT, "out", "05:00"),
        currency="USDC",
        destination="0xSELLER",
    )
    day.event("EscrowReleased", "C0", "05:00", transfer_id="out-C0")
    if row:
        day.chain_row("out", -AMOUNT, "05:00", our_ref="out-C0", **changed)
    return event


@pytest.mark.parametrize("status", ["FAILED", "DENIED", "CANCELLED"])
def test_we_say_succeeded_and_the_custodian_says_it_did_not(day, tmp_path, status):
    event = pay_out(day, status=status)
    row = only(
        run(day, tmp_path),
        "STATUS_MISMATCH",
        subject="C0",
        provider_ref="out",
        expected_minor=-AMOUNT,
        actual_minor=0,
    )
    assert row["event_id"] == event["event_id"]


def test_we_say_failed_and_the_custodian_moved_it(day, tmp_path):
    day.event("EscrowDelivered", "C0", "04:00")
    event = day.event(
        "TransferFailed", "C0", "05:00", transfer_id="out-C0", rail="CUSTODIAN"
    )
    day.chain_row("out", -AMOUNT, "05:00", our_ref="out-C0")
    row = only(
        run(day, tmp_path),
        "STATUS_MISMATCH",
        subject="C0",
        expected_minor=0,
        actual_minor=-AMOUNT,
    )
    assert row["event_id"] == event["event_id"]


def test_we_say_failed_and_stripe_moved_it(tmp_path):
    day = Day()
    day.escrow("E1", 100_00)
    day.event("PaymentFailed", "E1", "03:00", payment_id="pay-E1", rail="STRIPE")
    day.row("charge", "ch_1", 100_00, "03:00", escrow="E1")
    only(run(day, tmp_path), "STATUS_MISMATCH", subject="E1", actual_minor=100_00)


@pytest.mark.parametrize("status", ["SENT", "STUCK", "CONFIRMED", "QUEUED"])
def test_a_transaction_that_is_not_final_after_six_hours(day, tmp_path, status):
    pay_out(day, status=status)
    only(
        run(day, tmp_path),
        "UNCONFIRMED_BEYOND_SLA",
        subject="C0",
        expected_minor=-AMOUNT,
        actual_minor=0,
    )


def test_six_hours_have_not_passed_when_the_run_is_early(day, tmp_path):
    day.as_of = "2026-11-19T10:59:00Z"
    pay_out(day, status="SENT")
    result = run(day, tmp_path)
    assert result.codes == []
    assert [row["provider_ref"] for row in result.table("in_transit")] == ["out"]


@pytest.mark.parametrize(
    "changed",
    [
        {"token_contract": "0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca"},
        {"chain_id": "1"},
        {"token_contract": "0xd9aaec86b65d86f6a7b5b1b0c42ffa531710b6ca", "asset": "USD"},
    ],
)
def test_a_deposit_in_another_token_or_on_another_chain(tmp_path, changed):
    day = Day()
    day.deposited("C1", row=False)
    day.chain_row("in-C1", AMOUNT, "03:00", our_ref="pay-C1", **changed)
    only(run(day, tmp_path), "WRONG_TOKEN", subject="C1", provider_ref="in-C1")


def test_a_token_that_nobody_asked_for_is_a_wrong_token(day, tmp_path):
    foreign = {"decimals": "18", "token_contract": "0xspam"}
    day.chain_row("spam", 5 * 10**24, "03:00", **foreign)
    only(run(day, tmp_path), "WRONG_TOKEN", subject="vault-test", provider_ref="spam")


def test_a_transfer_to_another_address(day, tmp_path):
    pay_out(day, to_address="0xsomebody")
    only(run(day, tmp_path), "WRONG_DESTINATION", subject="C0", provider_ref="out")


def test_addresses_compare_without_regard_to_case(day, tmp_path):
    pay_out(day, to_address="0xSeLLeR")
    assert run(day, tmp_path).codes == []


def test_money_between_our_own_wallets_is_no_finding(day, tmp_path):
    day.chain_row("in", 7, "09:00", from_address=TREASURY.lower())
    assert run(day, tmp_path).codes == []


def test_an_amount_that_no_integer_of_64_bits_holds_comes_out_exact(day, tmp_path):
    day.chain_row("whale", 12345678901234567891, "06:00")
    row = only(run(day, tmp_path), "MISSING_IN_LEDGER", actual_minor=12345678901234567891)
    assert "12345678901234.567891 USDC" in row["explanation"]


@pytest.mark.parametrize(
    ("minor", "is_wrong"), [(10_000_000_000, True), (10_000_000_001, False)]
)
def test_small_escrows_do_not_belong_to_the_custodian(tmp_path, minor, is_wrong):
    day = Day()
    day.deposited("C1", minor)
    assert run(day, tmp_path).codes == (["WRONG_RAIL"] if is_wrong else [])


@pytest.mark.parametrize(("minor", "is_wrong"), [(10_000_01, True), (10_000_00, False)])
def test_large_escrows_do_not_belong_to_stripe(tmp_path, minor, is_wrong):
    day = Day()
    day.paid("E1", minor)
    assert run(day, tmp_path).codes == (["WRONG_RAIL"] if is_wrong else [])


def test_the_rail_is_judged_on_the_day_of_the_payment_only(tmp_path):
    day = Day()
    day.escrow("E1", 20_000_00, at="-3 02:00")
    day.money("PaymentSucceeded", "E1", 20_000_00, "ch_1", "-2 03:00", fee=0)
    day.held("E1", "-2 03:00")
    assert run(day, tmp_path).codes == []


def test_a_transaction_sent_yesterday_and_complete_today_is_a_late_row(tmp_path):
    day = Day()
    day.escrow("C1", AMOUNT, rail="CUSTODIAN")
    day.money("PaymentSucceeded", "C1", AMOUNT, "in-C1", "-1 23:59", currency="USDC")
    day.held("C1", "-1 23:59")
    sent_at = "2026-11-18T23:58:00Z"
    day.chain_row("in-C1", AMOUNT, "00:04", our_ref="pay-C1", created_at=sent_at)
    assert run(day, tmp_path).codes == []


def test_an_unknown_status_explains_what_its_row_may_have_moved(day, tmp_path):
    day.summary_slip["holding_closing"] = -AMOUNT
    pay_out(day, status="REJECTED")
    only(run(day, tmp_path), "UNKNOWN_CATEGORY", subject="C0", provider_ref="out")


def test_another_token_is_told_in_its_own_amount_and_as_grave_as_it_is_large(tmp_path):
    day = Day()
    day.deposited("C1")
    day.custody[-1]["asset"] = "EURC"
    row = only(run(day, tmp_path), "CURRENCY_MISMATCH", subject="C1", severity="CRITICAL")
    assert "moved 20000.000000 EURC" in row["explanation"]


def test_a_strangers_ether_is_told_and_stops_nobody(day, tmp_path):
    ether = {"asset": "ETH", "token_contract": "", "decimals": "18"}
    day.chain_row("dust", 12_345_678_901_234_567, "03:00", **ether)
    row = only(run(day, tmp_path), "MISSING_IN_LEDGER", provider_ref="dust")
    assert "0.012345 ETH" in row["explanation"]


@pytest.mark.parametrize(
    "moment", ["2026-11-19T05:00:00", "2026-11-19 05:00", "2026-11-19"]
)
@pytest.mark.parametrize("column", ["created_at", "updated_at", "block_time"])
def test_a_time_without_its_zone_is_refused_by_its_row(day, tmp_path, column, moment):
    pay_out(day)
    day.custody[-1][column] = moment
    row = only(run(day, tmp_path), "SOURCE_CORRUPT")
    assert f"row 2, column {column}: '{moment}'" in row["explanation"]
