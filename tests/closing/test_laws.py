"""Whatever is said in whatever order: no cent is lost, made, or paid too early."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.closing.deal import (
    BAD,
    BUYER,
    GOOD,
    ID,
    INITIATE,
    OFFICER,
    SELLER,
    Deal,
    assignment,
    cancel,
    dispute,
    mutual,
    resolve,
    settle,
    submit,
)
from toolkit.closing.evolve import evolve
from toolkit.closing.ledger import PROVIDER, journal
from toolkit.closing.policy import owed_minor
from toolkit.closing.state import PaymentStatus, Transaction
from toolkit.messages import closing as said
from toolkit.messages.closing import (
    CancellationReason,
    ClosingCommand,
    Party,
    TransactionRefusedCommand,
    TransactionResolution,
    VerificationType,
)
from toolkit.messages.payload import from_payload_json, payload_json
from toolkit.messages.wallets import (
    MilestoneRequested,
    ReturnRequested,
    SettlementRequested,
)

TYPES = st.sampled_from(VerificationType)
STEPS = st.one_of(
    st.tuples(st.just("deposit"), st.sampled_from((1, 5_000_00, 175_000_00, 600_000_00))),
    st.tuples(st.just("assign"), TYPES),
    st.tuples(st.just("good"), TYPES),
    st.tuples(st.just("bad"), TYPES),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("timer"), st.integers(0, 9)),
    st.tuples(st.just("settle"), st.sampled_from((0, 0, 1, -1))),
    st.tuples(st.just("retry"), st.integers(0, 3)),
    st.tuples(st.just("dispute"), st.sampled_from((BUYER, SELLER, OFFICER))),
    st.tuples(st.just("resolve"), st.sampled_from((None, *Party))),
    st.tuples(st.just("cancel"), st.sampled_from(CancellationReason)),
    st.tuples(st.just("mutual"), st.sampled_from(Party)),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("days"), st.integers(0, 30)),
)
BEGUN = st.sampled_from(("INITIATED", "EARNEST_HELD", "READY_TO_SETTLE"))
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def begin(stage):
    deal = Deal()
    if stage == "INITIATED":
        deal.say(INITIATE)
    elif stage == "EARNEST_HELD":
        deal.open()
    else:
        deal.open().verify().fund()
    return deal


def message(deal, verb, what):
    """Make what somebody says next."""
    match verb:
        case "assign":
            return assignment(what, deal.now)
        case "good":
            return submit(what, GOOD[what])
        case "bad":
            return submit(what, BAD[what])
        case "timer":
            timers = sorted(deal.timers.values(), key=lambda timer: timer.name)
            return timers[what].command if what < len(timers) else None
        case "settle":
            held = deal.there.held_minor
            return settle(held - 1, 1 + what) if held + what > 1 else None
        case "retry":
            failed = [p for p in deal.there.payments if p.status is PaymentStatus.FAILED]
            names = [p.payment_id for p in failed]
            if deal.there.settlement:
                names.append(deal.there.settlement.settlement_id)
            return (
                said.RetryPayment(
                    transaction_id=ID, payment_id=names[what], actor_id=OFFICER
                )
                if what < len(names)
                else None
            )
        case "dispute":
            return dispute(what)
        case "resolve":
            cancels = TransactionResolution.CANCEL
            return resolve(TransactionResolution.RESUME if what is None else cancels, what)
        case "cancel":
            people = {CancellationReason.CONTINGENCY: BUYER}
            return cancel(what, people.get(what, OFFICER))
        case "mutual":
            return mutual(what)
        case "pause":
            kind = said.PauseWallet if what else said.ResumeWallet
            return kind(transaction_id=ID, actor_id=OFFICER, reason="r")


def take(deal, verb, what):
    """Do one step, and see that no law is broken by it."""
    before, told = deal.there, len(deal.said)
    if verb == "days":
        deal.now += timedelta(days=what)
    elif verb == "deposit":
        deal.deposit(what)
    elif verb == "answer":
        deal.answer(is_good=what)
    elif (ask := message(deal, verb, what)) is not None:
        deal.say(ask)
        refusals = [e for e in deal.said[told:] if isinstance(e, TransactionRefusedCommand)]
        if refusals and isinstance(ask, ClosingCommand):
            assert deal.state == before, "a refusal changes nothing"
            assert len(deal.said) == told + 1
    watch(deal, deal.said[told:])


def watch(deal, events):
    state = deal.there
    assert state.held_minor >= owed_minor(state), "more is promised than is there"
    lines = [line for event in deal.said for line in journal(event)]
    assert sum(line.minor for line in lines) == 0
    held = sum(line.minor for line in lines if line.account == PROVIDER)
    assert held == state.held_minor, "the books are not the state"
    for event in events:
        if isinstance(event, MilestoneRequested | SettlementRequested):
            assert not state.is_paused
            assert state.stage != "DISPUTED"
        if isinstance(event, SettlementRequested):
            assert state.is_verified
            assert event.amount.minor == state.held_minor


def asked_once(deal):
    """Between two requests of one payment stands a word that it failed."""
    open_ones = set()
    for event in deal.said:
        name = getattr(event, "payment_id", None)
        if isinstance(event, MilestoneRequested | ReturnRequested):
            assert name not in open_ones, "asked for twice"
            open_ones.add(name)
        elif type(event).__name__.endswith("Failed"):
            open_ones.discard(name)


@given(BEGUN, st.lists(STEPS, max_size=30))
@settings(unhurried, max_examples=150)
def test_no_cent_is_lost_or_made_or_paid_too_early(stage, steps):
    deal = begin(stage)
    for verb, what in steps:
        take(deal, verb, what)
    asked_once(deal)


@given(BEGUN, st.lists(STEPS, max_size=25))
@settings(unhurried, max_examples=100)
def test_a_closing_is_the_fold_of_its_events_and_survives_being_written_down(stage, steps):
    deal = begin(stage)
    for verb, what in steps:
        take(deal, verb, what)
    state = deal.judge.initial
    for event in deal.said:
        state = evolve(state, event)
    assert state == deal.state
    assert from_payload_json(Transaction, payload_json(deal.state)) == deal.state


@given(BEGUN, st.lists(STEPS, max_size=25))
@settings(unhurried, max_examples=150)
def test_from_every_state_there_is_a_way_out_that_leaves_nothing_behind(stage, steps):
    deal = begin(stage)
    for verb, what in steps:
        take(deal, verb, what)
    leave(deal)
    assert deal.stage in ("SETTLED", "CANCELLED")
    assert deal.there.held_minor == 0


def leave(deal):
    """End it as people would: settle what is under way, or part in peace."""
    for _ in range(6):
        if deal.there.is_disbursing:
            deal.answer_all()
        if deal.stage == "DISPUTED":
            deal.say(resolve(TransactionResolution.CANCEL, Party.BUYER))
        elif deal.stage not in ("SETTLED", "CANCELLED"):
            deal.say(mutual())
        if deal.there.is_paused:
            take(deal, "pause", False)
        deal.answer_all()
        while any(p.status is PaymentStatus.FAILED for p in deal.there.payments):
            take(deal, "retry", 0)
            deal.answer_all()
