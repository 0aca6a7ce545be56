"""The table that judges legality is the escrow's own: it is compared with its folding."""

import csv
from dataclasses import replace
from datetime import UTC, datetime

from recon.rulebook import TRANSITIONS
from toolkit.core.money import Money
from toolkit.escrow.evolve import evolve
from toolkit.escrow.policy import name_of
from toolkit.escrow.state import Absent
from toolkit.messages import escrow as said
from toolkit.messages.escrow import CancelReason, Rail, Resolution

AT = datetime(2026, 11, 19, tzinfo=UTC)
ALL, PART = Money(minor=100_00, currency="USD"), Money(minor=40_00, currency="USD")
NAME = {"escrow_id": "E1"}
CREATED = said.EscrowCreated(
    **NAME, contract_id="c", buyer_id="b", seller_id="s", amount=ALL, rail=Rail.STRIPE
)
AWAITED = said.EscrowAwaitFunds(**NAME, payment_id="p", fund_by=AT)
HELD = said.EscrowFundsHeld(**NAME, payment_id="p", amount=ALL, held_at=AT)
DELIVERED = said.EscrowDelivered(**NAME, delivered_at=AT, auto_release_at=AT)
DISPUTED = said.EscrowDisputed(**NAME, dispute_id="d", raised_by="b", reason="r")
RESOLVED = said.EscrowDisputeResolved(
    **NAME, dispute_id="d", resolution=Resolution.SPLIT, seller_amount=PART
)
RESUMED = replace(RESOLVED, resolution=Resolution.RESUME, seller_amount=None)
RELEASED = said.EscrowReleased(**NAME, transfer_id="t", amount=ALL, released_at=AT)
REFUNDED = said.EscrowRefunded(**NAME, refund_id="r", amount=ALL, refunded_at=AT)
CANCELLED = said.EscrowCancelled(**NAME, reason=CancelReason.BUYER, cancelled_at=AT)
# How an escrow gets into every state that the contract names.
HISTORIES = {
    "AWAIT_FUNDS": (CREATED, AWAITED),
    "FUNDS_HELD": (CREATED, AWAITED, HELD),
    "DELIVERED": (CREATED, AWAITED, HELD, DELIVERED),
    "DISPUTED": (CREATED, AWAITED, HELD, DISPUTED),
    "RELEASED": (CREATED, AWAITED, HELD, DELIVERED, RELEASED),
    "REFUNDED": (CREATED, AWAITED, HELD, REFUNDED),
    "CANCELLED": (CREATED, AWAITED, CANCELLED),
}
ASKED = {
    "EscrowFundsHeld": HELD,
    "EscrowDelivered": DELIVERED,
    "EscrowDisputed": DISPUTED,
    "EscrowDisputeResolved:RESUME": RESUMED,
    "EscrowReleased": RELEASED,
    "EscrowRefunded": REFUNDED,
    "EscrowCancelled": CANCELLED,
}


def folded(history):
    state = Absent()
    for event in history:
        state = evolve(state, event)
    return state


def generated():
    """Every state and event of which the escrow makes another state, and which."""
    for name, history in HISTORIES.items():
        before = folded(history)
        assert name_of(before) == name
        for signal, event in ASKED.items():
            after = evolve(before, event)
            if name_of(after) != name:
                yield name, signal, name_of(after)


def tabled():
    """The same part of the table; what was before is FUNDS_HELD in these histories."""
    with TRANSITIONS.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["state"] in HISTORIES and row["event"] in ASKED:
                target = row["next_state"].replace("(before)", "FUNDS_HELD")
                if target != row["state"]:
                    yield row["state"], row["event"], target


# A refund after a reversal ends as REFUNDED; the table judges it by its payment instead.
BY_ITS_PAYMENT = {("RELEASED", "EscrowRefunded", "REFUNDED")}


def test_the_table_of_transitions_is_what_the_escrow_itself_does():
    assert set(tabled()) == set(generated()) - BY_ITS_PAYMENT
