"""Whoever watches the shell sees batches, calls and loops, and changes only traces."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from tests.runtime.bench import HOUR, LOG, ROUTES, Answered, Call, add, delivered, garbage
from toolkit.core.errors import Fenced, Unavailable
from toolkit.runtime.agenda import AgendaWorker
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.relay import Relay

HANDLED = "00-" + "a" * 32 + "-" + "1" * 16 + "-01"
CALLED = "00-" + "a" * 32 + "-" + "2" * 16 + "-01"


@dataclass
class Watcher:
    """Writes down what it is told, and puts spans of its own into the trace."""

    seen: list = field(default_factory=list)
    beats: set = field(default_factory=set)
    deliveries: list = field(default_factory=list)

    @contextmanager
    def handling(self, service, deliveries):
        self.deliveries = [
            replace(d, envelope=d.envelope and replace(d.envelope, traceparent=HANDLED))
            for d in deliveries
        ]
        with self.noting(service, "handling"):
            yield self

    def committed(self, effects, fresh_count):
        self.seen.append(("committed", len(effects.events), fresh_count))

    @contextmanager
    def publishing(self, service, postings):
        with self.noting(service, f"publishing {len(postings)}"):
            yield

    @contextmanager
    def performing(self, service, entry):
        with self.noting(service, "performing"):
            yield replace(entry.envelope, traceparent=CALLED)

    @contextmanager
    def noting(self, service, what):
        try:
            yield
        except Exception as failure:
            self.seen.append((service, what, type(failure).__name__))
            raise
        self.seen.append((service, what, "done"))

    def beat(self, service, loop):
        self.beats.add((service, loop))

    def rest(self, service, loop):
        self.beats.add((service, f"{loop} rests"))


@pytest.fixture
def watcher():
    return Watcher()


@pytest.fixture
def watched(bench, watcher):
    bench.handler = BatchHandler("counting", bench.database, bench.clock, ROUTES, watcher)
    return bench


def traces(bench):
    return {p.cargo.type: p.cargo.traceparent for p in bench.database.outbox.values()}


def test_a_batch_is_told_with_what_it_made_durable(watched, watcher):
    watched.handle(add(1, amount=3), add(2), add(1))
    assert watcher.seen == [("committed", 4, 2), ("counting", "handling", "done")]


def test_a_batch_of_a_partition_that_was_lost_is_seen_to_fail(watched, watcher):
    epochs = watched.own(LOG)
    watched.own(LOG)
    with pytest.raises(Fenced):
        watched.handle(add(1), epochs=epochs)
    assert watcher.seen == [("counting", "handling", "Fenced")]


def test_what_a_message_causes_carries_the_span_it_was_handled_in(watched):
    watched.handle(add(1))
    assert traces(watched) == {"Added": HANDLED}


def test_what_cannot_be_read_is_watched_too(watched, watcher):
    watched.handle(garbage(1))
    assert watcher.seen == [("committed", 0, 0), ("counting", "handling", "done")]


def test_a_call_and_its_silence_are_seen_and_its_fact_is_of_its_span(
    bench, watched, watcher
):
    silences = [Unavailable("busy")]

    async def perform(command, attempt):  # noqa: ARG001 - a port's shape
        if silences:
            raise silences.pop()
        return [Answered(counter_id=command.counter_id)]

    # The fact is handled by a handler that nobody watches, so the call's span stays.
    plain = BatchHandler("counting", bench.database, bench.clock, ROUTES)
    watched.handle(delivered(Call(counter_id="a"), 1))
    worker = AgendaWorker(
        bench.database, plain, perform, bench.clock, bench.tasks, telemetry=watcher
    )
    bench.tasks.spawn(worker.run())
    bench.let(pass_=HOUR)
    assert watcher.seen[2:] == [
        ("counting", "performing", "Unavailable"),
        ("counting", "performing", "done"),
    ]
    assert traces(bench) == {"Answered": CALLED}
    assert watcher.beats == {("counting", "agenda")}


def test_a_relay_rests_until_the_outbox_is_its_own_and_then_goes_round(
    bench, watched, watcher
):
    class Broker:
        async def publish(self, postings):
            return {p.seq for p in postings}

    watched.handle(add(1, amount=2))
    relay = Relay("counting", bench.database, Broker(), bench.clock, telemetry=watcher)
    bench.tasks.spawn(relay.run())
    bench.let(pass_=HOUR)
    assert ("counting", "publishing 2", "done") in watcher.seen
    assert watcher.beats == {("counting", "relay rests"), ("counting", "relay")}
