"""What is difficult and yet in order: none of it may be reported."""

from tests.recon.day import TREASURY, major
from tests.recon.golden import lives
from tests.recon.golden.plan import Draft, Finding, in_usdc

Nothing = tuple[Finding, ...]


def a_life_at_stripe(day: Draft, name: str, minor: int) -> Nothing:
    day.paid(name, minor, at=day.clock(1, 12), fee=minor * 29 // 1000 + 30)
    day.released(name, minor, at=day.clock(12, 22))
    return ()


def a_life_at_the_custodian(day: Draft, name: str, minor: int) -> Nothing:
    units = in_usdc(minor)
    day.deposited(name, units, at=day.clock(1, 12))
    day.event("EscrowDelivered", name, "12:00")
    lives.sent(day, name, units, day.clock(13, 22))
    return ()


def a_release_of_an_older_escrow(day: Draft, name: str, minor: int) -> Nothing:
    lives.delivered_earlier(day, name, minor)
    at = day.clock(2, 22)
    lives.transferred(day, name, minor, at)
    day.row("transfer", f"tr_{name}", -minor, at, escrow=name)
    return ()


def an_event_of_the_evening_without_its_row(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor)
    at = day.clock(13, 24)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", at, fee=310)
    day.held(name, at)
    return ()


def an_event_of_the_first_minutes_without_its_row(
    day: Draft, name: str, minor: int
) -> Nothing:
    """Its row was in yesterday's file, and its money in yesterday's balance."""
    day.escrow(name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "00:20", fee=0)
    day.held(name, "00:20")
    day.moved_before["STRIPE"] = day.moved_before.get("STRIPE", 0) + minor
    return ()


def a_row_of_the_last_minutes_without_its_event(
    day: Draft, name: str, minor: int
) -> Nothing:
    """A webhook that is late: tomorrow has the event."""
    day.escrow(name, minor)
    day.row("charge", f"ch_{name}", minor, "23:40", fee=310, escrow=name)
    return ()


def a_webhook_that_is_hours_late(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "15:00", fee=310)
    day.held(name, "15:00")
    day.row("charge", f"ch_{name}", minor, "02:00", fee=310, escrow=name)
    return ()


def yesterdays_event_with_todays_row(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-1 23:58", fee=310)
    day.held(name, "-1 23:58")
    day.row("charge", f"ch_{name}", minor, "00:05", fee=310, escrow=name)
    return ()


def refunds_in_parts(day: Draft, name: str, minor: int) -> Nothing:
    day.paid(name, minor, at="03:00", fee=310)
    for part, share in enumerate((minor // 3, minor - minor // 3)):
        ref = f"re_{name}_{part}"
        day.money("RefundSucceeded", name, share, ref, f"0{5 + part}:00")
        day.row("refund", ref, -share, f"0{5 + part}:00", escrow=name)
    day.event("EscrowRefunded", name, "07:00", refund_id=f"back-re_{name}_1")
    return ()


def a_part_that_was_refunded_at_the_provider(day: Draft, name: str, minor: int) -> Nothing:
    """The rest is disputed by the house, until a person gives it to the seller."""
    lives.paid_earlier(day, name, minor)
    part = minor // 3
    day.money("RefundSucceeded", name, part, f"re_{name}", "05:00")
    more = {"dispute_id": f"d-{name}", "raised_by": "payouts"}
    day.event("EscrowDisputed", name, "05:00", **more)
    back = {"refund_id": f"back-re_{name}", "amount": lives.usd(part)}
    day.event("EscrowRefunded", name, "05:00", **back)
    more = {"dispute_id": f"d-{name}", "resolution": "RELEASE"}
    day.event("EscrowDisputeResolved", name, "06:00", **more)
    lives.transferred(day, name, minor - part, "06:10")
    day.row("refund", f"re_{name}", -part, "05:00", escrow=name)
    day.row("transfer", f"tr_{name}", part - minor, "06:10", escrow=name)
    return ()


def a_fee_that_is_rounded(day: Draft, name: str, minor: int) -> Nothing:
    """2.9 % and 30 cents, half a cent to the even neighbour: booked and taken alike."""
    minor = minor // 1000 * 1000 + 500
    fee = round(minor * 29 / 1000) + 30
    day.paid(name, minor, at="04:00", fee=fee)
    return ()


def a_split_payout(day: Draft, name: str, minor: int) -> Nothing:
    lives.delivered_earlier(day, name, minor)
    lives.disputed(day, name, "04:00", "SPLIT")
    seller = minor * 2 // 3
    lives.transferred(day, name, seller, "05:00")
    lives.refunded(day, name, minor - seller, "05:10")
    day.row("transfer", f"tr_{name}", -seller, "05:00", escrow=name)
    day.row("refund", f"re_{name}", seller - minor, "05:10", escrow=name)
    return ()


def two_equal_amounts_of_the_same_minute(day: Draft, name: str, minor: int) -> Nothing:
    for twin in ("a", "b"):
        day.paid(f"{name}{twin}", minor, at="09:15:30", fee=310)
    return ()


def two_equal_rows_without_metadata(day: Draft, name: str, minor: int) -> Nothing:
    for twin in ("a", "b"):
        day.paid(f"{name}{twin}", minor, at="09:15:30", fee=310)
        day.activity[-1]["payment_metadata[escrow_id]"] = ""
    return ()


def a_row_without_reference_that_one_booking_fits(
    day: Draft, name: str, minor: int
) -> Nothing:
    day.paid(name, minor, at="08:00", fee=310)
    day.activity[-1]["source_id"] = ""
    return ()


def an_event_that_was_delivered_twice(day: Draft, name: str, minor: int) -> Nothing:
    day.paid(name, minor, at="08:00", fee=310)
    [event] = [
        event
        for event in day.events
        if event["aggregate_id"] == name and event["event_type"] == "PaymentSucceeded"
    ]
    day.events.append(dict(event))
    return ()


def a_chargeback_that_was_won(day: Draft, name: str, minor: int) -> Nothing:
    lives.paid_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    lives.won(day, name, "16:00")
    day.row("dispute", f"dp_{name}", -minor, "06:00", fee=15_00, escrow=name)
    day.row("dispute_reversal", f"dp_{name}", minor, "16:00", fee=-15_00, escrow=name)
    return ()


def a_chargeback_that_was_lost(day: Draft, name: str, minor: int) -> Nothing:
    lives.delivered_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    ref = f"dp_{name}"
    day.event("ChargebackClosed", name, "16:00", dispute_ref=ref, outcome="LOST")
    day.event("EscrowRefunded", name, "16:00", refund_id=ref, amount=lives.usd(minor))
    day.row("dispute", ref, -minor, "06:00", fee=15_00, escrow=name)
    return ()


def a_refund_that_was_clawed_back(day: Draft, name: str, minor: int) -> Nothing:
    lives.released_earlier(day, name, minor)
    lives.reversed_transfer(day, name, minor, "07:00", f"trr_{name}")
    day.money("RefundSucceeded", name, minor, f"re_{name}", "08:00")
    carried = f"tr_{name}" if day.dice.random() < 0.5 else f"trr_{name}"
    day.row("transfer_reversal", carried, minor, "07:00", escrow=name)
    day.row("refund", f"re_{name}", -minor, "08:00", escrow=name)
    return ()


def a_card_that_was_declined_first(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor)
    more = {"payment_id": f"pay-{name}", "rail": "STRIPE"}
    day.event("PaymentFailed", name, "02:00", **more)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "02:30", fee=310)
    day.held(name, "02:30")
    day.row("charge", f"ch_{name}", minor, "02:30", fee=310, escrow=name)
    return ()


def a_payment_that_came_after_the_end(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor)
    day.event("EscrowCancelled", name, "02:00", reason="BUYER")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "03:00", fee=310)
    day.money("RefundSucceeded", name, minor, f"re_{name}", "03:05")
    day.row("charge", f"ch_{name}", minor, "03:00", fee=310, escrow=name)
    day.row("refund", f"re_{name}", -minor, "03:05", escrow=name)
    return ()


def a_transfer_that_failed_and_was_sent_again(day: Draft, name: str, minor: int) -> Nothing:
    units = lives.deposited_earlier(day, name, minor)
    more = {"transfer_id": f"out-{name}", "rail": "CUSTODIAN"}
    day.event("TransferFailed", name, "05:00", **more)
    ref = {"our_ref": f"out-{name}", "to_address": f"0xseller{name}"}
    day.chain_row(f"first-{name}", -units, "05:00", status="FAILED", **ref)
    lives.sent(day, name, units, "06:00")
    return ()


def a_transaction_that_is_not_final_for_an_hour(
    day: Draft, name: str, minor: int
) -> Nothing:
    """The run is at noon of the next day; six hours have to be left."""
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "23:50", status="SENT")
    day.as_of = f"{day.date}T23:59:59Z"
    return ()


def usdc_that_calls_itself_usd(day: Draft, name: str, minor: int) -> Nothing:
    day.deposited(name, in_usdc(minor), at="03:00")
    contract = day.custody[-1]["token_contract"].upper().replace("0X", "0x")
    day.custody[-1] |= {"asset": "USD", "token_contract": contract}
    return ()


def two_transfers_of_one_transaction(day: Draft, name: str, minor: int) -> Nothing:
    for twin in ("1", "2"):
        day.deposited(f"{name}-{twin}", in_usdc(minor), at="03:00")
        day.custody[-1] |= {"tx_hash": f"0x{name}", "log_index": twin}
    return ()


def dust_and_our_own_wallets(day: Draft, name: str, minor: int) -> Nothing:
    own = TREASURY.upper().replace("0X", "0x")
    day.chain_row(f"dust-{name}", minor % 7 + 1, "09:00", from_address=own)
    return ()


def a_failed_attempt_that_nobody_booked(day: Draft, name: str, minor: int) -> Nothing:
    day.chain_row(f"idle-{name}", -in_usdc(minor), "09:00", status="CANCELLED")
    return ()


def exactly_at_the_threshold(day: Draft, name: str, _minor: int) -> Nothing:
    day.paid(f"{name}a", 10_000_00, at="03:00", fee=290_30)
    day.deposited(f"{name}b", 10_000_000_001, at="03:00")
    return ()


def our_own_money(day: Draft, name: str, minor: int) -> Nothing:
    day.row("topup", f"tu_{name}", minor, "09:00")
    day.row("fee", "", -(minor // 100), "09:00", txn=f"txn_fee_{name}")
    return ()


def a_payout_that_arrived_the_same_day(day: Draft, name: str, minor: int) -> Nothing:
    day.payout(name, minor, "00:00")
    day.credit(f"trace-{name}", minor)
    return ()


def a_payout_on_its_way(day: Draft, name: str, minor: int) -> Nothing:
    day.payout(name, minor, "-1 22:00")
    return ()


def a_payout_that_failed_and_came_back(day: Draft, name: str, minor: int) -> Nothing:
    day.payout(f"{name}a", minor, "-4 00:00", status="failed", trace_id="")
    back = {"reporting_category": "payout_reversal", "trace_id": ""}
    back |= {"gross": major(minor), "net": major(minor)}
    day.payout(f"{name}b", minor, "-4 15:00", status="failed", **back)
    return ()


def a_payout_without_trace(day: Draft, name: str, minor: int) -> Nothing:
    day.payout(name, minor, "00:00", trace_id="")
    day.credit("NOTPROVIDED", minor)
    return ()


def a_debit_and_a_pending_credit(day: Draft, _name: str, minor: int) -> Nothing:
    day.credit("INV-1", minor, direction="DBIT")
    day.credit("NOTPROVIDED", minor, status="PDNG")
    return ()


def a_won_chargeback_that_delivers_anew(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor, at="-9 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-9 03:00", fee=0)
    day.held(name, "-9 03:00")
    day.event("EscrowDelivered", name, "-8 04:00")
    lives.charged_back(day, name, minor, "-7 05:00")
    lives.won(day, name, "-3 05:00")
    return ()


def a_long_dispute(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor, at="-20 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-20 03:00", fee=0)
    day.held(name, "-20 03:00")
    day.event("EscrowDelivered", name, "-19 04:00")
    lives.disputed(day, name, "-18 04:00")
    return ()


def a_release_that_is_pending(day: Draft, name: str, minor: int) -> Nothing:
    day.escrow(name, minor, at="-9 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-9 03:00", fee=0)
    day.held(name, "-9 03:00")
    day.event("EscrowDelivered", name, "-8 04:00")
    day.money("TransferSucceeded", name, minor, f"tr_{name}", "22:30")
    day.row("transfer", f"tr_{name}", -minor, "22:30", escrow=name)
    return ()


# These change the whole day: one counts on no state, the other on an early run.
ALONE = (
    an_event_of_the_first_minutes_without_its_row,
    a_transaction_that_is_not_final_for_an_hour,
)
STORIES = (
    a_life_at_stripe,
    a_life_at_the_custodian,
    a_release_of_an_older_escrow,
    an_event_of_the_evening_without_its_row,
    a_row_of_the_last_minutes_without_its_event,
    a_webhook_that_is_hours_late,
    yesterdays_event_with_todays_row,
    refunds_in_parts,
    a_part_that_was_refunded_at_the_provider,
    a_fee_that_is_rounded,
    a_split_payout,
    two_equal_amounts_of_the_same_minute,
    two_equal_rows_without_metadata,
    a_row_without_reference_that_one_booking_fits,
    an_event_that_was_delivered_twice,
    a_chargeback_that_was_won,
    a_chargeback_that_was_lost,
    a_refund_that_was_clawed_back,
    a_card_that_was_declined_first,
    a_payment_that_came_after_the_end,
    a_transfer_that_failed_and_was_sent_again,
    usdc_that_calls_itself_usd,
    two_transfers_of_one_transaction,
    dust_and_our_own_wallets,
    a_failed_attempt_that_nobody_booked,
    exactly_at_the_threshold,
    our_own_money,
    a_payout_that_arrived_the_same_day,
    a_payout_on_its_way,
    a_payout_that_failed_and_came_back,
    a_payout_without_trace,
    a_debit_and_a_pending_credit,
    a_won_chargeback_that_delivers_anew,
    a_long_dispute,
    a_release_that_is_pending,
)
