"""A view says the same, however its two topics reached it."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.projections.histories import (
    CARD_REFUSED,
    CHARGEBACK,
    CREATE,
    DELIVER,
    HALF,
    INTENT,
    NOW,
    OBJECT,
    PAID,
    PAID_AGAIN,
    PAYMENT,
    PRICE,
    RELEASE,
    close,
    histories,
    history,
    interleavings,
    refund,
    resolve,
    transfer,
)
from toolkit.escrow.policy import name_of
from toolkit.messages import escrow, payments
from toolkit.messages.escrow import EscrowEvent, Resolution
from toolkit.messages.payments import ChargebackOutcome, PaymentEvent
from toolkit.projections.evolve import evolve
from toolkit.projections.model import EscrowView, PaymentStatus, State, timeline
from toolkit.projections.service import UNHEARD, wire


def view_of(told):
    return reduce(lambda view, one: evolve(view, *one), told, None)


def told(*messages):
    said = history(messages)
    return view_of([*said.escrow, *said.payments])


@given(st.data(), histories)
def test_the_topics_may_interleave_in_any_way(data, said):
    assert view_of(data.draw(interleavings(said))) == view_of(
        [*said.escrow, *said.payments]
    )


@given(st.data(), histories)
def test_an_event_that_is_told_again_later_changes_nothing(data, said):
    events = data.draw(interleavings(said))
    again = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    assert view_of([*events, *again]) == view_of(events)


@given(histories)
def test_a_repetition_is_the_very_same_view_so_that_nothing_is_written(said):
    view = view_of([*said.escrow, *said.payments])
    for event, at in (*said.escrow, *said.payments):
        assert evolve(view, event, at) is view


@given(st.data(), histories)
def test_the_state_is_the_one_that_escrow_is_in(data, said):
    if not any(isinstance(event, escrow.EscrowCreated) for event, _ in said.escrow):
        return
    assert view_of(data.draw(interleavings(said))).state == name_of(said.state)


@given(histories)
def test_every_story_is_told_whole_and_each_in_its_order(said):
    view = view_of([*said.escrow, *said.payments])
    if view is None:
        return
    line = timeline(view)
    assert [e for e in line if e in view.agreement.story] == list(view.agreement.story)
    assert [e for e in line if e in view.payment.story] == list(view.payment.story)
    assert len(line) == len(view.agreement.story) + len(view.payment.story)


@given(histories)
def test_money_in_is_what_payments_say_came_in(said):
    view = view_of(said.payments) or EscrowView(escrow_id="E1")
    paid = [event for event, _ in said.payments if type(event) is type(PAID)]
    came = {event.provider_ref: event.amount.minor for event in paid}
    assert view.in_minor == sum(came.values())


def test_a_cause_stands_before_its_effect():
    names = [entry.type for entry in timeline(told(CREATE, INTENT, PAID, DELIVER))]
    assert names == [
        "EscrowCreated",
        "EscrowAwaitFunds",
        "PaymentIntentCreated",
        "PaymentSucceeded",
        "EscrowFundsHeld",
        "EscrowDelivered",
    ]


def test_a_line_stands_where_its_moment_puts_it():
    """No event of the escrow followed from the intent: only its moment can tell."""
    late = payments.PaymentIntentCancelled(**PAYMENT, provider_ref="pi_1")
    line = timeline(told(CREATE, INTENT, PAID, late, DELIVER))
    names = [entry.type for entry in line]
    assert names.index("PaymentIntentCancelled") == names.index("EscrowDelivered") - 1
    assert [entry.at for entry in line] == sorted(entry.at for entry in line)


def test_every_line_says_when():
    view = told(CREATE, INTENT, PAID, DELIVER, RELEASE, DELIVER)
    assert all(entry.at for entry in timeline(view))
    assert view.agreement.created_at == NOW
    assert view.told_at == max(entry.at for entry in timeline(view))


def test_a_refund_that_came_back_is_no_refund():
    back = payments.RefundReversed(
        **PAYMENT,
        rail=escrow.Rail.STRIPE,
        refund_id="R10000",
        amount=PRICE,
        provider_ref="re_1",
        reason="account closed",
    )
    view = told(CREATE, PAID, refund(PRICE), back)
    assert view.refunded_minor == 0


def test_a_payment_heard_of_before_its_escrow_waits_for_it():
    view = view_of([(PAID, NOW)])
    assert (view.state, view.in_minor) == (State.UNKNOWN, PRICE.minor)


def test_a_card_that_works_at_last_outweighs_the_refusals():
    assert told(CREATE, INTENT).payment.status is PaymentStatus.PENDING
    assert told(CREATE, INTENT, CARD_REFUSED).payment.status is PaymentStatus.FAILED
    assert (
        told(CREATE, INTENT, CARD_REFUSED, PAID).payment.status is PaymentStatus.SUCCEEDED
    )


def test_nothing_asked_of_the_provider_yet_is_a_payment_requested():
    assert told(CREATE).payment.status is PaymentStatus.REQUESTED


def test_a_split_ends_when_both_parts_have_arrived():
    asked = (CREATE, PAID, DELIVER, OBJECT, resolve(Resolution.SPLIT, HALF))
    assert told(*asked, refund(HALF)).state is State.DISPUTED
    whole = told(*asked, refund(HALF), transfer(HALF))
    assert whole.state is State.RELEASED
    assert (whole.out_minor, whole.refunded_minor) == (HALF.minor, HALF.minor)


def test_a_lost_chargeback_is_a_refund():
    view = told(CREATE, PAID, CHARGEBACK, close(ChargebackOutcome.LOST))
    assert (view.state, view.refunded_minor) == (State.REFUNDED, PRICE.minor)


def test_a_chargeback_that_was_won_gives_everything_back_and_names_no_moment():
    view = told(CREATE, PAID, DELIVER, CHARGEBACK, close(ChargebackOutcome.WON))
    assert (view.state, view.refunded_minor) == (State.DELIVERED, 0)
    assert view.auto_release_at is None


def test_the_moment_of_automatic_release_shows_while_it_runs():
    assert told(CREATE, PAID, DELIVER).auto_release_at is not None
    assert told(CREATE, PAID, DELIVER, OBJECT).auto_release_at is None


def test_a_second_payment_is_seen_beside_the_first():
    assert told(CREATE, PAID, PAID_AGAIN).in_minor == 2 * PRICE.minor


def test_nobody_reads_how_a_wallet_was_screened():
    assert payments.WalletScreened not in wire()


def test_an_intent_that_was_taken_back_is_cancelled():
    cancelled = payments.PaymentIntentCancelled(**PAYMENT, provider_ref="pi_1")
    assert told(CREATE, INTENT, cancelled).payment.status is PaymentStatus.CANCELLED


@pytest.mark.parametrize("room", [escrow, payments], ids=["escrow", "payments"])
def test_every_event_of_the_language_is_heard_or_left_out_on_purpose(room):
    events = {
        kind
        for kind in vars(room).values()
        if isinstance(kind, type)
        and issubclass(kind, EscrowEvent | PaymentEvent)
        and kind.__module__ == room.__name__
    }
    assert events - {escrow.EscrowEvent, payments.PaymentEvent} <= {*wire(), *UNHEARD}
