"""Around an answer: how much more a plan carries, what matters most, and whole grids.

Every variant meets the same arrivals as the answer itself, so that what differs is due to
what was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from pydantic import ValidationError

from sims.calibration.profile import TIMES
from sims.capacity.question import Plan, Question
from sims.capacity.search import Point, choices, enough, smallest, tried
from sims.given import UnclearError
from toolkit.core.message import record

FACTORS = (1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)  # of the load that was asked about
LESS, MORE = 0.8, 1.2  # what a parameter is changed to, of itself
OF_A_STAGE = ("batch_ms", "message_ms", "cv2", "hop_ms", "wait_ms")
Value = Any  # a number, mostly: whatever stands in a question's file
Each = Callable[[Callable[["Variant"], Point], Sequence["Variant"]], Sequence[Point]]


@record
class Variant:
    """A question with something changed, and a plan; without one it is searched for."""

    question: Question
    rate: float
    plan: Plan | None
    changed: Mapping[str, Value]


@record
class Headroom:
    """The answer's plan under more and more load."""

    points: Sequence[Point]

    def holds_until(self, asked: float) -> float:
        """The highest rate that was tried and below which the objective was always kept."""
        held = asked
        for point in self.points:
            if not point.is_met:
                return held
            held = point.rate
        return held

    @property
    def breaks_at(self) -> Point | None:
        return next((point for point in self.points if not point.is_met), None)


@record
class Sensitivity:
    """What one parameter does to the quantile, if it is less and if it is more."""

    parameter: str
    value: Value
    less: Point
    more: Point

    @property
    def swing_s(self) -> float:
        """How far the quantile moves; a queue without end moves it for ever."""
        if self.less.sojourn is None or self.more.sojourn is None:
            return float("inf")
        return abs(self.more.sojourn.value - self.less.sojourn.value)


def answer(variant: Variant) -> Point:
    """Measure a plan, or look for the smallest that is enough."""
    if variant.plan is not None:
        return tried(variant.question, variant.rate, variant.plan)
    start = smallest(variant.question)
    return enough(variant.question, variant.rate, start, lambda _: None)


def headroom(question: Question, point: Point, each: Each) -> Headroom:
    """Raise the load, and leave the plan as it is."""
    variants = [
        Variant(
            question=question,
            rate=point.rate * factor,
            plan=point.plan,
            changed={"load.rate_per_s": point.rate * factor},
        )
        for factor in FACTORS
    ]
    return Headroom(points=each(answer, variants))


def sensitivities(question: Question, point: Point, each: Each) -> list[Sensitivity]:
    """Change one thing at a time by a fifth; those that matter most come first."""
    parameters = dict(_parameters(question, point))
    variants = [
        _variant(question, point, name, value, factor)
        for name, value in parameters.items()
        for factor in (LESS, MORE)
    ]
    points = each(answer, variants)
    found = [
        Sensitivity(
            parameter=name, value=value, less=points[2 * place], more=points[2 * place + 1]
        )
        for place, (name, value) in enumerate(parameters.items())
    ]
    return sorted(found, key=lambda each: -each.swing_s)


def what_ifs(question: Question, point: Point) -> list[Variant]:
    """The plan with one step less or more of each thing that was chosen."""
    variants = []
    for name, choice in point.plan.items():
        (stage,) = (s for s in question.stages if s.name == name)
        offered = list(choices(question, stage))
        place = offered.index(choice)
        for other in offered[max(place - 1, 0) : place + 2]:
            if other != choice:
                servers = other.workers or other.consumers
                variants.append(
                    Variant(
                        question=question,
                        rate=point.rate,
                        plan={**point.plan, name: other},
                        changed={name: servers},
                    )
                )
    return variants


def grid(question: Question, axes: Mapping[str, Sequence[Value]]) -> list[Variant]:
    """Every combination of the given values, each with a plan of its own."""
    variants = []
    for values in product(*axes.values()):
        changed = dict(zip(axes, values, strict=True))
        other = with_changes(question, changed)
        variants.append(
            Variant(question=other, rate=other.load.rate_per_s, plan=None, changed=changed)
        )
    return variants


def with_changes(question: Question, changed: Mapping[str, Value]) -> Question:
    """Change fields by their names: `load.rate_per_s`, `stages.escrow.message_ms`.

    Raises UnclearError where there is no such field, or the value is none of its kind.
    """
    given = question.model_dump()
    for path, value in changed.items():
        _put(given, path, value)
    try:
        return Question.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()[0]["msg"]
        raise UnclearError(f"{', '.join(changed)}: {wrong}") from error


def _put(given: dict[str, Any], path: str, value: Value) -> None:
    *way, last = path.split(".")
    place: Any = given
    for name in way:
        if isinstance(place, Mapping):
            place = place.get(name)
        elif isinstance(place, Sequence):
            place = next((each for each in place if each.get("name") == name), None)
    if not isinstance(place, dict) or last not in place:
        raise UnclearError(f"{path}: the question has no such field")
    place[last] = value


def _parameters(question: Question, point: Point) -> Iterator[tuple[str, Value]]:
    yield "load.rate_per_s", point.rate
    yield "load.keys", question.load.keys
    if question.load.zipf:
        yield "load.zipf", question.load.zipf
    for stage in question.stages:
        if stage.measured_ms:
            yield f"stages.{stage.name}.measured_ms", 1.0  # all sizes of batches alike
        for name in OF_A_STAGE:
            if (value := getattr(stage, name)) and not (
                stage.measured_ms and name in TIMES
            ):
                yield f"stages.{stage.name}.{name}", value


def _variant(
    question: Question, point: Point, name: str, value: Value, factor: float
) -> Variant:
    assert not isinstance(value, str)
    new: Any = type(value)(value * factor)
    if name.endswith("measured_ms"):
        (stage,) = (s for s in question.stages if name == f"stages.{s.name}.measured_ms")
        new = {size: spent * factor for size, spent in stage.measured_ms.items()}
    rate = new if name == "load.rate_per_s" else point.rate
    other = question if name == "load.rate_per_s" else with_changes(question, {name: new})
    return Variant(question=other, rate=float(rate), plan=point.plan, changed={name: new})
