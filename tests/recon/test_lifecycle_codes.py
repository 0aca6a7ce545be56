"""What the escrow's own history shows, though no provider row may ever show it."""

import pytest

from tests.recon.day import Day
from tests.recon.outcome import only, run


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    return day


def usd(minor):
    return {"minor": minor, "currency": "USD"}


@pytest.mark.parametrize(
    ("created_at", "is_late"), [("-3 22:59", True), ("-3 23:01", False)]
)
def test_waiting_for_funds_ends_after_72_hours_and_one_of_grace(
    day, tmp_path, created_at, is_late
):
    day.escrow("E1", 100_00, at=created_at)
    assert run(day, tmp_path).codes == (["OVERDUE_TRANSITION"] if is_late else [])


@pytest.mark.parametrize(("at", "is_late"), [("-7 22:59", True), ("-7 23:01", False)])
def test_delivered_ends_after_7_days_and_an_hour_of_grace(tmp_path, at, is_late):
    day = delivered(at)
    assert run(day, tmp_path).codes == (["OVERDUE_TRANSITION"] if is_late else [])


def delivered(at):
    day = Day()
    day.escrow("E1", 100_00, at="-9 02:00")
    day.money("PaymentSucceeded", "E1", 100_00, "ch_1", "-9 03:00", fee=0)
    day.held("E1", "-9 03:00")
    day.event("EscrowDelivered", "E1", at)
    return day


def test_a_transfer_that_waits_for_its_release_is_pending(tmp_path):
    day = delivered("-8 04:00")
    day.money("TransferSucceeded", "E1", 100_00, "tr_1", "23:59")
    assert run(day, tmp_path).codes == []


def test_a_won_chargeback_lets_the_days_of_delivery_begin_anew(tmp_path):
    day = delivered("-8 04:00")
    day.event("ChargebackOpened", "E1", "-7 05:00", dispute_ref="dp", amount=usd(100_00))
    day.event("EscrowDisputed", "E1", "-7 05:00", dispute_id="d", raised_by="CARD_NETWORK")
    day.event("ChargebackClosed", "E1", "-3 05:00", dispute_ref="dp", outcome="WON")
    day.event(
        "EscrowDisputeResolved", "E1", "-3 05:00", dispute_id="d", resolution="RESUME"
    )
    assert run(day, tmp_path).codes == []


def test_an_escrow_in_dispute_is_never_overdue(tmp_path):
    day = delivered("-8 04:00")
    day.event("EscrowDisputed", "E1", "-7 05:00", dispute_id="d", raised_by="buyer")
    assert run(day, tmp_path).codes == []


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("EscrowReleased", {"transfer_id": "nobody"}),
        ("EscrowRefunded", {"refund_id": "nobody"}),
        ("EscrowDisputeResolved", {"dispute_id": "d", "resolution": "REFUND"}),
        ("EscrowCancelled", {"reason": "BUYER"}),
        ("EscrowFundsHeld", {"payment_id": "pay-E0"}),
        ("EscrowCreated", {"amount": usd(1), "rail": "STRIPE"}),
    ],
)
def test_an_event_that_funds_held_does_not_allow(day, tmp_path, kind, payload):
    event = day.event(kind, "E0", "06:00", **payload)
    row = only(run(day, tmp_path), "ILLEGAL_TRANSITION", subject="E0", rail="STRIPE")
    assert row["event_id"] == event["event_id"]


def test_a_delivery_after_the_end_is_illegal(day, tmp_path):
    day.escrow("E1", 100_00)
    day.event("EscrowCancelled", "E1", "02:00", reason="BUYER")
    day.event("EscrowDelivered", "E1", "04:00")
    only(run(day, tmp_path), "ILLEGAL_TRANSITION", subject="E1")


def test_a_transfer_before_delivery_is_told_once(day, tmp_path):
    day.money("TransferSucceeded", "E0", 500_00, "tr_1", "05:00")
    day.event("EscrowReleased", "E0", "05:00", transfer_id="out-E0")
    day.row("transfer", "tr_1", -500_00, "05:00", escrow="E0")
    only(run(day, tmp_path), "ILLEGAL_TRANSITION", subject="E0")


def test_yesterdays_illegal_event_is_yesterdays(day, tmp_path):
    day.escrow("E1", 100_00, at="-2 02:00")
    day.event("EscrowCancelled", "E1", "-1 03:00", reason="BUYER")
    day.event("EscrowDelivered", "E1", "-1 04:00")
    assert run(day, tmp_path).codes == []


def test_a_refund_after_a_release_without_reversal(day, tmp_path):
    day.released("E0", at="04:00")
    event = day.money("RefundSucceeded", "E0", 500_00, "re_1", "06:00")
    day.row("refund", "re_1", -500_00, "06:00", escrow="E0")
    row = only(
        run(day, tmp_path),
        "REFUND_NOT_CLAWED_BACK",
        subject="E0",
        provider_ref="re_1",
        expected_minor=-500_00,
        actual_minor=0,
    )
    assert row["event_id"] == event["event_id"]


def test_a_refund_long_after_the_release(tmp_path):
    day = delivered("-5 04:00")
    day.money("TransferSucceeded", "E1", 100_00, "tr_1", "-4 05:00")
    day.event("EscrowReleased", "E1", "-4 05:00", transfer_id="out-E1")
    day.money("RefundSucceeded", "E1", 100_00, "re_1", "06:00")
    day.row("refund", "re_1", -100_00, "06:00", escrow="E1")
    only(run(day, tmp_path), "REFUND_NOT_CLAWED_BACK", subject="E1")


@pytest.mark.parametrize("order", [("R", "T"), ("T", "R")])
def test_a_split_of_more_than_there_was_is_a_negative_balance(day, tmp_path, order):
    day.event("EscrowDisputed", "E0", "04:00", dispute_id="d1", raised_by="b")
    day.event("EscrowDisputeResolved", "E0", "05:00", dispute_id="d1", resolution="SPLIT")
    for number, leg in enumerate(order):
        kind, ref = (
            ("RefundSucceeded", "re_1") if leg == "R" else ("TransferSucceeded", "tr_1")
        )
        last = day.money(kind, "E0", 300_00, ref, f"05:0{number}")
    day.event("EscrowReleased", "E0", "05:03", transfer_id="out-E0")
    day.event("EscrowRefunded", "E0", "05:04", refund_id="back-re_1")
    day.row("transfer", "tr_1", -300_00, "05:01", escrow="E0")
    day.row("refund", "re_1", -300_00, "05:02", escrow="E0")
    row = only(
        run(day, tmp_path),
        "NEGATIVE_ESCROW_BALANCE",
        subject="E0",
        expected_minor=0,
        actual_minor=-100_00,
    )
    assert row["event_id"] == last["event_id"]
    assert row["provider_ref"] == last["payload"]["provider_ref"]


def test_a_missing_version_names_the_event_after_it(day, tmp_path):
    day.versions["escrow.events.v1", "E0"] += 2
    event = day.event("EscrowDelivered", "E0", "06:00")
    row = only(run(day, tmp_path), "SEQUENCE_GAP", subject="E0", rail="STRIPE")
    assert row["event_id"] == event["event_id"]


def test_what_a_missing_version_hides_is_not_held_against_the_escrow(day, tmp_path):
    day.versions["escrow.events.v1", "E0"] += 1
    day.money("TransferSucceeded", "E0", 500_00, "tr_1", "05:00")
    day.event("EscrowReleased", "E0", "05:00", transfer_id="out-E0")
    day.row("transfer", "tr_1", -500_00, "05:00", escrow="E0")
    only(run(day, tmp_path), "SEQUENCE_GAP", subject="E0")


@pytest.mark.parametrize("missing", [[102], [102, 103], [100], [105]])
def test_a_hole_in_the_offsets_is_told_once_whatever_its_length(day, tmp_path, missing):
    topic = "escrow.events.v1"
    day.offset_ranges = [
        {"topic": topic, "partition": 0, "first_offset": 100, "last_offset": 105}
    ]
    free = [offset for offset in range(100, 106) if offset not in missing]
    own = [event for event in day.events if event["topic"] == topic]
    for event, offset in zip(own, free, strict=False):
        event["offset"] = offset
    for number in range(len(free) - len(own)):
        refused = day.event("EscrowRefusedCommand", "E0", "07:00", command="ReleaseFunds")
        refused["offset"] = free[len(own) + number]
    only(run(day, tmp_path), "SEQUENCE_GAP", subject=f"{topic}/0", rail=None)


def test_an_event_missing_from_both_sequences_is_told_once(day, tmp_path):
    topic = "escrow.events.v1"
    day.event("EscrowRefusedCommand", "E0", "05:00", command="ReleaseFunds")
    lost = day.event("EscrowRefusedCommand", "E0", "06:00", command="ReleaseFunds")
    last = day.event("EscrowDelivered", "E0", "07:00")
    day.events.remove(lost)
    span = {"first_offset": 100, "last_offset": last["offset"]}
    day.offset_ranges = [{"topic": topic, "partition": 0} | span]
    only(run(day, tmp_path), "SEQUENCE_GAP", subject="E0")


def test_holes_of_older_days_are_not_judged(day, tmp_path):
    day.events[-1]["offset"] = 900
    day.offset_ranges = [
        {
            "topic": "payments.events.v1",
            "partition": 0,
            "first_offset": 100,
            "last_offset": 101,
        }
    ]
    assert run(day, tmp_path).codes == []
