"""Bugs planted on purpose: a simulator that does not find them proves nothing.

Each is caught with the seed that stands beside it, and with most others.
"""

from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest

import toolkit.payments.decider
from tests.sims.month import played
from toolkit.core.decider import Forget
from toolkit.core.errors import Unavailable
from toolkit.core.ports import Snapshot
from toolkit.infra.memory import MemoryDatabase, MemoryTransaction
from toolkit.notifications.discord import _Calls
from toolkit.payments.stripe import StripeRail
from toolkit.runtime.handler import _Batch
from toolkit.runtime.relay import Relay

pytestmark = pytest.mark.slow


def inbox_that_forgets(patch):
    """Every delivery is news, however often it has come before."""
    honest = MemoryTransaction.open

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        self.claims.clear()
        return Snapshot(fresh=set(ids), states=found.states, parked=found.parked)

    patch.setattr(MemoryTransaction, "open", open_)


def relay_that_deletes_before_it_publishes(patch):
    """What is under way when the process dies is lost."""

    async def forward(self, owned):
        postings = await owned.read(self.limit)
        await owned.delete({posting.seq for posting in postings})
        await self.producer.publish(postings)
        return len(postings)

    patch.setattr(Relay, "forward", forward)


def new_idempotency_key_at_each_attempt(patch):
    """The provider cannot tell a second try from a second wish."""
    honest = StripeRail.perform

    async def perform(self, command, attempt):
        key = UUID(int=attempt.key.int ^ attempt.number)
        return await honest(self, command, replace(attempt, key=key))

    patch.setattr(StripeRail, "perform", perform)


def payments_that_do_not_ask_what_is_known(patch):
    """An answer and a webhook of the same fact are two facts."""
    patch.setattr(toolkit.payments.decider, "is_news", lambda _payment, _event: True)


def timer_that_is_never_forgotten(patch):
    """What was to be done is done, although it has become needless."""
    honest = _Batch._note

    def note(self, cause, index, consequence, version):
        if not isinstance(consequence, Forget):
            honest(self, cause, index, consequence, version)

    patch.setattr(_Batch, "_note", note)


def agenda_that_forgets_what_it_lends(patch):
    """A call whose caller dies is never made again."""
    honest = MemoryDatabase.lease

    async def lease(self, now, until, limit):
        leased = await honest(self, now, until, limit)
        for entry in leased:
            self.agenda.pop(entry.id)
        return leased

    patch.setattr(MemoryDatabase, "lease", lease)


def silence_taken_for_a_refusal(patch):
    """A call without an answer is given up, though it may have taken effect."""
    honest = StripeRail.perform

    async def perform(self, command, attempt):
        try:
            return await honest(self, command, attempt)
        except Unavailable:
            return []

    patch.setattr(StripeRail, "perform", perform)


def commit_in_two_halves(patch):
    """The inbox is durable before the effects are, and a crash may come between."""
    honest = MemoryTransaction.open

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        self.database.claimed |= self.claims
        self.claims.clear()
        return found

    patch.setattr(MemoryTransaction, "open", open_)


def messages_that_discord_cannot_tell_apart(patch):
    """A second try looks like a second message, and nobody reads what was said before."""
    honest = _Calls.post

    async def post(self, place, text, _nonce):
        await honest(self, place, text, None)

    async def finds(_self, _place, _letter, _since):
        return False

    patch.setattr(_Calls, "post", post)
    patch.setattr(_Calls, "finds", finds)


MUTANTS = [
    (inbox_that_forgets, 1),
    (relay_that_deletes_before_it_publishes, 1),
    (new_idempotency_key_at_each_attempt, 1),
    (payments_that_do_not_ask_what_is_known, 1),
    (timer_that_is_never_forgotten, 1),
    (agenda_that_forgets_what_it_lends, 1),
    (silence_taken_for_a_refusal, 1),
    (commit_in_two_halves, 1),
    (messages_that_discord_cannot_tell_apart, 1),
]


@contextmanager
def planted(mutant):
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        yield


@pytest.mark.parametrize(
    ("mutant", "seed"),
    [pytest.param(*m, id=f"{m[0].__name__}, seed={m[1]}") for m in MUTANTS],
)
def test_a_planted_bug_is_caught(mutant, seed, tmp_path):
    with planted(mutant):
        history = played(seed, tmp_path)
    assert history.broken
