"""Write the escrow's own table of transitions, as those who judge its events read it.

    python -m toolkit.escrow.transitions > recon/transitions.csv

Every row is what the decider answers in a state, and what its answer is folded to. What it
hears without a word, because the contract allows it, is listed here with the reason.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce
from typing import NamedTuple, TextIO

from toolkit.core.money import Money
from toolkit.escrow.decider import decide
from toolkit.escrow.evolve import evolve
from toolkit.escrow.policy import CARD_NETWORK, COMPLIANCE, PAYOUTS, name_of
from toolkit.escrow.state import Absent, Agreed, Disputed, Ended, State
from toolkit.messages import escrow as said
from toolkit.messages import payments as paid
from toolkit.messages.escrow import CancelReason, EscrowEvent, Rail, Resolution

SAME, BEFORE = "(same)", "(before)"
IMPOSERS = (CARD_NETWORK, COMPLIANCE, PAYOUTS)
# Own events that only repeat a payment's: the payment is judged.
REPEATED = (said.EscrowReleaseReversed, said.EscrowRefusedCommand)

AT = datetime(2026, 11, 19, tzinfo=UTC)
ALL, PART, REST = Money(100_00), Money(40_00), Money(60_00)
E, P, REF = "escrow", "payment", "reference"

CREATE = said.CreateEscrow(
    escrow_id=E, contract_id="c", buyer_id="buyer", seller_id="seller", amount=ALL
)
PAY = paid.PaymentSucceeded(
    escrow_id=E, payment_id=P, provider_ref=REF, rail=Rail.STRIPE, amount=ALL, fee=Money(0)
)
DELIVER = said.MarkDelivered(escrow_id=E, actor_id="seller", evidence="e")
CANCEL = said.CancelEscrow(escrow_id=E, actor_id="buyer", reason=CancelReason.BUYER)
DISPUTE = said.RaiseDispute(escrow_id=E, dispute_id="d", actor_id="buyer", reason="r")
REFUND = said.ResolveDispute(
    escrow_id=E, dispute_id="d", actor_id="admin", resolution=Resolution.REFUND
)
SPLIT = said.ResolveDispute(
    escrow_id=E,
    dispute_id="d",
    actor_id="admin",
    resolution=Resolution.SPLIT,
    seller_amount=PART,
)
CHARGE_BACK = paid.ChargebackOpened(escrow_id=E, payment_id=P, dispute_ref="dp", amount=ALL)
ANOTHER = paid.ChargebackOpened(escrow_id=E, payment_id=P, dispute_ref="other", amount=ALL)
WON = paid.ChargebackClosed(
    escrow_id=E, payment_id=P, dispute_ref="dp", outcome=paid.ChargebackOutcome.WON
)
LOST = paid.ChargebackClosed(
    escrow_id=E,
    payment_id=P,
    dispute_ref="dp",
    outcome=paid.ChargebackOutcome.LOST,
    amount=ALL,
)


def _transferred(amount: Money) -> paid.TransferSucceeded:
    return paid.TransferSucceeded(
        escrow_id=E,
        payment_id=P,
        provider_ref=REF,
        transfer_id="t",
        rail=Rail.STRIPE,
        amount=amount,
        fee=Money(0),
        destination="acct",
    )


def _refunded(amount: Money) -> paid.RefundSucceeded:
    return paid.RefundSucceeded(
        escrow_id=E,
        payment_id=P,
        provider_ref=REF,
        refund_id="r",
        rail=Rail.STRIPE,
        amount=amount,
    )


REVERSED = paid.TransferReversed(
    escrow_id=E, payment_id=P, transfer_id="t", amount=ALL, provider_ref="trr"
)
HELD = (CREATE, PAY)
DELIVERED = (*HELD, DELIVER)
SPLITTING = (*HELD, DISPUTE, SPLIT)
# How an escrow gets into every state.
HISTORIES = {
    "": (),
    "AWAIT_FUNDS": (CREATE,),
    "FUNDS_HELD": HELD,
    "DELIVERED": DELIVERED,
    "DISPUTED": (*HELD, DISPUTE),
    "DISPUTED by the card network": (*HELD, CHARGE_BACK),
    "SPLITTING": SPLITTING,
    "SPLIT_REFUNDED": (*SPLITTING, _refunded(REST)),
    "SPLIT_RELEASED": (*SPLITTING, _transferred(PART)),
    "RELEASED": (*DELIVERED, _transferred(ALL)),
    "RELEASED after TransferReversed": (*DELIVERED, _transferred(ALL), REVERSED),
    "REFUNDED": (*HELD, _refunded(ALL)),
    "CANCELLED": (CREATE, CANCEL),
}
# What the escrow answers in it.
HEARD: Mapping[str, tuple[object, ...]] = {
    "": (CREATE,),
    "AWAIT_FUNDS": (PAY, CANCEL),
    "FUNDS_HELD": (DELIVER, DISPUTE, _refunded(ALL), _refunded(PART), CHARGE_BACK),
    "DELIVERED": (_transferred(ALL), DISPUTE, _refunded(ALL), _refunded(PART), CHARGE_BACK),
    "DISPUTED": (CHARGE_BACK, REFUND, SPLIT, _transferred(ALL), _refunded(ALL)),
    "DISPUTED by the card network": (WON, LOST, ANOTHER),
    "SPLITTING": (_transferred(PART), _refunded(REST), CHARGE_BACK),
    "SPLIT_REFUNDED": (_transferred(PART), CHARGE_BACK),
    "SPLIT_RELEASED": (_refunded(REST), CHARGE_BACK),
    "RELEASED": (REVERSED,),
    "RELEASED after TransferReversed": (_refunded(ALL),),
}
# What it hears without an answer, and what makes that legal.
UNHELD, RECOVERY = "the payment could not be held", "a case for recovery"
BELOW = "of a chargeback below the dispute"
ALLOWED: Mapping[str, tuple[tuple[object, str], ...]] = {
    "AWAIT_FUNDS": ((_refunded(ALL), UNHELD),),
    "SPLITTING": ((WON, BELOW),),
    "SPLIT_REFUNDED": ((WON, BELOW),),
    "SPLIT_RELEASED": ((WON, BELOW), (REVERSED, "a refund may follow")),
    "RELEASED": ((CHARGE_BACK, RECOVERY), (WON, RECOVERY)),
    "REFUNDED": ((_refunded(ALL), UNHELD), (CHARGE_BACK, RECOVERY), (WON, RECOVERY)),
    "CANCELLED": ((_refunded(ALL), UNHELD), (CHARGE_BACK, RECOVERY), (WON, RECOVERY)),
}


class Row(NamedTuple):
    """In this state this event is legal, and this is the state after it."""

    state: str
    event: str
    next_state: str
    condition: str = ""


def rows() -> list[Row]:
    """Every row once; one that holds whatever the circumstances needs no narrower one."""
    found: dict[tuple[str, str], Row] = {}
    for name, history in HISTORIES.items():
        for row in (*_answered(name, history), *_allowed(name, history)):
            known = found.setdefault((row.state, row.event), row)
            assert known.next_state == row.next_state, f"{known} or {row}"
    order = list(HISTORIES)
    return sorted(
        (row for row in found.values() if not _is_narrower(row, found)),
        key=lambda row: order.index(row.state),
    )


def _is_narrower(row: Row, found: Mapping[tuple[str, str], Row]) -> bool:
    event, _, circumstance = row.event.partition(":")
    wide = found.get((row.state, event))
    return bool(circumstance) and wide is not None and wide.next_state == row.next_state


def _answered(name: str, history: tuple[object, ...]) -> Iterator[Row]:
    """What is heard, if it is a payment's, and what the escrow says to it."""
    _, after, cause = name.partition(" after ")
    condition = f"after {cause}" if after else ""
    before = _folded(history)
    for message in HEARD.get(name, ()):
        told = _told(before, message)
        assert told, f"{name} says nothing to {message}"
        if isinstance(message, paid.PaymentEvent) and message is not PAY:
            yield Row(_named(before), type(message).__name__, SAME, condition)
        yield from _steps(before, told)


def _steps(state: State, told: list[EscrowEvent]) -> Iterator[Row]:
    """Each event of an answer from the state that the one before it has made.

    An ended state is not left: what still moves then is judged by its payment.
    """
    part_of_it = False
    for event in told:
        after = evolve(state, event)
        signal = type(event).__name__ + _circumstance(event, is_part=part_of_it)
        if not isinstance(state, Ended) and not isinstance(event, REPEATED):
            yield Row(_named(state), signal, _target(signal, after))
        part_of_it = isinstance(event, said.EscrowDisputed) and event.raised_by == PAYOUTS
        state = after


def _circumstance(event: EscrowEvent, *, is_part: bool) -> str:
    match event:
        case said.EscrowDisputed(raised_by=who) if who in IMPOSERS:
            return ":IMPOSED"
        case said.EscrowDisputeResolved(resolution=Resolution.SPLIT | Resolution.RESUME):
            return f":{event.resolution}"
        case said.EscrowRefunded() if is_part:
            return ":PART"
        case _:
            return ""


def _target(signal: str, after: State) -> str:
    """A dispute over the rest goes on, and one that is over gives back what was before."""
    match signal.partition(":")[2]:
        case "PART":
            return SAME
        case "RESUME":
            return BEFORE
        case _:
            return _named(after)


def _allowed(name: str, history: tuple[object, ...]) -> Iterator[Row]:
    before = _folded(history)
    for message, condition in ALLOWED.get(name, ()):
        told = [e for e in _told(before, message) if not isinstance(e, REPEATED)]
        assert not told, f"{name} has something to say to {message}"
        yield Row(_named(before), type(message).__name__, SAME, condition)


def _folded(history: tuple[object, ...]) -> State:
    state: State = Absent()
    for message in history:
        state = reduce(evolve, _told(state, message), state)
    return state


def _told(state: State, message: object) -> list[EscrowEvent]:
    """The escrow's own events among what follows."""
    return [e for e in decide(state, message, AT) if isinstance(e, EscrowEvent)]


def _named(state: State) -> str:
    """As the contract names it; a dispute that is split in two, by what has moved."""
    match state:
        case Absent():
            return ""
        case Agreed():
            return "AWAIT_FUNDS"
        case Disputed(resolution=Resolution.SPLIT, released_minor=0, refunded_minor=0):
            return "SPLITTING"
        case Disputed(resolution=Resolution.SPLIT, released_minor=0):
            return "SPLIT_REFUNDED"
        case Disputed(resolution=Resolution.SPLIT):
            return "SPLIT_RELEASED"
        case _:
            return name_of(state)


def write(target: TextIO) -> None:
    """Write the table as CSV."""
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows())


if __name__ == "__main__":
    write(sys.stdout)
