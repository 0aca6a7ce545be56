"""The locustfile: what runs inside Locust, in a process of its own and under gevent.

`Dispatcher` is the open model: people arrive when the schedule says so, whatever has become
of those before them. `Reader` is Locust's own closed model beside it: a fixed number of
people, each of whom waits for an answer before asking again.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from random import Random
from typing import Any

import gevent
from gevent.pool import Group
from locust import FastHttpUser, User, constant, events, task
from locust.exception import StopUser

from loadtests.calls import Calls
from loadtests.journeys import JOURNEYS, OPENING, GaveUp, Person
from loadtests.orders import VARIABLE, Orders, read_orders
from loadtests.samples import CLOSED, DISPATCH, OK, Recorder, Sample
from loadtests.schedule import Arrival, arrivals

FINISHED = "finished"
GENERATOR_STARTS_IN_S = 0.5


class _Here:
    """What one generator's process keeps: made once, when Locust reads this file."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.name = f"{os.getpid()}-{time.monotonic_ns()}"
        self.recorder: Recorder | None = None
        self.origin_s = 0.0

    def start(self) -> Recorder:
        """Open the file of samples; in a worker that is after the fork."""
        if self.recorder is None:
            self.name = f"{os.getpid()}-{time.monotonic_ns()}"
            folder = Path(self.orders.output)
            self.recorder = Recorder.to(folder / f"samples-{self.name}.csv")
            self.origin_s = time.monotonic() + GENERATOR_STARTS_IN_S
        return self.recorder


HERE = _Here(read_orders(Path(os.environ[VARIABLE])))


@events.init.add_listener  # type: ignore[untyped-decorator] # Locust's own
def _listen(environment: Any, **_: Any) -> None:
    """Have the one who leads end the run once every generator has finished."""
    runner, finished = environment.runner, set()

    def one_finished(environment: Any, msg: Any, **_: Any) -> None:
        finished.add(msg.data["name"])
        if len(finished) >= HERE.orders.workers:
            gevent.spawn_later(0.1, environment.runner.quit)

    if type(runner).__name__ != "WorkerRunner":
        runner.register_message(FINISHED, one_finished)


@events.request.add_listener  # type: ignore[untyped-decorator] # Locust's own
def _keep_closed(
    request_type: str,
    name: str,
    response_time: float,
    exception: Exception | None,
    context: Any,
    **_: Any,
) -> None:
    """Write down what closed users saw; the open model writes its own samples."""
    if context.get("model") == CLOSED:
        took_s, recorder = response_time / 1e3, HERE.start()
        at_s = time.monotonic() - HERE.origin_s - took_s
        outcome = OK if exception is None else type(exception).__name__
        recorder.write(
            Sample(
                at_s=at_s,
                kind=CLOSED,
                name=f"{request_type} {name}",
                latency_s=took_s,
                service_s=took_s,
                outcome=outcome,
            )
        )


class Dispatcher(User):
    """Sends each arrival on its way at its moment. There is one in a process."""

    fixed_count = HERE.orders.workers

    @task
    def dispatch(self) -> None:
        recorder, orders = HERE.start(), HERE.orders
        index = max(getattr(self.environment.runner, "worker_index", 0), 0)
        calls = Calls.of(orders, recorder, HERE.origin_s, self._tell)
        people: list[Person] = []
        group, refused, intended = Group(), 0, 0
        for arrival in arrivals(orders.segments, orders.journeys, orders.seed):
            if arrival.number % orders.workers != index % orders.workers:
                continue
            intended += 1
            gevent.sleep(max(arrival.at_s - calls.now_s, 0.0))
            recorder.write(_delay(arrival, calls.now_s))
            if len(group) >= orders.in_flight_max:
                refused += 1
                continue
            person = _person(arrival, calls)
            people.append(person)
            group.spawn(_live, person)
        gevent.sleep(max(orders.seconds - calls.now_s, 0.0))
        in_flight = len(group)
        group.join()
        self._leave(calls, people, intended, refused, in_flight)

    def _leave(
        self, calls: Calls, people: list[Person], intended: int, refused: int, left: int
    ) -> None:
        """Write what became of everybody, and say that this generator has finished."""
        folder = Path(HERE.orders.output)
        opened = [
            {
                "contract_id": person.contract_id,
                "escrow_id": person.escrow_id,
                "amount_minor": person.amount_minor,
                "accepted": person.accepted,
                "paid": person.paid,
                "shown": person.shown,
            }
            for person in people
            if person.arrival.journey in OPENING
        ]
        told = {
            "intended": intended,
            "started": len(people),
            "refused": refused,
            "in_flight_at_end": left,
            "ended_at_s": calls.now_s,
            "origin_s": calls.origin_s,
            "opened": opened,
        }
        calls.recorder.sink.flush()
        (folder / f"generator-{HERE.name}.json").write_text(json.dumps(told))
        self.environment.runner.send_message(FINISHED, {"name": HERE.name})
        raise StopUser

    def _tell(self, kind: str, name: str, sample: Sample, length: int) -> None:
        self.environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=sample.latency_s * 1e3,
            response_length=length,
            exception=None if sample.outcome == OK else RuntimeError(sample.outcome),
            context={},
        )


class Reader(FastHttpUser):
    """One of a fixed number of people who read the newest escrows."""

    weight = 1
    wait_time = constant(HERE.orders.closed_pause_s)

    def context(self) -> dict[str, str]:
        return {"model": CLOSED}

    @task
    def read(self) -> None:
        admins = HERE.orders.people["admin"]
        headers = {"Authorization": f"Bearer {next(iter(admins.values()))}"}
        path = "/api/projections/escrows?limit=20"
        self.client.get(path, headers=headers, name="/api/projections/escrows")


if not HERE.orders.closed_users:
    del Reader


def _delay(arrival: Arrival, now_s: float) -> Sample:
    """Say how late the generator itself was to send somebody on their way."""
    return Sample(
        at_s=arrival.at_s,
        kind=DISPATCH,
        name=arrival.journey,
        latency_s=now_s - arrival.at_s,
        service_s=0.0,
    )


def _person(arrival: Arrival, calls: Calls) -> Person:
    random = Random(f"{calls.orders.seed}:person {arrival.number}")
    return Person(arrival=arrival, calls=calls, random=random)


def _live(person: Person) -> None:
    """Let a person live their journey, and report the whole of it."""
    journey, at_s, outcome = person.arrival.journey, person.arrival.at_s, OK
    try:
        JOURNEYS[journey](person)
    except GaveUp as why:
        outcome = f"gave up: {why}"
    person.flowed(f"journey {journey}", at_s, outcome)
