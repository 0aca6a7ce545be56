"""Plants about what a provider's row says: status, fee, token, category, arithmetic."""

from tests.recon.day import STRIPE_ACCOUNT, VAULT, major
from tests.recon.golden import lives
from tests.recon.golden.plan import Draft, Finding, in_usdc

Findings = tuple[Finding, ...]
BRIDGED = "0xd9aAEc86B65D86f6A7B5B1b0c42FFA531710b6CA"


def contradicts(name: str, ref: str, booked: int, moved: int) -> Findings:
    return (Finding("STATUS_MISMATCH", name, ref, booked, moved),)


def a_transfer_that_failed_at_the_custodian(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00", status="FAILED")
    return contradicts(name, f"tx-{name}", -units, 0)


def a_refund_that_was_denied(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.returned(day, name, units, "06:00", status="DENIED")
    return contradicts(name, f"rx-{name}", -units, 0)


def a_deposit_that_was_cancelled(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.deposited(name, units, at="03:00")
    day.custody[-1]["status"] = "CANCELLED"
    return contradicts(name, f"in-{name}", units, 0)


def a_failed_transfer_that_went_out(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    more = {"transfer_id": f"out-{name}", "rail": "CUSTODIAN"}
    day.event("TransferFailed", name, "05:00", **more)
    day.chain_row(f"tx-{name}", -units, "05:00", our_ref=f"out-{name}")
    return contradicts(name, f"tx-{name}", 0, -units)


def a_failed_refund_that_went_out(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    more = {"refund_id": f"back-{name}", "rail": "CUSTODIAN"}
    day.event("RefundFailed", name, "05:00", **more)
    day.chain_row(f"rx-{name}", -units, "05:00", our_ref=f"back-{name}")
    return contradicts(name, f"rx-{name}", 0, -units)


def a_declined_card_that_was_charged(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor)
    more = {"payment_id": f"pay-{name}", "rail": "STRIPE"}
    day.event("PaymentFailed", name, "05:00", **more)
    day.row("charge", f"ch_{name}", minor, "05:00", fee=310, escrow=name)
    return contradicts(name, f"ch_{name}", 0, minor)


def a_failed_refund_that_stripe_made(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    more = {"refund_id": f"back-{name}", "rail": "STRIPE"}
    day.event("RefundFailed", name, "05:00", **more)
    day.row("refund", f"re_{name}", -minor, "05:00", escrow=name)
    return contradicts(name, f"re_{name}", 0, -minor)


def unconfirmed(name: str, ref: str, booked: int) -> Findings:
    return (Finding("UNCONFIRMED_BEYOND_SLA", name, ref, booked, 0),)


def a_deposit_that_is_not_final(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.deposited(name, units, at="03:00")
    day.custody[-1]["status"] = "CONFIRMED"
    return unconfirmed(name, f"in-{name}", units)


def a_transfer_that_is_stuck(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00", status="STUCK")
    return unconfirmed(name, f"tx-{name}", -units)


def a_refund_that_is_still_queued(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    status = day.dice.choice(["INITIATED", "CLEARED", "QUEUED", "SENT"])
    lives.returned(day, name, units, "23:59", status=status)
    return unconfirmed(name, f"rx-{name}", -units)


def other_fee(name: str, ref: str, booked: int, taken: int) -> Findings:
    return (Finding("FEE_VARIANCE", name, ref, booked, taken),)


def a_charge_with_a_higher_fee(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1] |= {"fee": "3.11", "net": major(minor - 311)}
    return other_fee(name, f"ch_{name}", 310, 311)


def a_charge_without_its_fee(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1] |= {"fee": "0.00", "net": major(minor)}
    return other_fee(name, f"ch_{name}", 310, 0)


def a_refund_that_cost_a_fee(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor, "06:00", fee=25, escrow=name)
    return other_fee(name, f"re_{name}", 0, 25)


def a_transfer_that_cost_a_fee(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    day.row("transfer", f"tr_{name}", -minor, "06:00", fee=40, escrow=name)
    return other_fee(name, f"tr_{name}", 0, 40)


def unbooked_dispute(subject: str, ref: str, minor: int) -> Findings:
    return (Finding("CHARGEBACK_UNBOOKED", subject, ref, 0, -minor),)


def a_dispute_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    day.row("dispute", f"dp_{name}", -minor, "08:00", fee=15_00, escrow=name)
    return unbooked_dispute(name, f"dp_{name}", minor)


def a_dispute_of_a_released_escrow(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    day.row("dispute", f"dp_{name}", -minor, "08:00", escrow=name)
    return unbooked_dispute(name, f"dp_{name}", minor)


def a_dispute_without_metadata(day: Draft, name: str, minor: int) -> Findings:
    day.row("dispute", f"dp_{name}", -minor, "08:00", fee=15_00)
    return unbooked_dispute(STRIPE_ACCOUNT, f"dp_{name}", minor)


def a_cent_too_much_for_stripe(day: Draft, name: str, _minor: int) -> Findings:
    day.paid(name, 10_000_01, at="04:00", fee=290_30)
    return (Finding("WRONG_RAIL", name, f"ch_{name}"),)


def a_unit_too_little_for_the_custodian(day: Draft, name: str, _minor: int) -> Findings:
    day.deposited(name, 10_000_000_000, at="04:00")
    return (Finding("WRONG_RAIL", name, f"in-{name}"),)


def a_small_escrow_at_the_custodian(day: Draft, name: str, minor: int) -> Findings:
    day.deposited(name, minor * 10_000, at="04:00")
    return (Finding("WRONG_RAIL", name, f"in-{name}"),)


def a_deposit_of_bridged_usdc(day: Draft, name: str, minor: int) -> Findings:
    day.deposited(name, in_usdc(minor), at="03:00")
    day.custody[-1] |= {"token_contract": BRIDGED, "asset": "USDC"}
    return (Finding("WRONG_TOKEN", name, f"in-{name}"),)


def a_deposit_on_another_chain(day: Draft, name: str, minor: int) -> Findings:
    day.deposited(name, in_usdc(minor), at="03:00")
    day.custody[-1]["chain_id"] = "1"
    return (Finding("WRONG_TOKEN", name, f"in-{name}"),)


def a_token_that_nobody_asked_for(day: Draft, name: str, minor: int) -> Findings:
    foreign = {"decimals": "18", "token_contract": "0xspam", "asset": "SPAM"}
    day.chain_row(f"in-{name}", minor * 10**16, "03:00", **foreign)
    return (Finding("WRONG_TOKEN", VAULT, f"in-{name}"),)


def a_transfer_to_somebody_else(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00", to_address="0xpoison")
    return (Finding("WRONG_DESTINATION", name, f"tx-{name}"),)


def contradicts_itself(subject: str, ref: str, should: int, net: int) -> Findings:
    return (Finding("ARITHMETIC_BREAK", subject, ref, should, net),)


def a_charge_whose_net_is_wrong(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1]["net"] = major(minor - 310 + 250)
    return contradicts_itself(name, f"ch_{name}", minor - 310, minor - 60)


def a_charge_whose_fee_is_wrong(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1]["fee"] = "3.00"
    return contradicts_itself(name, f"ch_{name}", minor - 300, minor - 310)


def a_refund_whose_net_is_wrong(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor, "06:00", escrow=name, net=-minor - 11)
    return contradicts_itself(name, f"re_{name}", -minor, -minor - 11)


def a_topup_whose_net_is_wrong(day: Draft, name: str, minor: int) -> Findings:
    day.row("topup", f"tu_{name}", minor, "09:00", net=minor - 5)
    return contradicts_itself(STRIPE_ACCOUNT, f"tu_{name}", minor, minor - 5)


def a_payout_whose_net_is_wrong(day: Draft, name: str, minor: int) -> Findings:
    day.payout(name, minor, "00:00", net=major(-minor - 100))
    day.credit(f"trace-{name}", minor)
    return contradicts_itself(f"po_{name}", f"trace-{name}", -minor, -minor - 100)


def unknown(subject: str, ref: str) -> Findings:
    return (Finding("UNKNOWN_CATEGORY", subject, ref),)


def a_category_that_nobody_knows(day: Draft, name: str, minor: int) -> Findings:
    day.row("loyalty_settlement", f"adj_{name}", minor, "15:00")
    return unknown(STRIPE_ACCOUNT, f"adj_{name}")


def a_charge_under_another_category(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1]["reporting_category"] = "payment_capture"
    return unknown(name, f"ch_{name}")


def a_custody_status_that_nobody_knows(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00", status="PONDERING")
    return unknown(name, f"tx-{name}")


def a_payout_status_that_nobody_knows(day: Draft, name: str, minor: int) -> Findings:
    day.payout(name, minor, "00:00", status="pondering")
    return unknown(f"po_{name}", f"trace-{name}")


def two_charges_that_one_row_fits(day: Draft, name: str, minor: int) -> Findings:
    for twin in ("a", "b"):
        day.escrow(f"{name}{twin}", minor)
        ref = f"ch_{name}{twin}"
        day.money("PaymentSucceeded", f"{name}{twin}", minor, ref, "06:00", fee=0)
        day.held(f"{name}{twin}", "06:00")
    day.row("charge", "", minor, "06:00", txn=f"txn_{name}")
    return (Finding("AMBIGUOUS", STRIPE_ACCOUNT, f"txn_{name}", 0, minor),)


def two_deposits_that_one_row_fits(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    for twin in ("a", "b"):
        day.deposited(f"{name}{twin}", units, at="06:00", row=False)
    day.chain_row(f"lost-{name}", units, "06:00")
    return (Finding("AMBIGUOUS", VAULT, f"lost-{name}", 0, units),)


def two_parts_of_a_reversal_that_one_row_fits(
    day: Draft, name: str, minor: int
) -> Findings:
    lives.released_earlier(day, name, minor)
    part = minor // 4
    for number in (1, 2):
        lives.reversed_transfer(day, name, part, "07:00", f"trr{number}_{name}")
    day.row("transfer_reversal", f"tr_{name}", part, "07:00", escrow=name)
    return (Finding("AMBIGUOUS", name, f"tr_{name}", 0, part),)
