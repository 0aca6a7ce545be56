"""What a batch promises: each message once, in order, and one key's trouble is its own."""

import random
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.bench import (
    HOUR,
    LOG,
    NOW,
    OTHER,
    Added,
    Bench,
    Call,
    Elsewhere,
    NeverMind,
    Remind,
    add,
    delivered,
    garbage,
)
from toolkit.core.errors import Conflict, Declined, Fenced
from toolkit.core.ports import Versioned
from toolkit.infra.memory import MemoryDatabase
from toolkit.runtime.handler import BatchHandler


def poison(number, key="a"):
    return add(number, key, amount=13)


def test_a_message_that_comes_again_is_not_handled_again(bench):
    assert bench.handle(add(1)) == 1
    assert bench.handle(add(1), add(2)) == 1
    assert bench.total() == 2


def test_twins_in_a_batch_are_one(bench):
    assert bench.handle(add(1), add(1), add(1)) == 1
    assert bench.total() == 1


def test_messages_of_a_key_see_what_the_ones_before_them_did(bench):
    bench.handle(*(add(n, "ab"[n % 2]) for n in range(10)))
    told = [e.message for e in bench.database.events]
    assert [e.total for e in told if e.counter_id == "a"] == [1, 2, 3, 4, 5]


def test_versions_are_contiguous_over_messages_and_batches(bench):
    bench.handle(add(1, amount=2), add(2, amount=3))
    bench.handle(add(3, amount=1))
    assert [e.version for e in bench.database.events] == [1, 2, 3, 4, 5, 6]
    assert bench.database.states["a"].version == 6


def test_commands_have_no_version(bench):
    bench.handle(delivered(Call(counter_id="a"), 1))
    (entry,) = bench.database.agenda.values()
    assert entry.envelope.version is None


def test_a_message_that_says_nothing_leaves_no_state(bench):
    bench.handle(add(1, amount=0))
    assert bench.database.states == {}


def test_a_projection_has_a_version_for_each_change_and_none_for_the_rest(bench):
    told = (Added(counter_id="a", total=n) for n in range(1, 8))
    bench.handle(*(delivered(event, n) for n, event in enumerate(told)))
    assert bench.database.states["a"] == ((2, 4, 6), 3)
    assert bench.database.events == []


def test_what_nobody_listens_to_only_moves_the_offset(bench):
    epochs = bench.own(LOG)
    assert bench.handle(delivered(Elsewhere(), 4), epochs=epochs) == 0
    assert bench.database.cursors[LOG].offset == 5
    assert bench.database.claimed == set()


def test_offsets_move_with_the_effects_or_not_at_all(bench):
    epochs = bench.own(LOG, OTHER)
    bench.own(OTHER)
    with pytest.raises(Fenced):
        bench.handle(add(1), add(7, "b", partition=OTHER), epochs=epochs)
    assert bench.database.cursors[LOG].offset == 0
    assert bench.total() == 0


def test_a_poison_message_parks_its_key_and_only_that(bench):
    bench.handle(add(1), poison(2), add(3), add(4, "b"))
    assert (bench.total("a"), bench.total("b")) == (1, 1)
    (letter,) = bench.database.dead_letters
    assert letter.error == "ValueError: 13 is more than this counter can bear"
    assert [d.offset for d in bench.database.parked["a"]] == [3]


def test_what_comes_later_for_a_parked_key_waits_in_line(bench):
    bench.handle(poison(1))
    bench.handle(add(2), add(3, "b"))
    bench.handle(add(4))
    assert [d.offset for d in bench.database.parked["a"]] == [2, 4]
    assert bench.total("b") == 1


def test_a_parked_message_that_comes_again_waits_once(bench):
    bench.handle(poison(1), add(2))
    bench.handle(add(2))
    assert [d.offset for d in bench.database.parked["a"]] == [2]


def test_what_waited_goes_on_in_order(bench):
    bench.handle(add(1), poison(2), add(3, amount=2), add(4))
    assert bench.run(bench.handler.resume("a")) == 2
    assert [e.message.total for e in bench.database.events] == [1, 2, 3, 4]
    assert "a" not in bench.database.parked


def test_a_second_poison_parks_what_waited_behind_it(bench):
    bench.handle(poison(1), add(2), poison(3), add(4))
    bench.run(bench.handler.resume("a"))
    assert bench.total() == 1
    assert [d.offset for d in bench.database.parked["a"]] == [4]


def test_bytes_that_are_no_message_are_kept_and_park_their_key(bench):
    bench.handle(garbage(1), add(2))
    (letter,) = bench.database.dead_letters
    assert (letter.cargo, letter.error) == (b"?", "no JSON")
    assert bench.total() == 0


class Picky(MemoryDatabase):
    """Refuses to store a total of 3, as a real one refuses what breaks a constraint."""

    @asynccontextmanager
    async def transaction(self):
        async with MemoryDatabase.transaction(self) as transaction:
            honest = transaction.write

            class Guarded:
                open, release = transaction.open, transaction.release
                begin = transaction.begin

                async def write(self, effects):
                    if any(e.message.total == 3 for e in effects.events):
                        raise Declined("a total of 3")
                    await honest(effects)

            yield Guarded()


@pytest.fixture
def picky(bench):
    bench.database = Picky(bench.tasks)
    bench.handler = BatchHandler(
        "counting", bench.database, bench.clock, bench.handler.routes
    )
    return bench


@pytest.mark.parametrize("position", range(8))
def test_of_a_batch_that_is_declined_only_the_guilty_one_is_buried(picky, position):
    batch = [add(n, f"k{n}", amount=3 if n == position else 1) for n in range(8)]
    epochs = picky.own(LOG)
    picky.handle(*batch, epochs=epochs)
    (letter,) = picky.database.dead_letters
    assert letter.key == f"k{position}"
    assert "the database refused it: a total of 3" in letter.error
    assert len(picky.database.states) == 7
    assert picky.database.cursors[LOG].offset == 8


def test_after_a_guilty_one_the_rest_of_its_key_waits(picky):
    picky.handle(add(0), add(1), add(2), add(3), add(4, "b"))
    assert (picky.total("a"), picky.total("b")) == (2, 1)
    assert [d.offset for d in picky.database.parked["a"]] == [3]


@pytest.mark.parametrize("position", range(5))
def test_of_what_is_let_go_only_the_guilty_one_is_buried(picky, position):
    waiting = [add(n, amount=1) for n in range(1, 6)]
    picky.handle(poison(0), *waiting)
    before = Versioned(2 - position, 7)  # the forbidden total of 3 comes in its turn
    picky.database.states["a"] = before
    assert picky.run(picky.handler.resume("a")) == 5
    assert picky.total("a") == 2
    assert picky.database.dead_letters[-1].offset == position + 1
    assert [d.offset for d in picky.database.parked["a"]] == [
        n for n in range(1, 6) if n > position + 1
    ]


def test_a_database_that_declines_no_message_in_particular_lets_nothing_go(picky):
    class Closed(Picky):
        @asynccontextmanager
        async def transaction(self):
            async with MemoryDatabase.transaction(self) as transaction:
                yield transaction
                raise Declined("closed today")

    picky.handle(poison(0), add(1))
    closed = replace(picky.handler, database=Closed(picky.tasks))
    closed.database.parked = picky.database.parked
    with pytest.raises(Declined, match="closed today"):
        picky.run(closed.resume("a"))
    assert picky.run(picky.handler.resume("a")) == 1


def later(number, name="tea", after=HOUR, amount=1):
    return delivered(Remind(counter_id="a", name=name, after=after, amount=amount), number)


def test_a_timer_that_is_set_again_moves(bench):
    bench.handle(later(1, after=HOUR))
    bench.handle(later(2, after=2 * HOUR, amount=5))
    (entry,) = bench.database.agenda.values()
    assert entry.due_at == NOW + 2 * HOUR
    assert entry.envelope.message.amount == 5


def test_timers_of_other_names_and_keys_stay(bench):
    other = Remind(counter_id="b", name="tea")
    bench.handle(later(1), later(2, name="cake"), delivered(other, 3))
    assert len(bench.database.agenda) == 3


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_forgotten_timer_is_gone(bench, is_one_batch):
    messages = [later(1), delivered(NeverMind(counter_id="a", name="tea"), 2)]
    for batch in [messages] if is_one_batch else [[m] for m in messages]:
        bench.handle(*batch)
    assert bench.database.agenda == {}


def test_a_timer_that_is_forgotten_and_set_in_one_batch_is_set(bench):
    bench.handle(later(1))
    forget = delivered(NeverMind(counter_id="a", name="tea"), 2)
    bench.handle(forget, later(3, after=3 * HOUR))
    (entry,) = bench.database.agenda.values()
    assert entry.due_at == NOW + 3 * HOUR


def test_forgetting_what_was_never_set_is_no_trouble(bench):
    assert bench.handle(delivered(NeverMind(counter_id="a", name="tea"), 1)) == 1


def test_a_conflict_leaves_nothing_behind(bench):
    async def overtaken():
        async with bench.database.transaction() as slow:
            snapshot = await slow.open([UUID(int=1)], ["a"])
            await bench.handler.handle([add(2)])
            await bench.handler._judge(slow, [add(1)], snapshot, {}, ())

    with pytest.raises(Conflict):
        bench.run(overtaken())
    assert bench.total() == 1
    assert bench.handle(add(1)) == 1


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4)), max_size=30),
    st.integers(0, 2**32),
)
def test_however_a_history_is_cut_and_repeated_its_end_is_the_same(said, seed):
    deliveries = [add(n, key, amount) for n, (key, amount) in enumerate(said)]
    whole, pieces, dice = Bench(), Bench(), random.Random(seed)
    whole.handle(*deliveries)
    at = 0
    while at < len(deliveries):
        again = dice.randint(0, at)
        stop = dice.randint(at + 1, len(deliveries))
        pieces.handle(*deliveries[again:stop])
        at = stop
    assert pieces.database.states == whole.database.states
    assert [e.id for e in pieces.database.events] == [e.id for e in whole.database.events]


def test_an_event_names_its_cause_and_keeps_its_correlation(bench):
    bench.handle(add(1))
    (event,) = bench.database.events
    assert event.causation_id == event.correlation_id == UUID(int=1)
    assert event.occurred_at == NOW


def test_time_is_read_from_the_clock_that_was_given(bench):
    bench.let(pass_=timedelta(hours=3))
    bench.handle(add(1))
    assert bench.database.events[0].occurred_at == NOW + 3 * HOUR
