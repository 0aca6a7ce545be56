"""Bugs in the shell: inbox, outbox, offsets, fences, agenda, dead letters and retries."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import toolkit.runtime.handler
from sims.world.database import SimTransaction
from toolkit.archive.service import Sheaf
from toolkit.core.decider import Forget
from toolkit.core.errors import Conflict, Fenced, Unavailable
from toolkit.core.ports import Effects, Snapshot
from toolkit.infra.memory import MemoryDatabase, MemoryTransaction
from toolkit.runtime import consumer
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.consumer import ConsumerLoop
from toolkit.runtime.handler import BatchHandler, _Batch
from toolkit.runtime.intake import Intake
from toolkit.runtime.relay import Relay

HANDLER = toolkit.runtime.handler


def inbox_that_forgets(patch):
    """Every delivery is news, however often it has come before."""
    honest = MemoryTransaction.open

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        self.claims.clear()
        return Snapshot(fresh=set(ids), states=found.states, parked=found.parked)

    patch.setattr(MemoryTransaction, "open", open_)


def commit_in_two_halves(patch):
    """The inbox is durable before the effects are, and a crash may come between."""
    honest = MemoryTransaction.open

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        self.database.claimed |= self.claims
        self.claims.clear()
        return found

    patch.setattr(MemoryTransaction, "open", open_)


def offsets_before_effects(patch):
    """A partition moves on first, and what was read is handled afterwards."""
    honest = BatchHandler.handle

    async def handle(self, deliveries, epochs=None, answered=()):
        if epochs:
            last = {d.partition: d.offset for d in deliveries}
            kept = self.database.cursors
            moved = [
                replace(kept[p], offset=o + 1, epoch=epochs[p]) for p, o in last.items()
            ]
            async with self.database.transaction() as transaction:
                await transaction.write(Effects(cursors=moved))
        return await honest(self, deliveries, {}, answered)

    patch.setattr(BatchHandler, "handle", handle)


def old_owners_may_write(patch):
    """Nobody looks at the epoch of whoever commits."""
    honest = MemoryDatabase.check

    def check(self, transaction):
        try:
            honest(self, transaction)
        except Fenced:
            return

    patch.setattr(MemoryDatabase, "check", check)


def states_are_overwritten(patch):
    """Whoever commits last wins, whatever the other has seen."""
    honest = MemoryDatabase.check

    def check(self, transaction):
        try:
            honest(self, transaction)
        except Conflict as conflict:
            if "is at version" not in str(conflict):
                raise

    patch.setattr(MemoryDatabase, "check", check)


def rows_are_not_locked(patch):
    """As above, and nobody waits for anybody."""
    states_are_overwritten(patch)
    patch.setattr(SimTransaction, "open", MemoryTransaction.open)


def relay_that_deletes_before_it_publishes(patch):
    """What is under way when the process dies is lost."""

    async def forward(self, owned):
        postings = await owned.read(self.limit)
        await owned.delete({posting.seq for posting in postings})
        await self.producer.publish(postings)
        return len(postings)

    patch.setattr(Relay, "forward", forward)


def relay_that_takes_sent_for_written(patch):
    """What the broker did not confirm is deleted with the rest."""

    async def forward(self, owned):
        postings = await owned.read(self.limit)
        if postings:
            await self.producer.publish(postings)
            await owned.delete({posting.seq for posting in postings})
        return len(postings)

    patch.setattr(Relay, "forward", forward)


def relay_that_publishes_the_newest_first(patch):
    """The order of what was said is lost on its way out."""
    honest = MemoryDatabase._post

    def post(self, topic, key, cargo):
        honest(self, topic, key, cargo)
        newest = {self.serial: self.outbox.pop(self.serial)}
        self.outbox = {**newest, **self.outbox}

    patch.setattr(MemoryDatabase, "_post", post)


def dead_letters_are_swallowed(patch):
    """What cannot be handled is passed over, and nobody hears of it."""
    patch.setattr(_Batch, "_bury", lambda _self, _delivery, _error: None)


def parked_keys_go_on(patch):
    """What comes after a dead letter is handled as if nothing had been."""
    honest = MemoryTransaction.open

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        return Snapshot(fresh=found.fresh, states=found.states, parked=set())

    patch.setattr(MemoryTransaction, "open", open_)


def batches_are_given_up(patch):
    """A database that is away for a second costs the batch that was in hand."""

    async def once(_clock, _seed, work):
        try:
            return await work()
        except (Conflict, Unavailable):
            return []

    patch.setattr(consumer, "persistently", once)


def offsets_are_one_too_far(patch):
    """Who takes over a partition begins behind the record that was to be next."""
    honest = ConsumerLoop._take_over

    async def take_over(self, partitions):
        await honest(self, partitions)
        for cursor in self.owned.values():
            if cursor.partition in partitions and cursor.offset:
                self.consumer.positions[cursor.partition] = cursor.offset + 1

    patch.setattr(ConsumerLoop, "_take_over", take_over)


def timer_that_is_never_forgotten(patch):
    """What was to be done is done, although it has become needless."""
    honest = _Batch._note

    def note(self, cause, index, consequence, version):
        if not isinstance(consequence, Forget):
            honest(self, cause, index, consequence, version)

    patch.setattr(_Batch, "_note", note)


def timers_die_with_their_process(patch):
    """What is due later is kept where a crash finds it."""

    def forget(self):
        self.relief = self.tasks.signal()
        for id, entry in list(self.agenda.agenda.items()):
            if not entry.performs:
                del self.agenda.agenda[id]

    patch.setattr(AgendaWorker, "__post_init__", forget)


def agenda_that_forgets_what_it_lends(patch):
    """A call whose caller dies is never made again."""
    honest = MemoryDatabase.lease

    async def lease(self, now, until, limit):
        leased = await honest(self, now, until, limit)
        for entry in leased:
            self.agenda.pop(entry.id)
        return leased

    patch.setattr(MemoryDatabase, "lease", lease)


def calls_are_not_tried_again(patch):
    """A call that failed once is off the agenda."""

    async def postpone(self, id, _due_at):
        self.agenda.pop(id, None)

    patch.setattr(MemoryDatabase, "postpone", postpone)


def timers_speak_late(patch):
    """What is due waits for whatever else wakes the worker."""

    async def rest(self, _now):
        await self.planned.heard()

    patch.setattr(MemoryDatabase, "rest", rest)


def ids_by_chance(patch):
    """What a message leads to has another name at each try."""
    honest = _Batch._judge
    count = iter(range(10**9))

    def judge(self, envelope, judgement):
        honest(self, envelope, judgement)
        for said in (self.effects.events, self.effects.outbox):
            for place, each in enumerate(said):
                if each.id.version == 5:
                    said[place] = replace(each, id=UUID(int=next(count), version=4))

    patch.setattr(_Batch, "_judge", judge)


def news_under_a_new_name(patch):
    """Each knock at the door is another piece of news."""
    honest = Intake.receive
    count = iter(range(1, 10**9))

    async def receive(self, message, id, traceparent=None):
        return await honest(self, message, UUID(int=id.int ^ next(count)), traceparent)

    patch.setattr(Intake, "receive", receive)


def archive_that_drops_some(patch):
    """Every tenth event is not worth keeping."""
    honest = Sheaf.add

    def add(self, delivery, now):
        honest(self, delivery, now)
        if delivery.offset % 10 == 9 and self.readable:
            self.readable.pop()

    patch.setattr(Sheaf, "add", add)


def relay_that_deletes_up_to_the_last(patch):
    """What the broker did not write goes with what came after it and was written."""

    async def forward(self, owned):
        postings = await owned.read(self.limit)
        if not postings:
            return 0
        confirmed = await self.producer.publish(postings)
        last = max(confirmed, default=0)
        await owned.delete({posting.seq for posting in postings if posting.seq <= last})
        if len(confirmed) < len(postings):
            raise Unavailable("some were not confirmed")
        return len(confirmed)

    patch.setattr(Relay, "forward", forward)


def retries_forget_the_inbox(patch):
    """A batch that is tried again is taken for new, though its first try was committed."""
    handle, honest = BatchHandler.handle, MemoryTransaction.open
    failed = set()

    async def handled(self, deliveries, epochs=None, answered=()):
        try:
            return await handle(self, deliveries, epochs, answered)
        except (Conflict, Unavailable):
            failed.add(id(self.database))
            raise

    async def open_(self, ids, keys):
        found = await honest(self, ids, keys)
        if id(self.database) not in failed:
            return found
        failed.discard(id(self.database))
        self.claims.clear()
        return Snapshot(fresh=set(ids), states=found.states, parked=found.parked)

    patch.setattr(BatchHandler, "handle", handled)
    patch.setattr(MemoryTransaction, "open", open_)


def fences_are_one_too_low(patch):
    """Whoever owned a partition before its owner may still write."""
    honest = MemoryDatabase.check

    def check(self, transaction):
        try:
            honest(self, transaction)
        except Fenced:
            for cursor in (c for effects in transaction.writes for c in effects.cursors):
                owner = self.cursors.get(cursor.partition)
                if owner is None or cursor.epoch < owner.epoch - 1:
                    raise

    patch.setattr(MemoryDatabase, "check", check)


def owners_without_an_epoch(patch):
    """Who takes over a partition cannot be told from whoever had it before."""
    honest = MemoryDatabase.take_over

    async def take_over(self, partitions):
        await honest(self, partitions)
        for partition in partitions:
            self.cursors[partition] = replace(self.cursors[partition], epoch=1)
        return [self.cursors[partition] for partition in partitions]

    patch.setattr(MemoryDatabase, "take_over", take_over)


def leases_never_end(patch):
    """A call whose caller died belongs to the dead for a year."""
    patch.setattr("toolkit.runtime.agenda.LEASE", timedelta(days=365))


def views_add_twice(patch):
    """Each event is folded into its view two times."""
    honest = HANDLER.judged

    def judged(judgement, state, envelope, now):
        after, outcome = honest(judgement, state, envelope, now)
        if isinstance(judgement, HANDLER.Projection) and after is not state:
            after = judgement.fold(after, replace(envelope, occurred_at=now))
        return after, outcome

    patch.setattr(HANDLER, "judged", judged)


PLUMBING = {  # each with the first seed that catches it, where one is known
    inbox_that_forgets: 1,
    commit_in_two_halves: None,
    offsets_before_effects: 2,
    old_owners_may_write: None,
    states_are_overwritten: None,
    rows_are_not_locked: None,
    relay_that_deletes_before_it_publishes: 1,
    relay_that_takes_sent_for_written: 3,
    relay_that_publishes_the_newest_first: 1,
    dead_letters_are_swallowed: 1,
    parked_keys_go_on: 2,
    batches_are_given_up: None,
    offsets_are_one_too_far: 1,
    timer_that_is_never_forgotten: 1,
    timers_die_with_their_process: 1,
    agenda_that_forgets_what_it_lends: 1,
    calls_are_not_tried_again: 1,
    timers_speak_late: 1,
    ids_by_chance: 1,
    news_under_a_new_name: 1,
    archive_that_drops_some: 1,
    relay_that_deletes_up_to_the_last: 5,
    retries_forget_the_inbox: 2,
    fences_are_one_too_low: 8,
    owners_without_an_epoch: 1,
    leases_never_end: 2,
    views_add_twice: 1,
}
