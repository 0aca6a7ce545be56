"""What is true of every escrow, whatever anybody says to it and in whatever order."""

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.escrow.story import (
    CHARGE,
    COMMANDS,
    LOST,
    NOW,
    OTHER_CHARGE,
    PART,
    PRICE,
    REST,
    WON,
    charged_back,
    closed,
    create,
    deliver,
    dispute,
    is_refusal,
    paid,
    refunded,
    release,
    resolve,
    reversed_,
    transfer_failed,
    transferred,
)
from toolkit.core.message import Event, derived
from toolkit.core.money import Money
from toolkit.escrow.decider import escrow
from toolkit.escrow.state import Cancelled, Refunded, Released
from toolkit.messages.escrow import (
    EscrowCancelled,
    EscrowCommand,
    EscrowCreated,
    EscrowDisputed,
    EscrowDisputeResolved,
    EscrowFundsHeld,
    Resolution,
)
from toolkit.messages.payments import InitiateRefund, PaymentSucceeded, TransferToSeller

FACTS = (
    paid(),
    paid(PART),
    paid(ref=OTHER_CHARGE),
    paid(Money(1), ref="ch_3"),
    transferred(),
    transferred(PART),
    transfer_failed(),
    reversed_(),
    reversed_(PART),
    refunded(),
    refunded(REST, refund_id=str(derived("refund", "E1", "D1"))),
    refunded(source=OTHER_CHARGE, refund_id="R2"),
    refunded(source=None, refund_id="R3"),
    *(charged_back(ref) for ref in ("dp_1", "dp_2")),
    *(closed(how, ref) for how in (WON, LOST) for ref in ("dp_1", "dp_2")),
)
# Often enough the usual course, so that every state is reached; else anything at all.
USUAL = (
    create(),
    paid(),
    deliver("bob"),
    release("ada"),
    dispute("ada"),
    resolve(Resolution.SPLIT, PART),
    transferred(),
)
messages = st.one_of(
    st.sampled_from(USUAL), st.sampled_from(COMMANDS), st.sampled_from(FACTS)
)
pauses = st.sampled_from([timedelta(), timedelta(hours=1), timedelta(days=4)])
usual = st.integers(0, len(USUAL)).map(lambda n: [(m, timedelta()) for m in USUAL[:n]])
conversations = st.builds(
    lambda opening, rest: opening + rest,
    usual,
    st.lists(st.tuples(messages, pauses), max_size=25),
)


def told(conversation):
    """Each message with the state before and after it, and what followed."""
    state, now = escrow.initial, NOW
    for message, pause in conversation:
        now += pause
        after, outcome = escrow.step(state, message, now)
        yield state, message, after, outcome
        state = after


def said(conversation, type_):
    return [
        c
        for _, _, _, outcome in told(conversation)
        for c in outcome
        if isinstance(c, type_)
    ]


@given(conversations)
def test_a_refused_command_leaves_one_refusal_and_changes_nothing(conversation):
    for before, message, after, outcome in told(conversation):
        if any(map(is_refusal, outcome)):
            assert isinstance(message, EscrowCommand)
            assert len(outcome) == 1
            assert after == before


@given(conversations)
def test_a_command_is_answered_and_never_silently_dropped(conversation):
    for _, message, _, outcome in told(conversation):
        assert outcome or not isinstance(message, EscrowCommand)


@given(conversations)
def test_a_payment_is_held_or_goes_back(conversation):
    held = None
    for _, message, _, outcome in told(conversation):
        if not isinstance(message, PaymentSucceeded):
            continue
        if isinstance(outcome[0] if outcome else None, EscrowFundsHeld):
            held = message.provider_ref
        elif message.provider_ref == held:
            assert not outcome
        else:
            (back,) = outcome
            assert isinstance(back, InitiateRefund)
            assert back.source_ref == message.provider_ref
            assert back.amount == message.amount


@given(conversations)
def test_one_payment_at_most_is_held(conversation):
    assert len(said(conversation, EscrowFundsHeld)) <= 1


@given(conversations)
def test_a_payment_that_goes_back_has_one_refund_however_often_it_is_told(conversation):
    ids = {(r.source_ref, r.refund_id) for r in said(conversation, InitiateRefund)}
    returned = Counter(source for source, _ in ids if source != CHARGE)
    assert set(returned.values()) <= {1}


@given(conversations)
def test_a_seller_has_one_transfer_however_often_it_is_asked_for(conversation):
    assert len({t.transfer_id for t in said(conversation, TransferToSeller)}) <= 1


@given(conversations)
def test_nothing_is_asked_of_money_that_is_not_held(conversation):
    held = False
    for _, message, _, outcome in told(conversation):
        for consequence in outcome:
            held = held or isinstance(consequence, EscrowFundsHeld)
            if isinstance(consequence, TransferToSeller):
                assert held
            if isinstance(consequence, InitiateRefund) and not held:
                assert isinstance(message, PaymentSucceeded)


@given(conversations)
def test_a_resolution_shares_out_exactly_what_is_held(conversation):
    for before, _, _, outcome in told(conversation):
        if not any(isinstance(c, EscrowDisputeResolved) for c in outcome):
            continue
        asked = [c for c in outcome if isinstance(c, TransferToSeller | InitiateRefund)]
        gone = before.released_minor + before.refunded_minor
        assert sum(c.amount.minor for c in asked) in (0, PRICE.minor - gone)


@given(conversations)
def test_an_ended_escrow_only_ever_becomes_refunded(conversation):
    for before, _, after, _ in told(conversation):
        if isinstance(before, Cancelled | Refunded):
            assert after == before
        if isinstance(before, Released):
            assert isinstance(after, Released | Refunded)


@given(conversations)
def test_an_escrow_is_created_and_cancelled_at_most_once(conversation):
    for once in (EscrowCreated, EscrowCancelled):
        assert len(said(conversation, once)) <= 1


@given(conversations)
def test_only_its_own_events_make_a_state(conversation):
    folded = escrow.initial
    for _, _, after, outcome in told(conversation):
        for event in outcome:
            if isinstance(event, Event):
                folded = escrow.evolve(folded, event)
        assert folded == after


@given(st.permutations(("dp_1", "dp_2")), st.permutations(("dp_1", "dp_2")))
@settings(max_examples=10)
def test_chargebacks_that_are_all_won_leave_no_dispute(opened, ended):
    course = [*USUAL[:3], *map(charged_back, opened), *(closed(WON, ref) for ref in ended)]
    *_, (_, _, state, _) = told([(message, timedelta()) for message in course])
    *_, (_, _, before, _) = told([(message, timedelta()) for message in USUAL[:3]])
    assert state == before


@given(st.permutations(("dp_1", "dp_2")))
@settings(max_examples=10)
def test_one_chargeback_that_is_lost_is_the_end_whatever_the_others(opened):
    course = [*USUAL[:3], *map(charged_back, opened), closed(LOST, "dp_1")]
    *_, (_, _, state, _) = told([(message, timedelta()) for message in course])
    assert isinstance(state, Refunded)


@given(conversations)
def test_a_chargeback_is_opened_once_however_often_it_is_told(conversation):
    opened = set()
    for _, message, _, outcome in told(conversation):
        for event in outcome:
            if isinstance(event, EscrowDisputed):
                assert event.dispute_id not in opened, message
                opened.add(event.dispute_id)
            if isinstance(event, EscrowDisputeResolved):
                opened.discard(event.dispute_id)
