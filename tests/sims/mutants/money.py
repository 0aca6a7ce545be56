"""Bugs in the books: what was promised, what moved, and in which currency."""

from dataclasses import replace
from types import SimpleNamespace

import toolkit.payments.custody
import toolkit.payments.decider
import toolkit.payments.evolve
import toolkit.payments.following
import toolkit.payments.ledger
import toolkit.payments.refunds
import toolkit.payments.stripe
from toolkit.core.money import Currency, Money
from toolkit.messages.payments import PaymentSucceeded
from toolkit.payments import custodian_facts
from toolkit.payments.ledger import Line
from toolkit.payments.state import Payment

PAYMENTS = toolkit.payments
LEDGER, STRIPE = toolkit.payments.ledger, toolkit.payments.stripe


def payments_that_do_not_ask_what_is_known(patch):
    """An answer and a webhook of the same fact are two facts."""
    patch.setattr(toolkit.payments.decider, "is_news", lambda _payment, _event: True)


def one_sided_journal(patch):
    """The provider's side of a movement is booked, and ours is forgotten."""
    honest = LEDGER._moved

    def moved(escrow_id, rail, minor, amount):
        yield next(honest(escrow_id, rail, minor, amount))

    patch.setattr(LEDGER, "_moved", moved)


def everything_is_dollars(patch):
    """USDC is booked as if it were USD."""

    def moved(escrow_id, rail, minor, _amount):
        usd = Currency.USD
        yield Line(account=f"provider:{rail}", minor=minor, currency=usd)
        yield Line(account=f"escrow:{escrow_id}", minor=-minor, currency=usd)

    patch.setattr(LEDGER, "_moved", moved)


def fees_are_not_booked(patch):
    """What the provider keeps is nobody's expense."""
    patch.setattr(LEDGER, "_fee", lambda _rail, _fee: ())


def what_was_sent_is_free(patch):
    """Money that is with the seller may be promised again."""

    def left(_self, charge):
        return charge.amount.minor - charge.frozen_minor

    patch.setattr(Payment, "left_minor", left)


def what_was_given_back_may_be_given_again(patch):
    """No refund knows of another."""

    def refundable(_self, charge):
        return charge.amount.minor

    patch.setattr(Payment, "refundable_minor", refundable)
    patch.setattr(Payment, "free_minor", refundable)


def a_part_is_the_whole(patch):
    """Whatever was given back, all of it was."""
    honest = STRIPE._refund_facts

    def facts(refund):
        charge = refund["charge"]
        whole = charge["amount"] if isinstance(charge, dict) else refund["amount"]
        return honest({**refund, "amount": whole})

    patch.setattr(STRIPE, "_refund_facts", facts)


def reversals_are_not_heard(patch):
    """What came back from a seller is not looked at."""
    patch.setattr(STRIPE, "_reversals", lambda _transfer: [])


def refunds_never_fail(patch):
    """A refund that the bank sent back is taken for one that arrived."""
    honest = STRIPE._refund_facts

    def facts(refund):
        failed = refund["status"] in ("failed", "canceled")
        return [] if failed else honest(refund)

    patch.setattr(STRIPE, "_refund_facts", facts)


def every_token_is_money(patch):
    """What calls itself whatever is taken for USDC."""
    patch.setattr(custodian_facts, "is_held_token", lambda _chain, _contract: True)


def states_that_forget(patch):
    """A transfer that succeeded is not remembered."""
    honest = toolkit.payments.evolve._transferred

    def transferred(payment, event):
        is_end = isinstance(event, toolkit.payments.evolve.TransferSucceeded)
        return payment if is_end else honest(payment, event)

    patch.setattr(toolkit.payments.evolve, "_transferred", transferred)


def fees_by_our_own_tariff(patch):
    """What a card costs is reckoned here, and rounded down, whatever the provider takes."""
    honest = STRIPE._payment_facts

    def facts(intent):
        for fact in honest(intent):
            if isinstance(fact, PaymentSucceeded):
                minor = fact.amount.minor * 29 // 1_000 + 30
                yield replace(fact, fee=Money(minor, fact.fee.currency))
            else:
                yield fact

    patch.setattr(STRIPE, "_payment_facts", lambda intent: list(facts(intent)))


def frozen_in_dollars(patch):
    """USDC that nobody may touch are booked out of an account in USD."""

    def frozen(escrow_id, amount):
        usd = Currency.USD
        yield Line(account=f"escrow:{escrow_id}", minor=amount.minor, currency=usd)
        yield Line(account=f"frozen:{escrow_id}", minor=-amount.minor, currency=usd)

    patch.setattr(LEDGER, "_frozen", frozen)


def chargebacks_that_were_won_are_not_booked(patch):
    """What the card network brought back is in no book."""
    patch.setattr(LEDGER, "ChargebackOutcome", SimpleNamespace(WON="never"))


def what_is_coming_is_asked_for_again(patch):
    """What a seller was asked to give back is asked for at each occasion."""
    honest = PAYMENTS.following.claw_back

    def claw_back(payment, escrow_id):
        unasked = tuple(replace(sent, reversing_minor=0) for sent in payment.transfers)
        yield from honest(replace(payment, transfers=unasked), escrow_id)

    for room in (PAYMENTS.following, PAYMENTS.decider):
        patch.setattr(room, "claw_back", claw_back)


def what_goes_back_goes_to_anybody(patch):
    """A refund on chain is sent to a wallet that never paid."""
    honest = PAYMENTS.following.giving_back

    def giving_back(payment, refund, escrow_id):
        return replace(honest(payment, refund, escrow_id), destination=f"0x{'5' * 40}")

    for room in (PAYMENTS.following, PAYMENTS.custody, PAYMENTS.refunds):
        patch.setattr(room, "giving_back", giving_back)


MONEY = {  # each with the first seed that catches it, where one is known
    payments_that_do_not_ask_what_is_known: None,
    one_sided_journal: None,
    everything_is_dollars: 1,
    fees_are_not_booked: None,
    what_was_sent_is_free: 2,
    what_was_given_back_may_be_given_again: 5,
    a_part_is_the_whole: 2,
    reversals_are_not_heard: 2,
    refunds_never_fail: 2,
    every_token_is_money: 3,
    states_that_forget: 1,
    fees_by_our_own_tariff: 1,
    frozen_in_dollars: 1,
    chargebacks_that_were_won_are_not_booked: 5,
    what_is_coming_is_asked_for_again: 18,
    what_goes_back_goes_to_anybody: 1,
}
