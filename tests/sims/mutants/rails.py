"""Bugs at the edge: idempotency keys, unknown outcomes, signatures, lists, and letters."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import sims.world.postman
import toolkit.gateway.signatures
import toolkit.payments.custodian
import toolkit.payments.decider
import toolkit.payments.stripe
from toolkit.core.errors import Unavailable
from toolkit.messages.payments import RiskLevel, ScreeningPurpose
from toolkit.notifications.discord import _Calls
from toolkit.payments import screening
from toolkit.payments.custodian import CustodianRail
from toolkit.payments.stripe import StripeRail
from toolkit.payments.verdict import Assessment
from toolkit.runtime.poller import Poller


def new_idempotency_key_at_each_attempt(patch):
    """The provider cannot tell a second try from a second wish."""
    honest = StripeRail.perform

    async def perform(self, command, attempt):
        key = UUID(int=attempt.key.int ^ attempt.number)
        return await honest(self, command, replace(attempt, key=key))

    patch.setattr(StripeRail, "perform", perform)


def new_key_on_chain_at_each_attempt(patch):
    """As above, at the custodian; and what it shows is not looked at."""
    honest = CustodianRail.perform

    async def perform(self, command, attempt):
        key = UUID(int=attempt.key.int ^ attempt.number)
        return await honest(self, command, replace(attempt, key=key))

    patch.setattr(CustodianRail, "perform", perform)
    patch.setattr(toolkit.payments.custodian, "looks_first", lambda _attempt: False)


def silence_taken_for_a_refusal(patch):
    """A call without an answer is given up, though it may have taken effect."""
    honest = StripeRail.perform

    async def perform(self, command, attempt):
        try:
            return await honest(self, command, attempt)
        except Unavailable:
            return []

    patch.setattr(StripeRail, "perform", perform)


def never_looks_first(patch):
    """A stored error is taken for the end, and the money is moved again."""
    patch.setattr(toolkit.payments.stripe, "looks_first", lambda _attempt: False)
    patch.setattr(
        toolkit.payments.stripe, "refuse_past_horizon", lambda _attempt, _shows: None
    )


def nobody_asks_for_lost_news(patch):
    """What no webhook brought is never heard of."""

    async def poll(_self):
        return 0

    patch.setattr(Poller, "poll", poll)


def signatures_are_not_checked(patch):
    """Whoever knocks is Stripe."""
    patch.setattr(sims.world.postman, "verify", lambda *_: None)


def old_signatures_are_good(patch):
    """What was overheard may be brought again, days later."""
    patch.setattr(toolkit.gateway.signatures, "AGE_MAX", timedelta(days=365))


def everybody_is_clean(patch):
    """No list is read."""

    def clean(provider):
        return lambda _answer, address: Assessment(
            provider=provider, address=address, level=RiskLevel.LOW, sanctioned=False
        )

    patch.setattr(screening, "READERS", {name: clean(name) for name in screening.READERS})


def one_word_is_enough(patch):
    """Whoever speaks first decides; the other vendor's list is not waited for."""
    import toolkit.payments.custody

    honest = toolkit.payments.custody.combined
    patch.setattr(
        toolkit.payments.custody, "combined", lambda heard: honest(heard, vendors=())
    )


def messages_that_discord_cannot_tell_apart(patch):
    """A second try looks like a second message, and nobody reads what was said before."""
    honest = _Calls.post

    async def post(self, place, text, _nonce):
        await honest(self, place, text, None)

    async def finds(_self, _place, _letter, _since):
        return False

    patch.setattr(_Calls, "post", post)
    patch.setattr(_Calls, "finds", finds)


def the_second_wallet_is_as_clean_as_the_first(patch):
    """What the vendors say of a seller's wallet changes nothing."""
    honest = toolkit.payments.decider.screened

    def screened(payment, word):
        if word.purpose is ScreeningPurpose.TRANSFER:
            word = replace(word, level=RiskLevel.LOW, sanctioned=False)
        yield from honest(payment, word)

    patch.setattr(toolkit.payments.decider, "screened", screened)


def signatures_from_the_future_are_good(patch):
    """Only what is too old is turned away."""
    patch.setattr(toolkit.gateway.signatures, "AHEAD_MAX", timedelta(days=365))


def poller_that_never_looks_back(patch):
    """What happened while nobody asked is not asked for."""
    patch.setattr("toolkit.runtime.poller.LOOK_BACK", timedelta())
    patch.setattr("toolkit.runtime.poller.OVERLAP", timedelta())


RAILS = {  # each with the first seed that catches it, where one is known
    new_idempotency_key_at_each_attempt: 2,
    new_key_on_chain_at_each_attempt: 1,
    silence_taken_for_a_refusal: None,
    never_looks_first: 7,
    nobody_asks_for_lost_news: None,
    signatures_are_not_checked: 1,
    old_signatures_are_good: 1,
    everybody_is_clean: 1,
    one_word_is_enough: 6,
    messages_that_discord_cannot_tell_apart: 2,
    the_second_wallet_is_as_clean_as_the_first: 12,
    signatures_from_the_future_are_good: 7,
    poller_that_never_looks_back: None,
}
