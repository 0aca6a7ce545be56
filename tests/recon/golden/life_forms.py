"""Plants about the escrow's own life: illegal, overdue, in debt, or with a piece lost."""

from zlib import crc32

from tests.recon.golden import lives
from tests.recon.golden.plan import PARTITIONS, Draft, Finding, in_usdc

Findings = tuple[Finding, ...]


def not_clawed_back(name: str, ref: str, minor: int) -> Findings:
    return (Finding("REFUND_NOT_CLAWED_BACK", name, ref, -minor, 0),)


def a_refund_after_a_release(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    day.money("RefundSucceeded", name, minor, f"re_{name}", "08:00")
    day.row("refund", f"re_{name}", -minor, "08:00", escrow=name)
    return not_clawed_back(name, f"re_{name}", minor)


def a_release_and_a_refund_of_one_day(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="03:00", fee=310)
    day.released(name, minor, at="05:00")
    day.money("RefundSucceeded", name, minor, f"re_{name}", "08:00")
    day.row("refund", f"re_{name}", -minor, "08:00", escrow=name)
    return not_clawed_back(name, f"re_{name}", minor)


def a_part_refunded_after_a_release(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    part = minor // 5
    day.money("RefundSucceeded", name, part, f"re_{name}", "08:00")
    day.row("refund", f"re_{name}", -part, "08:00", escrow=name)
    return not_clawed_back(name, f"re_{name}", part)


def a_custody_refund_after_a_release(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units, "05:00")
    more = {"currency": "USDC", "refund_id": f"back-{name}"}
    day.money("RefundSucceeded", name, units, f"rx-{name}", "08:00", **more)
    day.chain_row(f"rx-{name}", -units, "08:00", our_ref=f"back-{name}")
    return not_clawed_back(name, f"rx-{name}", units)


def in_debt(name: str, ref: str, debt: int) -> Findings:
    return (Finding("NEGATIVE_ESCROW_BALANCE", name, ref, 0, -debt),)


def a_transfer_of_more_than_came_in(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.transferred(day, name, minor + 50_00, "06:00")
    day.row("transfer", f"tr_{name}", -minor - 50_00, "06:00", escrow=name)
    return in_debt(name, f"tr_{name}", 50_00)


def a_refund_of_more_than_came_in(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.refunded(day, name, minor + 1, "06:00")
    day.row("refund", f"re_{name}", -minor - 1, "06:00", escrow=name)
    return in_debt(name, f"re_{name}", 1)


def a_split_of_more_than_came_in(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    lives.disputed(day, name, "04:00", "SPLIT")
    lives.transferred(day, name, minor, "05:00")
    lives.refunded(day, name, 75_00, "05:10")
    day.row("transfer", f"tr_{name}", -minor, "05:00", escrow=name)
    day.row("refund", f"re_{name}", -75_00, "05:10", escrow=name)
    return in_debt(name, f"re_{name}", 75_00)


def a_custody_transfer_of_more_than_came_in(day: Draft, name: str, minor: int) -> Findings:
    units = lives.deposited_earlier(day, name, minor)
    lives.sent(day, name, units + 1, "06:00")
    return in_debt(name, f"tx-{name}", 1)


def overdue(name: str) -> Findings:
    return (Finding("OVERDUE_TRANSITION", name),)


def a_buyer_who_never_paid(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor, at="-3 22:58")
    return overdue(name)


def a_depositor_who_never_paid(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, in_usdc(minor), rail="CUSTODIAN", at="-9 02:00")
    return overdue(name)


def a_release_that_nobody_made(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor, at="-9 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-9 03:00", fee=0)
    day.held(name, "-9 03:00")
    day.event("EscrowDelivered", name, "-7 22:58")
    return overdue(name)


def a_release_that_nobody_made_after_a_won_chargeback(
    day: Draft, name: str, minor: int
) -> Findings:
    day.escrow(name, minor, at="-19 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-19 03:00", fee=0)
    day.held(name, "-19 03:00")
    day.event("EscrowDelivered", name, "-18 04:00")
    lives.charged_back(day, name, minor, "-17 05:00")
    lives.won(day, name, "-7 05:00")
    return overdue(name)


def illegal(name: str) -> Findings:
    return (Finding("ILLEGAL_TRANSITION", name),)


def a_delivery_of_what_was_not_paid(day: Draft, name: str, minor: int) -> Findings:
    day.escrow(name, minor)
    day.event("EscrowDelivered", name, "06:00")
    return illegal(name)


def a_cancellation_of_what_was_paid(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    day.event("EscrowCancelled", name, "06:00", reason="BUYER")
    return illegal(name)


def a_release_without_a_transfer(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    day.event("EscrowReleased", name, "06:00", transfer_id=f"out-{name}")
    return illegal(name)


def a_refund_without_a_refund(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    day.event("EscrowRefunded", name, "06:00", refund_id=f"back-{name}")
    return illegal(name)


def a_resolution_without_a_dispute(day: Draft, name: str, minor: int) -> Findings:
    lives.delivered_earlier(day, name, minor)
    more = {"dispute_id": f"d-{name}", "resolution": "REFUND"}
    day.event("EscrowDisputeResolved", name, "06:00", **more)
    return illegal(name)


def a_transfer_before_the_delivery(day: Draft, name: str, minor: int) -> Findings:
    lives.paid_earlier(day, name, minor)
    lives.transferred(day, name, minor, "06:00")
    day.row("transfer", f"tr_{name}", -minor, "06:00", escrow=name)
    return illegal(name)


def a_delivery_after_the_end(day: Draft, name: str, minor: int) -> Findings:
    lives.released_earlier(day, name, minor)
    day.event("EscrowDelivered", name, "06:00")
    return illegal(name)


def gap(subject: str) -> Findings:
    return (Finding("SEQUENCE_GAP", subject),)


def versions_that_skip(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    day.versions["escrow.events.v1", name] += 2
    day.event("EscrowDelivered", name, "06:00")
    return gap(name)


def an_event_that_was_lost(day: Draft, name: str, minor: int) -> Findings:
    day.paid(name, minor, at="04:00", fee=310)
    lost = day.event("EscrowRefusedCommand", name, "05:00", command="ReleaseFunds")
    day.event("EscrowDelivered", name, "06:00")
    day.lost.add(lost["event_id"])
    return gap(name)


def an_offset_that_was_lost(day: Draft, name: str, minor: int) -> Findings:
    """Two events of the day around the hole, so that it lies within the day's range."""
    day.paid(name, minor, at="12:00", fee=310)
    after = day.event("EscrowDelivered", name, "13:00")
    day.skipped_before.add(after["event_id"])
    return gap(f"escrow.events.v1/{partition_of(name)}")


def a_hole_beside_a_hole(day: Draft, name: str, minor: int) -> Findings:
    """One event is missed by its escrow's versions, the other was its escrow's last."""
    other = next(
        f"{name}b{number}"
        for number in range(99)
        if partition_of(f"{name}b{number}") == partition_of(name)
    )
    for escrow in (name, other):
        day.paid(escrow, minor, at="14:00", fee=310)
    for escrow, at in ((name, "15:00"), (other, "15:15"), (other, "15:30")):
        event = day.event("EscrowRefusedCommand", escrow, at, command="ReleaseFunds")
        if at != "15:15":
            day.lost.add(event["event_id"])
    day.event("EscrowDelivered", name, "16:00")
    return gap(name) + gap(f"escrow.events.v1/{partition_of(name)}")


def partition_of(name: str) -> int:
    return crc32(name.encode()) % PARTITIONS
