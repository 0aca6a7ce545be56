"""Histories of one escrow, as the escrow decider itself tells them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from toolkit.core.message import Event, derived
from toolkit.core.money import Money
from toolkit.escrow.decider import escrow
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    CreateEscrow,
    MarkDelivered,
    Rail,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    PaymentEvent,
    PaymentFailed,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundSucceeded,
    TransferFailed,
    TransferReversed,
    TransferSucceeded,
)

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
HOUR, A_MOMENT = timedelta(hours=1), timedelta(milliseconds=20)
ID = {"escrow_id": "E1"}
PAYMENT = {**ID, "payment_id": str(derived("payment", "E1"))}
STRIPE = {**PAYMENT, "rail": Rail.STRIPE}
TRANSFER = str(derived("transfer", "E1"))
PRICE, HALF, NOTHING = Money(100_00), Money(50_00), Money(0)

CREATE = CreateEscrow(**ID, contract_id="C1", buyer_id="ada", seller_id="bob", amount=PRICE)
INTENT = PaymentIntentCreated(**STRIPE, amount=PRICE, provider_ref="pi_1")
CARD_REFUSED = PaymentFailed(**STRIPE, reason="card_declined")
PAID = PaymentSucceeded(**STRIPE, amount=PRICE, fee=Money(3_20), provider_ref="ch_1")
PAID_AGAIN = PaymentSucceeded(**STRIPE, amount=PRICE, fee=Money(3_20), provider_ref="ch_2")
DELIVER = MarkDelivered(**ID, actor_id="bob", evidence="on the doorstep")
RELEASE = ReleaseFunds(**ID, actor_id="ada", reason=ReleaseReason.BUYER)
CANCEL = CancelEscrow(**ID, actor_id="ada", reason=CancelReason.BUYER)
OBJECT = RaiseDispute(**ID, dispute_id="D1", actor_id="ada", reason="wrong colour")
CHARGEBACK = ChargebackOpened(**PAYMENT, dispute_ref="dp_1", amount=PRICE)


def resolve(how, part=None):
    return ResolveDispute(
        **ID, dispute_id="D1", actor_id="eve", resolution=how, seller_amount=part
    )


def transfer(amount):
    return TransferSucceeded(
        **STRIPE,
        transfer_id=TRANSFER,
        amount=amount,
        fee=NOTHING,
        provider_ref="tr_1",
        destination="acct_bob",
    )


def transfer_failed(reason):
    return TransferFailed(**STRIPE, transfer_id=TRANSFER, amount=PRICE, reason=reason)


def reversal(amount):
    return TransferReversed(
        **PAYMENT, transfer_id=TRANSFER, amount=amount, provider_ref=f"trr_{amount.minor}"
    )


def refund(amount):
    return RefundSucceeded(
        **STRIPE, refund_id=f"R{amount.minor}", amount=amount, provider_ref="re_1"
    )


def close(outcome):
    return ChargebackClosed(**PAYMENT, dispute_ref="dp_1", amount=PRICE, outcome=outcome)


MESSAGES = (
    CREATE,
    INTENT,
    CARD_REFUSED,
    PAID,
    PAID,
    PAID_AGAIN,
    DELIVER,
    DELIVER,
    RELEASE,
    CANCEL,
    OBJECT,
    CHARGEBACK,
    resolve(Resolution.RELEASE),
    resolve(Resolution.REFUND),
    resolve(Resolution.SPLIT, HALF),
    transfer(PRICE),
    transfer(HALF),
    transfer_failed("account closed"),
    reversal(PRICE),
    refund(PRICE),
    refund(HALF),
    close(ChargebackOutcome.WON),
    close(ChargebackOutcome.LOST),
)


class Told(NamedTuple):
    """An event, and when it happened."""

    event: Event
    at: datetime


@dataclass(frozen=True)
class History:
    """What the two topics hold of one escrow, in their order, and how it stands."""

    escrow: tuple[Told, ...]
    payments: tuple[Told, ...]
    state: object


def history(messages) -> History:
    """Tell a story to the decider, each message once and an hour apart."""
    state, now, said, told = escrow.initial, NOW, [], []
    messages = tuple(dict.fromkeys(messages))
    for message in messages:
        state, outcome = escrow.step(state, message, now)
        said += [Told(event, now) for event in outcome if isinstance(event, Event)]
        if isinstance(message, PaymentEvent):
            told.append(Told(message, now - A_MOMENT))
        now += HOUR
    return History(tuple(said), tuple(told), state)


stories = st.one_of(
    st.lists(st.sampled_from(MESSAGES), max_size=14),
    st.lists(st.sampled_from(MESSAGES), max_size=12).map(
        lambda rest: [CREATE, PAID, *rest]
    ),
)
histories = stories.map(history)


@st.composite
def interleavings(draw, of: History):
    """Merge the two topics at random; each keeps its own order."""
    left, right, merged = list(of.escrow), list(of.payments), []
    while left and right:
        merged.append((left if draw(st.booleans()) else right).pop(0))
    return [*merged, *left, *right]
