"""Bugs in what is decided: who may do what and when, and what is shown of it."""

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import toolkit.escrow.decider
import toolkit.notifications.decider
import toolkit.payments.decider
import toolkit.projections.evolve
from toolkit.core.money import Money
from toolkit.messages.escrow import (
    EscrowDelivered,
    EscrowRefunded,
    MarkDelivered,
    ResolveDispute,
)
from toolkit.messages.payments import ChargebackOpened, PaymentSucceeded, TransferReversed

ESCROW, PAYMENTS = toolkit.escrow.decider, toolkit.payments.decider
PROJECTIONS = toolkit.projections.evolve


def anybody_may_release(patch):
    """Whoever asks is the buyer."""
    patch.setattr(ESCROW, "may_release", lambda _state, _ask, _now: True)


def anybody_may_cancel(patch):
    """Whoever asks may, as long as nothing is paid."""
    patch.setattr(ESCROW, "may_cancel", lambda _state, _ask, _now: True)


def anybody_may_dispute(patch):
    """Whoever asks is one of the two."""
    patch.setattr(ESCROW, "may_dispute", lambda _state, _ask: True)


def anybody_may_deliver(patch):
    """Whoever says that it was delivered is the seller."""
    honest = ESCROW.answer

    def answer(state, ask, now, windows):
        terms = getattr(state, "terms", None)
        if isinstance(ask, MarkDelivered) and terms:
            ask = replace(ask, actor_id=terms.seller_id)
        yield from honest(state, ask, now, windows)

    patch.setattr(ESCROW, "answer", answer)


def time_is_always_up(patch):
    """A timer is believed whenever it speaks."""
    honest = ESCROW.may_release

    def may(state, ask, now):
        return honest(state, ask, max(now, state.auto_release_at))

    patch.setattr(ESCROW, "may_release", may)


def hours_for_days(patch):
    """Buyers have seven hours to object."""
    honest = ESCROW.answer

    def answer(state, ask, now, windows):
        short = replace(windows, inspection=timedelta(hours=7))
        yield from honest(state, ask, now, short)

    patch.setattr(ESCROW, "answer", answer)


def three_days_too_short(patch):
    """Buyers have 71 hours to pay."""
    honest = ESCROW.open_escrow

    def open_escrow(ask, now, windows):
        yield from honest(ask, now, replace(windows, funding=timedelta(hours=71)))

    patch.setattr(ESCROW, "open_escrow", open_escrow)


def anything_is_enough(patch):
    """Whatever comes in is held, less or more than what is due."""
    honest = ESCROW.hear

    def hear(state, event, now, windows):
        if isinstance(event, PaymentSucceeded) and isinstance(state, ESCROW.AwaitFunds):
            event = replace(event, amount=state.terms.amount)
        yield from honest(state, event, now, windows)

    patch.setattr(ESCROW, "hear", hear)


def released_without_funds(patch):
    """An escrow that was delivered is released at once, at nobody's word."""
    honest = ESCROW.answer

    def answer(state, ask, now, windows):
        for consequence in honest(state, ask, now, windows):
            yield consequence
            if isinstance(consequence, EscrowDelivered):
                yield ESCROW.transfer(ask.escrow_id, _delivered(state), state.terms.amount)

    patch.setattr(ESCROW, "answer", answer)


def _delivered(state):
    return ESCROW.Delivered(
        terms=state.terms, held_ref=state.held_ref, auto_release_at=None
    )


def disputes_hold_nothing(patch):
    """Timers and payouts go on while people argue."""
    patch.setattr(ESCROW, "hold_still", lambda _id, _state: ())


def payments_do_not_hold(patch):
    """A payout that waits for the word on its wallet leaves, though it is to be held."""
    patch.setattr(PAYMENTS, "hold", lambda _payment, _ask: ())


def chargebacks_are_not_heard(patch):
    """Escrow goes on as if the card network had taken nothing."""
    honest = ESCROW.interrupt

    def interrupt(state, event):
        if not isinstance(event, ChargebackOpened):
            yield from honest(state, event)

    patch.setattr(ESCROW, "interrupt", interrupt)


def the_seller_has_it_all(patch):
    """A dispute that was split pays the seller in full, and the buyer its part."""
    honest = ESCROW.shares

    def shares(escrow_id, state):
        for each in honest(escrow_id, state):
            if hasattr(each, "transfer_id"):
                yield replace(each, amount=state.terms.amount)
            else:
                yield each

    patch.setattr(ESCROW, "shares", shares)


def a_cent_too_little(patch):
    """What is due is rounded down."""
    honest = ESCROW.settled

    def settled(amount):
        due, problem = honest(amount)
        return Money(due.minor // 100 * 100, due.currency), problem

    patch.setattr(ESCROW, "settled", settled)


def ten_thousand_goes_on_chain(patch):
    """The last amount that a card may pay is taken for the first that it may not."""
    patch.setattr("toolkit.core.settlement.STRIPE_MAX", Money(9_999_99))


def buyers_are_paid(patch):
    """The payout goes to the wrong one of the two."""
    honest = PAYMENTS.transfer

    def transfer(payment, ask):
        yield from honest(payment, replace(ask, destination="acct_of_somebody"))

    patch.setattr(PAYMENTS, "transfer", transfer)


def views_skip_deliveries(patch):
    """A page goes on to show that something is held."""
    honest = PROJECTIONS.agreed

    def agreed(known, event, at):
        return known if isinstance(event, EscrowDelivered) else honest(known, event, at)

    patch.setattr(PROJECTIONS, "agreed", agreed)


def views_skip_reversals(patch):
    """A page goes on to show what the seller had to give back."""
    honest = PROJECTIONS.paid

    def paid(known, event, at):
        return known if isinstance(event, TransferReversed) else honest(known, event, at)

    patch.setattr(PROJECTIONS, "paid", paid)


def refunds_do_not_end_it(patch):
    """An escrow whose money went back goes on."""
    honest = ESCROW.hear

    def hear(state, event, now, windows):
        said = list(honest(state, event, now, windows))
        yield from (each for each in said if not isinstance(each, EscrowRefunded))

    patch.setattr(ESCROW, "hear", hear)


def nobody_is_told(patch):
    """Everything happens in silence."""
    patch.setattr(toolkit.notifications.decider, "audiences", lambda _event, _parties: ())


def days_by_the_clock_on_the_wall(patch):
    """Seven days are counted in New York, where one of them may have 23 hours or 25."""
    honest = ESCROW.answer

    def answer(state, ask, now, windows):
        here = now.astimezone(ZoneInfo("America/New_York"))
        until = (here + windows.inspection).astimezone(UTC)
        yield from honest(state, ask, now, replace(windows, inspection=until - now))

    patch.setattr(ESCROW, "answer", answer)


def the_last_day_ends_at_midnight(patch):
    """Who may pay for three days may do so until the third is over."""
    honest = ESCROW.open_escrow

    def open_escrow(ask, now, windows):
        until = (now + windows.funding).replace(hour=23, minute=59, second=59)
        yield from honest(ask, now, replace(windows, funding=until - now))

    patch.setattr(ESCROW, "open_escrow", open_escrow)


def any_dispute_is_meant(patch):
    """Whatever is ruled ends the dispute that is open, whichever it was about."""
    honest = ESCROW.may_resolve

    def may(state, ask):
        return honest(state, replace(ask, dispute_id=state.dispute_id))

    patch.setattr(ESCROW, "may_resolve", may)


def any_part_is_fair(patch):
    """The seller's part of a dispute may be more than there is."""
    honest = ESCROW.may_resolve

    def may(state, ask: ResolveDispute):
        part = ask.seller_amount and Money(1, ask.seller_amount.currency)
        return honest(state, replace(ask, seller_amount=part))

    patch.setattr(ESCROW, "may_resolve", may)


def what_comes_too_late_is_kept(patch):
    """Money for an escrow that is over, or has its money, stays where it is."""
    patch.setattr(ESCROW, "give_back", lambda paid: ESCROW.Forget(name=paid.payment_id))


def cancelled_and_still_payable(patch):
    """The buyer of a cancelled escrow may go on to pay."""
    patch.setattr(PAYMENTS, "_cancel", lambda _payment, _escrow_id: ())


JUDGEMENT = {  # each with the first seed that catches it, where one is known
    anybody_may_release: None,
    anybody_may_cancel: None,
    anybody_may_dispute: 3,
    anybody_may_deliver: 3,
    time_is_always_up: None,
    hours_for_days: 1,
    three_days_too_short: 1,
    anything_is_enough: 12,
    released_without_funds: 1,
    disputes_hold_nothing: 1,
    payments_do_not_hold: 19,
    chargebacks_are_not_heard: 7,
    the_seller_has_it_all: 4,
    a_cent_too_little: None,
    ten_thousand_goes_on_chain: 4,
    buyers_are_paid: 1,
    views_skip_deliveries: None,
    views_skip_reversals: 2,
    refunds_do_not_end_it: None,
    nobody_is_told: None,
    days_by_the_clock_on_the_wall: 5,
    the_last_day_ends_at_midnight: 1,
    any_dispute_is_meant: 2,
    any_part_is_fair: 2,
    what_comes_too_late_is_kept: 1,
    cancelled_and_still_payable: 1,
}
