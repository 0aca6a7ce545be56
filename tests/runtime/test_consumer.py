"""The consumer loop: it owns partitions, and what it has lost it lets go."""

from dataclasses import dataclass, field

import pytest

from tests.runtime.bench import LOG, OTHER, add
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.ports import Polled
from toolkit.runtime.consumer import ConsumerLoop


@dataclass
class Script:
    """A consumer that has these things to tell, one after another, and then nothing."""

    bench: object
    polls: list
    started: list = field(default_factory=list)

    async def poll(self, records_max, wait):  # noqa: ARG002 - a port's shape
        if not self.polls:
            await self.bench.tasks.signal().heard()
        told = self.polls.pop(0)
        return await told() if callable(told) else told

    async def start(self, cursors):
        self.started += cursors


@pytest.fixture
def listen(bench):
    def run(*polls):
        script = Script(bench, list(polls))
        loop = ConsumerLoop(script, bench.database, bench.handler, bench.clock)
        bench.tasks.spawn(loop.run())
        bench.env.run(until=bench.env.now + 3_600)
        return script, loop

    return run


ASSIGNED = Polled(assigned=[LOG, OTHER])


def heard(*deliveries):
    return Polled(deliveries=deliveries)


def test_it_begins_at_the_offset_in_the_database(bench, listen):
    bench.handle(add(6), epochs=bench.own(LOG))
    script, _ = listen(ASSIGNED)
    assert {c.partition: c.offset for c in script.started} == {LOG: 7, OTHER: 0}
    assert {c.partition: c.epoch for c in script.started} == {LOG: 2, OTHER: 1}


def test_it_handles_what_it_hears_and_moves_on(bench, listen):
    listen(ASSIGNED, heard(add(0), add(1)), heard(add(2, "b", partition=OTHER)))
    assert (bench.total("a"), bench.total("b")) == (2, 1)
    offsets = {p: c.offset for p, c in bench.database.cursors.items()}
    assert offsets == {LOG: 2, OTHER: 3}


def test_what_comes_from_a_partition_it_does_not_own_is_left_alone(bench, listen):
    listen(Polled(assigned=[LOG]), heard(add(0, partition=OTHER), add(1)))
    assert bench.total() == 1
    assert OTHER not in bench.database.cursors


def test_a_revoked_partition_is_handled_no_more(bench, listen):
    listen(ASSIGNED, Polled(revoked=[LOG]), heard(add(0), add(1, "b", partition=OTHER)))
    assert (bench.total("a"), bench.total("b")) == (0, 1)


def test_a_fenced_partition_is_dropped_and_the_others_go_on(bench, listen):
    async def after_another_took_one():
        await bench.database.take_over([LOG])
        return heard(add(0), add(1, "b", partition=OTHER))

    _, loop = listen(
        ASSIGNED,
        after_another_took_one,
        Polled(revoked=[LOG], deliveries=[add(2), add(3, "b", partition=OTHER)]),
    )
    assert (bench.total("a"), bench.total("b")) == (0, 2)
    assert set(loop.owned) == {OTHER}


def test_a_partition_that_a_frozen_process_took_late_goes_back_to_its_owner(bench, listen):
    async def after_another_took_one():
        await bench.database.take_over([LOG])
        return heard(add(0))

    script, loop = listen(ASSIGNED, after_another_took_one, Polled(), heard(add(0)))
    assert bench.total() == 1
    assert bench.database.cursors[LOG].epoch == 3
    assert [c.partition for c in script.started] == [LOG, OTHER, LOG]
    assert set(loop.owned) == {LOG, OTHER}


def test_a_partition_that_comes_back_is_owned_anew(bench, listen):
    async def after_another_took_one():
        await bench.database.take_over([LOG])
        return heard(add(0))

    listen(ASSIGNED, after_another_took_one, Polled(assigned=[LOG]), heard(add(0)))
    assert bench.total() == 1
    assert bench.database.cursors[LOG].epoch == 3


@pytest.mark.parametrize("obstacle", [Conflict("moved on"), Unavailable("no database")])
def test_a_batch_that_could_not_be_written_is_tried_again(
    bench, listen, monkeypatch, obstacle
):
    honest, failures = type(bench.database).check, [obstacle] * 3

    def check(self, transaction):
        if failures:
            raise failures.pop()
        honest(self, transaction)

    monkeypatch.setattr(type(bench.database), "check", check)
    listen(ASSIGNED, heard(add(0)), heard(add(1)))
    assert bench.total() == 2
    assert bench.database.cursors[LOG].offset == 2


def test_a_new_owner_handles_nothing_twice_and_misses_nothing(bench, listen):
    listen(ASSIGNED, heard(add(0), add(1)))
    listen(ASSIGNED, heard(add(1), add(2)))
    assert [e.message.total for e in bench.database.events] == [1, 2, 3]
