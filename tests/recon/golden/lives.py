"""Lives of escrows that plants begin from, in order as far as they go."""

from tests.recon.golden.plan import Draft, in_usdc


def usd(minor: int) -> dict:
    return {"minor": minor, "currency": "USD"}


def paid_earlier(day: Draft, name: str, minor: int) -> None:
    """Paid at Stripe days ago; the row is in an earlier export."""
    day.escrow(name, minor, at="-3 02:00")
    day.money("PaymentSucceeded", name, minor, f"ch_{name}", "-2 03:00", fee=300)
    day.held(name, "-2 03:00")


def delivered_earlier(day: Draft, name: str, minor: int) -> None:
    paid_earlier(day, name, minor)
    day.event("EscrowDelivered", name, "-1 04:00")


def released_earlier(day: Draft, name: str, minor: int) -> None:
    delivered_earlier(day, name, minor)
    ref = f"tr_{name}"
    day.money("TransferSucceeded", name, minor, ref, "-1 05:00", destination="acct_s")
    day.event("EscrowReleased", name, "-1 05:00", transfer_id=f"out-{name}")


def transferred(day: Draft, name: str, minor: int, at: str, *, ref: str = "") -> dict:
    """A transfer of ours and its announcement; what the provider says of it is not told."""
    ref = ref or f"tr_{name}"
    event = day.money("TransferSucceeded", name, minor, ref, at, destination="acct_s")
    day.event("EscrowReleased", name, at, transfer_id=f"out-{name}")
    return event


def refunded(day: Draft, name: str, minor: int, at: str) -> dict:
    """A refund of ours and its announcement; what the provider says of it is not told."""
    ref = f"re_{name}"
    event = day.money("RefundSucceeded", name, minor, ref, at)
    day.event("EscrowRefunded", name, at, refund_id=f"back-{ref}")
    return event


def reversed_transfer(day: Draft, name: str, minor: int, at: str, ref: str) -> dict:
    return day.money(
        "TransferReversed", name, minor, ref, at, transfer_id=f"out-{name}", rail=None
    )


def charged_back(day: Draft, name: str, minor: int, at: str) -> dict:
    """A chargeback that we booked; what Stripe says of it is not told."""
    ref = f"dp_{name}"
    event = day.event("ChargebackOpened", name, at, dispute_ref=ref, amount=usd(minor))
    more = {"dispute_id": f"d-{name}", "raised_by": "CARD_NETWORK"}
    day.event("EscrowDisputed", name, at, **more)
    return event


def won(day: Draft, name: str, at: str) -> None:
    day.event("ChargebackClosed", name, at, dispute_ref=f"dp_{name}", outcome="WON")
    more = {"dispute_id": f"d-{name}", "resolution": "RESUME"}
    day.event("EscrowDisputeResolved", name, at, **more)


def disputed(day: Draft, name: str, at: str, resolution: str = "") -> None:
    """A dispute of buyer or seller, and its resolution an hour or a minute later."""
    day.event("EscrowDisputed", name, at, dispute_id=f"d-{name}", raised_by="buyer")
    if resolution:
        more = {"dispute_id": f"d-{name}", "resolution": resolution}
        day.event("EscrowDisputeResolved", name, at, **more)


def deposited_earlier(day: Draft, name: str, minor: int) -> int:
    """Deposited at the custodian days ago; answers the amount in USDC's units."""
    units = in_usdc(minor)
    day.escrow(name, units, rail="CUSTODIAN", at="-3 02:00")
    more = {"currency": "USDC"}
    day.money("PaymentSucceeded", name, units, f"in-{name}", "-2 03:00", **more)
    day.held(name, "-2 03:00")
    day.event("EscrowDelivered", name, "-1 04:00")
    return units


def sent(day: Draft, name: str, units: int, at: str, **row: str) -> dict:
    """A custodian's transfer, announced, and its row with what it says otherwise."""
    more = {"currency": "USDC", "destination": f"0xSeller{name}"}
    event = day.money("TransferSucceeded", name, units, f"tx-{name}", at, **more)
    day.event("EscrowReleased", name, at, transfer_id=f"out-{name}")
    told = {"our_ref": f"out-{name}", "to_address": f"0xseller{name}".lower()} | row
    day.chain_row(f"tx-{name}", -units, at, **told)
    return event


def returned(day: Draft, name: str, units: int, at: str, **row: str) -> dict:
    """A custodian's refund, announced, and its row with what it says otherwise."""
    more = {"currency": "USDC", "refund_id": f"back-{name}"}
    event = day.money("RefundSucceeded", name, units, f"rx-{name}", at, **more)
    day.event("EscrowRefunded", name, at, refund_id=f"back-{name}")
    told = {"our_ref": f"back-{name}"} | row
    day.chain_row(f"rx-{name}", -units, at, **told)
    return event
