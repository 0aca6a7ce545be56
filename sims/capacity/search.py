"""The smallest plan that keeps its promise: grow what stands in the way until it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from sims.capacity.estimates import (
    Estimate,
    Numbers,
    mean_of_runs,
    pooled_quantile,
    until_precise,
    warm_up,
)
from sims.capacity.flow import (
    Chance,
    Partitioned,
    Stage,
    Workers,
    arrivals,
    partition_of,
    passed,
    through,
)
from sims.capacity.question import SEARCH, Choice, GivenStage, Plan, Question, staged
from toolkit.core.message import record

UNEVEN_MAX = 1.25  # the busiest consumer's partitions, to the mean
NEARLY_FULL = 0.95  # a plan that is so full is not looked at: a larger one is tried
CALM, LONGER_MAX = 0.8, 25.0  # up to here the given length of a run is enough
Told = Callable[[str], None]


@record
class Point:
    """What a rate needs; `plan` is what was tried last where nothing is enough."""

    rate: float
    plan: Plan
    sojourn: Estimate | None  # seconds at the objective's quantile; None: it never ends
    mean: Estimate | None  # of the same, and the middle one
    median: Estimate | None
    is_met: bool
    bottleneck: str  # the stage that takes most of that time, or all of it
    shares: dict[str, float]  # of the time, by stage
    fullness: dict[str, float]  # of what a stage can carry, by stage


def answered(question: Question, told: Told = lambda _: None) -> list[Point]:
    """Say what each rate of the demand curve needs, each from where the last one ended."""
    found: list[Point] = []
    plan: Plan = smallest(question)
    for rate in question.rates:
        point = enough(question, rate, plan, told)
        found.append(point)
        plan = point.plan
    return found


def smallest(question: Question) -> Plan:
    return {s.name: next(choices(question, s)) for s in question.stages if _is_searched(s)}


def choices(question: Question, stage: GivenStage) -> Iterator[Choice]:
    """Everything that a stage may get, from small to large."""
    may = question.candidates
    if stage.workers is not None:
        yield from (Choice(workers=workers) for workers in may.workers)
        return
    for consumers in may.consumers:
        for partitions in may.partitions:
            busiest = -(-partitions // consumers)
            if busiest * consumers <= UNEVEN_MAX * partitions and partitions >= consumers:
                yield Choice(partitions=partitions, consumers=consumers)
                break


def enough(question: Question, rate: float, plan: Plan, told: Told) -> Point:
    """Grow the plan, always at its bottleneck, until the objective is met."""
    while True:
        point = tried(question, rate, plan)
        told(_line(question, point))
        grown = None if point.is_met else _grown(question, plan, point)
        if grown is None:
            return point
        plan = grown


def tried(question: Question, rate: float, plan: Plan) -> Point:
    """Measure one plan at one rate."""
    stages = staged(question, plan)
    fullness = {s.name: _fullness(question, s, rate) for s in stages}
    fullest = max(fullness, key=lambda name: fullness[name])
    if fullness[fullest] >= (NEARLY_FULL if plan else 1.0):
        return Point(
            rate=rate,
            plan=plan,
            sojourn=None,
            mean=None,
            median=None,
            is_met=False,
            bottleneck=fullest,
            shares={},
            fullness=fullness,
        )
    q, within_s = question.objective.quantile, question.objective.within_ms / 1_000
    count = int(question.messages_per_run * longer(fullness[fullest]))
    sojourn, runs = until_precise(
        lambda run: stays(question, stages, rate, run, count), q, question.precision
    )
    shares = _shares(question, stages, rate)
    return Point(
        rate=rate,
        plan=plan,
        sojourn=sojourn,
        mean=mean_of_runs([float(run.mean()) for run in runs]),
        median=pooled_quantile(runs, 0.5),
        is_met=sojourn.high <= within_s,
        bottleneck=max(shares, key=lambda name: shares[name]),
        shares=shares,
        fullness=fullness,
    )


def longer(fullness: float) -> float:
    """How many times as long a run must be to say anything of a queue so full.

    What is remembered in a queue grows with the square of what is not idle.
    """
    return float(max(1.0, min(((1 - CALM) / max(1 - fullness, 0.01)) ** 2, LONGER_MAX)))


def stays(
    question: Question, stages: Sequence[Stage], rate: float, run: int, count: int
) -> Numbers:
    """How long each message of a run takes, without the run's warm-up."""
    chance = Chance(seed=question.seed, run=run)
    at_s, keys = arrivals(question.load_at(rate), count, chance)
    stayed = through(stages, at_s, keys, chance) - at_s
    return stayed[warm_up(stayed) :]


def _fullness(question: Question, stage: Stage, rate: float) -> float:
    """How much of what its servers can carry a stage is given, the busiest one counting."""
    if isinstance(stage, Workers):
        return rate * stage.service.single_s / stage.workers
    return rate * _hottest(question, stage) / stage.service.rate_max


def _hottest(question: Question, stage: Partitioned) -> float:
    """The share of all messages that the busiest consumer gets."""
    _, keys = arrivals(question.load_at(1.0), 20_000, Chance(seed=question.seed))
    owner = partition_of(keys, stage.partitions) % stage.consumers
    return float(np.bincount(owner).max() / len(owner))


def _shares(question: Question, stages: Sequence[Stage], rate: float) -> dict[str, float]:
    """How the time of the slowest messages is divided among the stages."""
    chance = Chance(seed=question.seed)
    at_s, keys = arrivals(question.load_at(rate), question.messages_per_run, chance)
    marks = [at_s]
    for stage in stages:
        marks.append(passed(stage, marks[-1] + stage.hop_s, keys, chance))
    stayed = marks[-1] - at_s
    slow = stayed >= np.quantile(stayed, question.objective.quantile)
    spent = [float((b - a)[slow].mean()) for a, b in pairwise(marks)]
    total = sum(spent)
    return {s.name: part / total for s, part in zip(stages, spent, strict=True)}


def _grown(question: Question, plan: Plan, point: Point) -> Plan | None:
    """Give more to the worst stage that can have more; None when there is none."""
    weight = point.shares or point.fullness
    for name in sorted(plan, key=lambda name: -weight[name]):
        if not point.shares and point.fullness[name] < NEARLY_FULL:
            continue
        (given,) = (s for s in question.stages if s.name == name)
        offered = list(choices(question, given))
        place = offered.index(plan[name]) + 1
        if place < len(offered):
            return {**plan, name: offered[place]}
    return None


def _is_searched(stage: GivenStage) -> bool:
    return SEARCH in (stage.partitions, stage.workers)


def _line(question: Question, point: Point) -> str:
    given = ", ".join(f"{name} {shown(choice)}" for name, choice in point.plan.items())
    if point.sojourn is None:
        full = point.fullness[point.bottleneck]
        told = f"{point.bottleneck} is {full:.0%} full"
    else:
        quantile = f"p{question.objective.quantile * 100:g}"
        told = f"{quantile} {point.sojourn.value * 1_000:,.0f} ms"
    return f"{point.rate:g}/s with {given or 'what is given'}: {told}"


def shown(choice: Choice) -> str:
    """Write what a stage gets, in a few words."""
    if choice.workers:
        return f"{choice.workers} workers"
    return f"{choice.partitions} partitions / {choice.consumers} consumers"
