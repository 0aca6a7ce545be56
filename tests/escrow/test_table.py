"""The table of the contract, row by row: who may do what, from which state, and then?"""

from datetime import timedelta

import pytest

from tests.escrow.story import (
    ABSENT,
    AWAITS,
    CANCELLED,
    CHARGED_BACK,
    COMMANDS,
    DELIVERED,
    DISPUTED,
    FUNDED_BY,
    HELD,
    ID,
    LOST,
    NOW,
    OTHER_CHARGE,
    OVERDUE,
    PART,
    PAYMENT,
    PRICE,
    REFUNDED,
    RELEASED,
    RELEASED_AT,
    REST,
    STATES,
    STRIPE,
    TRANSFER_ID,
    WON,
    auto_release,
    cancel,
    charged_back,
    closed,
    create,
    deliver,
    dispute,
    is_refusal,
    paid,
    refund,
    refunded,
    release,
    resolve,
    reversed_,
    transfer,
    transfer_failed,
    transferred,
)
from toolkit.core.decider import Forget, Later
from toolkit.escrow.decider import escrow
from toolkit.escrow.policy import CARD_NETWORK, RELEASE_RETRY, TIMER, name_of
from toolkit.escrow.requests import AUTO_RELEASE, FUND_BY, SEND_AGAIN
from toolkit.messages import escrow as said
from toolkit.messages.escrow import CancelReason, Rail, ReleaseReason, Resolution
from toolkit.messages.payments import CancelPaymentIntent, CreatePaymentIntent

CREATED = (
    said.EscrowCreated(
        **ID,
        contract_id="C1",
        buyer_id="ada",
        seller_id="bob",
        amount=PRICE,
        rail=Rail.STRIPE,
    ),
    said.EscrowAwaitFunds(**PAYMENT, fund_by=FUNDED_BY),
    CreatePaymentIntent(**STRIPE, amount=PRICE, payer_id="ada"),
    OVERDUE,
)
NOW_HELD = (
    said.EscrowFundsHeld(**PAYMENT, amount=PRICE, held_at=NOW, provider_ref="ch_1"),
    Forget(name=FUND_BY),
)
NOW_DELIVERED = (
    said.EscrowDelivered(**ID, delivered_at=NOW, auto_release_at=RELEASED_AT),
    auto_release(RELEASED_AT),
)
NO_RELEASE = (Forget(name=AUTO_RELEASE), Forget(name=SEND_AGAIN))
NOW_RELEASED = (
    said.EscrowReleased(**ID, transfer_id=TRANSFER_ID, amount=PRICE, released_at=NOW),
    *NO_RELEASE,
)
REFUND_CAME = said.EscrowRefunded(**ID, refund_id="R1", amount=PRICE, refunded_at=NOW)
NOW_REFUNDED = (REFUND_CAME, *NO_RELEASE)
NOT_HELD = "the payment may not be held"


def cancelled(reason):
    return (
        said.EscrowCancelled(**ID, reason=reason, cancelled_at=NOW),
        CancelPaymentIntent(**PAYMENT),
        Forget(name=FUND_BY),
    )


def disputed(by, dispute_id="D1", reason="broken"):
    event = said.EscrowDisputed(**ID, dispute_id=dispute_id, raised_by=by, reason=reason)
    return (event, *NO_RELEASE)


def resolved(how, part=None, dispute_id="D1"):
    return said.EscrowDisputeResolved(
        **ID, dispute_id=dispute_id, resolution=how, seller_amount=part
    )


ROWS = [
    (ABSENT, create(), CREATED, "an escrow is agreed and waits for its money"),
    (AWAITS, paid(), NOW_HELD, "the exact amount is held"),
    (
        AWAITS,
        paid(PART),
        (refund(PART, "ch_1", NOT_HELD),),
        "too little goes back",
    ),
    (
        HELD,
        paid(ref=OTHER_CHARGE),
        (refund(PRICE, OTHER_CHARGE, NOT_HELD, OTHER_CHARGE),),
        "a second payment goes back",
    ),
    (
        CANCELLED,
        paid(),
        (refund(PRICE, "ch_1", NOT_HELD),),
        "a late payment goes back",
    ),
    (ABSENT, paid(), (refund(PRICE, "ch_1", NOT_HELD),), "money for nothing goes back"),
    (HELD, paid(), (), "the payment that is held is not news"),
    (RELEASED, paid(), (), "nor is one that was held"),
    (HELD, deliver("bob"), NOW_DELIVERED, "the seller delivers"),
    (DELIVERED, release("ada"), (transfer(),), "the buyer releases"),
    (DELIVERED, transferred(), NOW_RELEASED, "what has arrived is released"),
    (
        DELIVERED,
        transfer_failed(),
        (Later(name=SEND_AGAIN, at=NOW + RELEASE_RETRY, command=transfer()),),
        "a transfer that failed is tried again in hours",
    ),
    (
        RELEASED,
        reversed_(),
        (said.EscrowReleaseReversed(**ID, transfer_id=TRANSFER_ID, amount=PRICE),),
        "the seller's money comes back",
    ),
    (RELEASED, refunded(), (), "no refund after a release"),
    (HELD, dispute("ada"), disputed("ada"), "the buyer objects before delivery"),
    (HELD, dispute("bob"), disputed("bob"), "the seller objects before delivery"),
    (DELIVERED, dispute("ada"), disputed("ada"), "the buyer objects after delivery"),
    (DELIVERED, dispute("bob"), disputed("bob"), "the seller objects after delivery"),
    (
        DISPUTED,
        resolve(Resolution.RELEASE),
        (resolved(Resolution.RELEASE), transfer()),
        "an arbiter gives it to the seller",
    ),
    (
        DISPUTED,
        resolve(Resolution.REFUND),
        (
            resolved(Resolution.REFUND),
            refund(PRICE, "D1", "dispute resolved: REFUND"),
        ),
        "an arbiter gives it to the buyer",
    ),
    (
        DISPUTED,
        resolve(Resolution.SPLIT, PART),
        (
            resolved(Resolution.SPLIT, PART),
            transfer(PART),
            refund(REST, "D1", "dispute resolved: SPLIT"),
        ),
        "an arbiter shares it out",
    ),
    (HELD, refunded(), NOW_REFUNDED, "a refund ends what is held"),
    (DELIVERED, refunded(), NOW_REFUNDED, "a refund ends what is delivered"),
    (DISPUTED, refunded(), (REFUND_CAME,), "a refund ends a dispute"),
    (HELD, refunded(source=OTHER_CHARGE), (), "the return of another payment does not"),
    (CANCELLED, refunded(), (), "the return of a late payment changes nothing"),
    (AWAITS, cancel("ada", CancelReason.BUYER), cancelled(CancelReason.BUYER), "buyer"),
    (AWAITS, cancel("bob", CancelReason.SELLER), cancelled(CancelReason.SELLER), "seller"),
    (AWAITS, cancel("eve", CancelReason.ADMIN), cancelled(CancelReason.ADMIN), "an admin"),
    *(
        (
            state,
            charged_back(),
            disputed(CARD_NETWORK, "dp_1", "chargeback"),
            f"the card network objects while {name_of(state)}",
        )
        for state in (HELD, DELIVERED, DISPUTED)
    ),
    *(
        (state, charged_back(), (), f"a chargeback while {name_of(state)} is for recovery")
        for state in (RELEASED, REFUNDED, CANCELLED)
    ),
    (
        CHARGED_BACK,
        closed(WON),
        (
            resolved(Resolution.RESUME, dispute_id="dp_1"),
            auto_release(NOW + timedelta(days=7)),
        ),
        "a chargeback that was won resumes the inspection",
    ),
    (
        CHARGED_BACK,
        closed(LOST),
        (said.EscrowRefunded(**ID, refund_id="dp_1", amount=PRICE, refunded_at=NOW),),
        "a chargeback that was lost is a refund",
    ),
    (CHARGED_BACK, closed(WON, ref="dp_9"), (), "another chargeback's end is not its own"),
]


@pytest.mark.parametrize(
    ("given", "when", "then"),
    [
        pytest.param(given, when, then, id=f"{name_of(given)}: {sentence}")
        for given, when, then, sentence in ROWS
    ],
)
def test_escrow(given, when, then):
    _, outcome = escrow.step(given, when, NOW)
    assert outcome == then


ALLOWED = {(state, when) for state, when, _, _ in ROWS}


@pytest.mark.parametrize(
    ("state", "command"),
    [
        pytest.param(s, c, id=f"{name_of(s)}{i}: {type(c).__name__}{j}")
        for i, s in enumerate(STATES)
        for j, c in enumerate(COMMANDS)
        if (s, c) not in ALLOWED
    ],
)
def test_what_no_row_allows_is_refused_and_changes_nothing(state, command):
    after, outcome = escrow.step(state, command, NOW)
    assert after == state
    refusal, *again = outcome
    assert all(isinstance(each, Later) and each.command == command for each in again)
    assert is_refusal(refusal)
    assert refusal.command == type(command).__name__
    assert name_of(state) in refusal.reason


@pytest.mark.parametrize("early", [timedelta(microseconds=1), timedelta(hours=72)])
def test_an_escrow_is_not_overdue_before_its_time(early):
    overdue = cancel(TIMER, CancelReason.TIMEOUT)
    _, outcome = escrow.step(AWAITS, overdue, FUNDED_BY - early)
    assert is_refusal(outcome[0])


def test_an_escrow_that_nobody_paid_for_is_cancelled_after_72_hours():
    _, asked = escrow.step(ABSENT, create(), NOW)
    timer = asked[-1]
    after, outcome = escrow.step(AWAITS, timer.command, timer.at)
    assert name_of(after) == "CANCELLED"
    assert outcome[0].reason is CancelReason.TIMEOUT
    assert timer.at - NOW == timedelta(hours=72)


def test_silence_for_7_days_after_delivery_is_consent():
    _, outcome = escrow.step(HELD, deliver("bob"), NOW)
    timer = outcome[-1]
    assert timer.at - NOW == timedelta(days=7)
    assert escrow.step(DELIVERED, timer.command, timer.at)[1] == (transfer(),)


def test_a_timer_may_not_release_before_the_inspection_is_over():
    early = RELEASED_AT - timedelta(microseconds=1)
    ask = release(TIMER, ReleaseReason.AUTO_RELEASE)
    assert is_refusal(escrow.step(DELIVERED, ask, early)[1][0])


def test_a_timer_that_speaks_too_early_speaks_again_in_time():
    early = RELEASED_AT - timedelta(minutes=5)
    ask = release(TIMER, ReleaseReason.AUTO_RELEASE)
    _, again = escrow.step(DELIVERED, ask, early)[1]
    assert (again.at, again.command) == (RELEASED_AT + timedelta(minutes=15), ask)


@pytest.mark.parametrize("at", [NOW, RELEASED_AT + timedelta(days=1)])
def test_a_transfer_that_fails_is_tried_again_in_hours_whoever_released(at):
    _, outcome = escrow.step(DELIVERED, transfer_failed(), at)
    again = Later(name=SEND_AGAIN, at=at + RELEASE_RETRY, command=transfer())
    assert outcome == (again,)


@pytest.mark.parametrize("before", [HELD, DELIVERED])
def test_a_part_that_was_refunded_at_the_provider_leaves_the_rest_to_a_person(before):
    state, outcome = escrow.step(before, refunded(PART), NOW)
    assert [type(said).__name__ for said in outcome[:2]] == [
        "EscrowDisputed",
        "EscrowRefunded",
    ]
    assert set(NO_RELEASE) <= set(outcome)
    assert name_of(state) == "DISPUTED"
    to_the_seller = resolve(Resolution.RELEASE, dispute_id=state.dispute_id)
    _, outcome = escrow.step(state, to_the_seller, NOW)
    assert outcome[1].amount == REST


def test_after_a_reversal_a_refund_ends_a_released_escrow():
    reversed_state, _ = escrow.step(RELEASED, reversed_(), NOW)
    after, outcome = escrow.step(reversed_state, refunded(), NOW)
    assert outcome == NOW_REFUNDED
    assert name_of(after) == "REFUNDED"


def test_half_a_reversal_does_not_pay_for_a_whole_refund():
    half, _ = escrow.step(RELEASED, reversed_(PART), NOW)
    assert escrow.step(half, refunded(), NOW) == (half, ())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_split_ends_released_when_both_parts_have_arrived(order):
    state, _ = escrow.step(DISPUTED, resolve(Resolution.SPLIT, PART), NOW)
    arrivals = (transferred(PART), refunded(REST))
    state, _ = escrow.step(state, arrivals[order[0]], NOW)
    assert name_of(state) == "DISPUTED"
    state, _ = escrow.step(state, arrivals[order[1]], NOW)
    assert name_of(state) == "RELEASED"


def test_a_dispute_is_resolved_once():
    state, _ = escrow.step(DISPUTED, resolve(Resolution.REFUND), NOW)
    after, outcome = escrow.step(state, resolve(Resolution.RELEASE), NOW)
    assert after == state
    assert is_refusal(outcome[0])
