"""Plants about single movements: missing, doubled, or not what was booked."""

from tests.recon.day import STRIPE_ACCOUNT, VAULT, major
from tests.recon.golden import lives
from tests.recon.golden.plan import Draft, Finding, in_usdc

Findings = tuple[Finding, ...]


def missing(name: str, ref: str, minor: int) -> Findings:
    return (Finding("MISSING_AT_PROVIDER", name, ref, minor, 0),)


def a_charge_that_stripe_does_not_have(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "03:00", fee=310)
    day.held(name, "03:00")
    return missing(name, f"ch_{name}", minor)


def a_transfer_that_stripe_does_not_have(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    return missing(name, f"tr_{name}", -minor)


def a_refund_that_stripe_does_not_have(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    return missing(name, f"re_{name}", -minor)


def a_reversal_that_stripe_does_not_have(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    lives.reversed_transfer(day, name, minor, "06:00", f"trr_{name}")
    return missing(name, f"trr_{name}", minor)


def a_chargeback_that_stripe_does_not_have(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    return missing(name, f"dp_{name}", -minor)


def a_won_chargeback_that_never_came_back(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    lives.won(day, name, "09:00")
    day.row("dispute", f"dp_{name}", -minor, "06:00", fee=15_00, escrow=name)
    return missing(name, f"dp_{name}", minor)


def a_deposit_that_the_custodian_does_not_have(
    day: Draft, name: str, minor: int
) -> Findings:
    units = in_usdc(minor)
    day.deposited(name, units, at="03:00", row=False)
    return missing(name, f"in-{name}", units)


def a_transfer_that_the_custodian_does_not_have(
    day: Draft, name: str, minor: int
) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00")
    day.custody.pop()
    return missing(name, f"tx-{name}", -units)


def unbooked(subject: str, ref: str, minor: int) -> Findings:
    return (Finding("MISSING_IN_LEDGER", subject, ref, 0, minor),)


def a_charge_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor)
    day.row("charge", f"ch_{name}", minor, "06:00", fee=310, escrow=name)
    return unbooked(name, f"ch_{name}", minor)


def a_charge_without_a_word_whose_it_is(day: Draft, name: str, minor: int) -> Findings:
    day.row("charge", f"ch_{name}", minor, "06:00", fee=310)
    return unbooked(STRIPE_ACCOUNT, f"ch_{name}", minor)


def a_transfer_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    day.row("transfer", f"tr_{name}", -minor, "06:00", escrow=name)
    return unbooked(name, f"tr_{name}", -minor)


def a_refund_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    day.row("refund", f"re_{name}", -minor, "06:00", escrow=name)
    return unbooked(name, f"re_{name}", -minor)


def a_reversal_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    day.row("transfer_reversal", f"trr_{name}", minor, "06:00", escrow=name)
    return unbooked(name, f"trr_{name}", minor)


def a_won_dispute_that_nobody_booked(day: Draft, name: str, minor: int) -> Findings:
    day.row("dispute_reversal", f"dp_{name}", minor, "06:00")
    return unbooked(STRIPE_ACCOUNT, f"dp_{name}", minor)


def a_stranger_who_paid_in(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.chain_row(f"in-{name}", units, "06:00")
    return unbooked(VAULT, f"in-{name}", units)


def money_that_left_without_our_asking(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.chain_row(f"tx-{name}", -units, "06:00")
    return unbooked(VAULT, f"tx-{name}", -units)


def a_deposit_for_a_known_payment(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.escrow(name, units, rail="CUSTODIAN")
    day.chain_row(f"in-{name}", units, "06:00", our_ref=f"pay-{name}")
    return unbooked(name, f"in-{name}", units)


def differs(name: str, ref: str, booked: int, moved: int) -> Findings:
    return (Finding("AMOUNT_MISMATCH", name, ref, booked, moved),)


def a_charge_of_a_cent_more(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1] |= {"gross": major(minor + 1), "net": major(minor + 1 - 310)}
    return differs(name, f"ch_{name}", minor, minor + 1)


def a_charge_of_less_with_the_fee_of_that(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    less = minor // 2
    day.activity[-1] |= {"gross": major(less), "fee": "1.70", "net": major(less - 170)}
    return differs(name, f"ch_{name}", minor, less)


def a_transfer_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    day.row("transfer", f"tr_{name}", 1 - minor, "06:00", escrow=name)
    return differs(name, f"tr_{name}", -minor, 1 - minor)


def a_refund_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor - 7, "06:00", escrow=name)
    return differs(name, f"re_{name}", -minor, -minor - 7)


def a_reversal_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    lives.reversed_transfer(day, name, minor, "06:00", f"trr_{name}")
    day.row("transfer_reversal", f"trr_{name}", minor - 9, "06:00", escrow=name)
    return differs(name, f"trr_{name}", minor, minor - 9)


def a_chargeback_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    day.row("dispute", f"dp_{name}", -minor + 3, "06:00", fee=15_00, escrow=name)
    return differs(name, f"dp_{name}", -minor, -minor + 3)


def yesterdays_charge_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-1 23:58", fee=0)
    day.held(name, "-1 23:58")
    day.row("charge", f"ch_{name}", minor - 1, "00:05", escrow=name)
    return differs(name, f"ch_{name}", minor, minor - 1)


def a_deposit_of_a_unit_less(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.deposited(name, units, at="03:00")
    day.custody[-1]["amount_base_units"] = str(units - 1)
    return differs(name, f"in-{name}", units, units - 1)


def a_custody_transfer_of_another_amount(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00")
    day.custody[-1]["amount_base_units"] = str(units + 1)
    return differs(name, f"tx-{name}", -units, -units - 1)


def a_payout_of_which_the_bank_got_less(day: Draft, name: str, minor: int) -> Findings:
    day.payout(name, minor, "00:00")
    day.credit(f"trace-{name}", minor - 25_00)
    return differs(f"po_{name}", f"trace-{name}", minor, minor - 25_00)


def a_charge_in_euros(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.activity[-1]["currency"] = "eur"
    return (Finding("CURRENCY_MISMATCH", name, f"ch_{name}"),)


def a_refund_in_euros(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor, "06:00", escrow=name, currency="eur")
    return (Finding("CURRENCY_MISMATCH", name, f"re_{name}"),)


def a_deposit_of_another_asset(day: Draft, name: str, minor: int) -> Findings:
    day.deposited(name, in_usdc(minor), at="03:00")
    day.custody[-1]["asset"] = "EURC"
    return (Finding("CURRENCY_MISMATCH", name, f"in-{name}"),)


def twice(name: str, ref: str, minor: int) -> Findings:
    return (Finding("DUPLICATE_AT_PROVIDER", name, ref, 0, minor),)


def a_card_that_was_charged_twice(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.row("charge", f"ch2_{name}", minor, "04:01", fee=310, escrow=name)
    return twice(name, f"ch2_{name}", minor)


def a_charge_that_came_again_under_its_id(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.row("charge", f"ch_{name}", minor, "04:01", fee=310, escrow=name)
    return twice(name, f"ch_{name}", minor)


def a_second_charge_of_the_last_hour(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.row("charge", f"ch2_{name}", minor, "23:30", fee=310, escrow=name)
    return twice(name, f"ch2_{name}", minor)


def a_seller_who_was_paid_twice(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    day.row("transfer", f"tr_{name}", -minor, "06:00", escrow=name)
    day.row("transfer", f"tr2_{name}", -minor, "06:10", escrow=name)
    return twice(name, f"tr2_{name}", -minor)


def a_buyer_who_was_refunded_twice(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor, "06:00", escrow=name)
    day.row("refund", f"re2_{name}", -minor, "06:10", escrow=name)
    return twice(name, f"re2_{name}", -minor)


def a_seller_who_was_sent_usdc_twice(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "06:00")
    day.chain_row(f"tx2-{name}", -units, "06:10", our_ref=f"out-{name}")
    return twice(name, f"tx2-{name}", -units)


def again(name: str, ref: str, minor: int) -> Findings:
    return (Finding("DUPLICATE_EVENT", name, ref, minor, 0),)


def a_payment_that_was_booked_twice(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "04:30", fee=310)
    return again(name, f"ch_{name}", minor)


def a_transfer_that_was_booked_twice(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    day.row("transfer", f"tr_{name}", -minor, "06:00", escrow=name)
    day.money("TransferSucceeded", name, minor, f"tr_{name}", "06:30")
    return again(name, f"tr_{name}", -minor)


def a_refund_that_was_booked_twice(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor, "06:00")
    day.row("refund", f"re_{name}", -minor, "06:00", escrow=name)
    day.money("RefundSucceeded", name, minor, f"re_{name}", "06:30")
    return again(name, f"re_{name}", -minor)


def a_chargeback_that_was_booked_twice(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.charged_back(day, name, minor, "06:00")
    day.row("dispute", f"dp_{name}", -minor, "06:00", fee=15_00, escrow=name)
    more = {"dispute_ref": f"dp_{name}", "amount": lives.usd(minor)}
    day.event("ChargebackOpened", name, "06:30", **more)
    return again(name, f"dp_{name}", -minor)


def a_deposit_that_was_booked_twice(day: Draft, name: str, minor: int) -> Findings:
    units = in_usdc(minor)
    day.deposited(name, units, at="03:00")
    day.money("PaymentSucceeded", name, units, f"in-{name}", "03:30", currency="USDC")
    return again(name, f"in-{name}", units)


def a_payment_of_yesterday_that_was_booked_again(
    day: Draft, name: str, minor: int
) -> Findings:
    lives.paid_earlier(day, name, minor)
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "06:00", fee=300)
    return again(name, f"ch_{name}", minor)
