"""One replication of a scenario: a month that begins in the middle of many stories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Protocol

import simpy

from sims.studies.coarse import Coarse
from sims.studies.measures import Told, told
from sims.studies.question import Question, Scenario
from sims.world.banks import regret
from sims.world.custodian.model import CustodianModel
from sims.world.habits import Habits
from sims.world.outside import SimOutside
from sims.world.people import Deal, House
from sims.world.stripe.client import InProcessStripe
from sims.world.time import SimSignal, SimTasks
from toolkit.core.message import derived, record

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OPENS_H, CLOSES_H = 7, 22  # UTC: when contracts come
LOOK_BACK = 60  # days; every story of a calm world is over by then
LAYERS, A_DAY = 1_000, 100_000  # to number deals apart by day and layer
PILOTS = 900_000_000  # the numbers of the stories that the start is drawn from


class Neighbourhood(House, Protocol):
    """A house with its providers: the coarse one, or the whole platform."""

    env: simpy.Environment
    client: InProcessStripe
    called: SimSignal
    custodian: CustodianModel
    custodian_called: SimSignal

    def run(self, until: datetime) -> None: ...


@record
class Arrival:
    """A contract: when it comes, its number, and a chance of its own."""

    at: datetime
    number: int
    random: Random


@record
class Past:
    """The stories that were played: how long each lasts, and when something happens."""

    lives: Sequence[timedelta]
    moments: Sequence[Sequence[timedelta]] = ()  # since its beginning, in order

    @property
    def longest(self) -> timedelta:
        return max(self.lives)


def arrivals(question: Question, scenario: Scenario, seed: int, day: int) -> list[Arrival]:
    """Draw one day's contracts; whatever two scenarios share, they share to the second.

    What grows is added in layers of the usual number, each with chances of its own, and
    the last of them is thinned.
    """
    factor = scenario.factor_on(day) if day >= 0 else scenario.growth
    found = []
    for layer in range(ceil(factor)):
        chance = Random(f"{seed}:arrivals {day} {layer}")
        mean = (CLOSES_H - OPENS_H) * HOUR / question.escrows_per_day
        at = question.first_at + day * DAY + OPENS_H * HOUR
        stop_at = question.first_at + day * DAY + CLOSES_H * HOUR
        index = 0
        while (at := at + mean * chance.expovariate(1.0)) < stop_at:
            index += 1
            number = ((day + LAYERS // 2) * LAYERS + layer) * A_DAY + index
            own = Random(f"{seed}:arrival {number}")
            if own.random() < factor - layer:
                found.append(Arrival(at=at, number=number, random=own))
    return sorted(found, key=lambda arrival: (arrival.at, arrival.number))


def pilot(question: Question, scenario: Scenario) -> Past:
    """Play many stories from their beginning, in calm, and say how long each lasts."""
    house = Coarse(
        seed=question.seed,
        start_at=question.first_at,
        windows=scenario.windows,
        faults=scenario.faults_of("none", question.first_at),
        custodian_faults=scenario.faults_of("none", question.first_at),
    )
    for index in range(question.stories):
        chances = pilot_chances(question, index)
        begin(house, PILOTS + index, scenario.people, chances, question.seed)
    house.run(until=question.first_at + LOOK_BACK * DAY)
    numbers = range(question.stories)
    ended = {str(derived("escrow", f"contract-{PILOTS + n:06}")): n for n in numbers}
    moments: list[set[timedelta]] = [set() for _ in numbers]
    for envelope in (*house.events["escrow"], *house.events["payments"]):
        moments[ended[envelope.key]].add(envelope.occurred_at - question.first_at)
    return Past(
        lives=[max(each, default=timedelta()) for each in moments],
        moments=[sorted(each) for each in moments],
    )


def alive_at_start(
    question: Question, scenario: Scenario, past: Past, seed: int
) -> Iterator[tuple[Arrival, int]]:
    """Draw the stories that are going on when the time begins that is looked at.

    Contracts have always come, each with a story drawn from those that were played, and
    those are kept that outlast their age: then the number that is alive has Poisson's law
    with the mean that Little's gives it, whatever the law of the stories' length (M/G/∞).
    """
    for day in range(-ceil(past.longest / DAY) - 1, 0):
        for arrival in arrivals(question, scenario, seed, day):
            index = arrival.random.randrange(len(past.lives))
            if past.lives[index] > question.first_at - arrival.at:
                yield arrival, index


def played(question: Question, scenario: Scenario, past: Past, replication: int) -> Told:
    """Play one replication, and measure it."""
    seed = question.seed * 10_000 + replication
    house = house_of(question, scenario, past, seed)
    play_on(house, question, scenario, past, seed)
    return told(house.events, question.first_at, question.stop_at)


def house_of(question: Question, scenario: Scenario, past: Past, seed: int) -> Coarse:
    """Open the house early enough for the oldest story."""
    return Coarse(
        seed=seed,
        start_at=opens_at(question, past),
        windows=scenario.windows,
        faults=scenario.faults_of("stripe", question.first_at),
        custodian_faults=scenario.faults_of("custodian", question.first_at),
        screening_faults=scenario.screening_faults(question.first_at),
    )


def opens_at(question: Question, past: Past) -> datetime:
    return question.first_at - ceil(past.longest / DAY) * DAY - DAY


def play_on(
    house: Neighbourhood, question: Question, scenario: Scenario, past: Past, seed: int
) -> None:
    """Let everybody come at their time, until the end of what is looked at."""
    coming = [
        (arrival, pilot_chances(question, index))
        for arrival, index in alive_at_start(question, scenario, past, seed)
    ]
    for day in range(question.lasts_days):
        for arrival in arrivals(question, scenario, seed, day):
            own = Random(f"{seed}:deal {arrival.number}")
            coming.append((arrival, (own, Random(f"{seed}:bank {arrival.number}"))))
    SimTasks(house.env).spawn(_come(house, scenario.people, coming, seed))
    house.run(until=question.stop_at)


async def _come(
    house: Neighbourhood,
    people: Habits,
    coming: Sequence[tuple[Arrival, tuple[Random, Random]]],
    seed: int,
) -> None:
    for arrival, chances in sorted(coming, key=lambda each: each[0].at):
        await house.clock.sleep(arrival.at - house.clock.now())
        begin(house, arrival.number, people, chances, seed)


def begin(
    house: Neighbourhood,
    number: int,
    people: Habits,
    chances: tuple[Random, Random],
    seed: int,
) -> None:
    """Let a deal and its bank begin; a story may be told twice, and says nothing twice."""
    outside = SimOutside(
        house.client, house.called, house.custodian, house.custodian_called
    )
    ids = Random(f"{seed}:ids {number}")
    deal = Deal(house, number, people, chances[0], outside, ids)
    SimTasks(house.env).spawn(deal.live())
    SimTasks(house.env).spawn(regret(deal, outside, chances[1]))


def pilot_chances(question: Question, index: int) -> tuple[Random, Random]:
    return (
        Random(f"{question.seed}:pilot {index}"),
        Random(f"{question.seed}:bank of pilot {index}"),
    )
