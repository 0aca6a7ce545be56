"""A question of capacity as a person writes it: a YAML file with every field named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sims.calibration.profile import curve_of, load
from sims.capacity.flow import Load, Partitioned, Service, Stage, Workers
from sims.given import Count, Given, Positive, checked, raw
from toolkit.core.message import record

KINDS = ("partitions", "consumers", "workers")
SEARCH: Literal["search"] = "search"


class GivenLoad(Given):
    """How many messages a second, of how many keys that are alive."""

    rate_per_s: Positive
    keys: Count = 10_000
    zipf: Annotated[float, Field(ge=0)] = 0.0


class GivenStage(Given):
    """One stage of the path, with partitions and consumers or with workers, or a search."""

    name: str
    batch_ms: Annotated[float, Field(ge=0)] = 0.0
    message_ms: Positive
    measured_ms: Mapping[int, Positive] = {}  # of batches by size, in place of the two
    cv2: Annotated[float, Field(ge=0)] = 0.0
    records_max: Count = 500
    records_min: Count = 1  # a batch begins with so many, or after `wait_ms`
    wait_ms: Annotated[float, Field(ge=0)] = 0.0
    hop_ms: Annotated[float, Field(ge=0)] = 0.0
    partitions: Count | Literal["search"] | None = None
    consumers: Count | Literal["search"] | None = None
    workers: Count | Literal["search"] | None = None

    @model_validator(mode="after")
    def is_of_one_kind(self) -> Self:
        given = [name for name in KINDS if getattr(self, name) is not None]
        if given not in (["partitions", "consumers"], ["workers"]):
            raise ValueError("a stage has partitions and consumers, or it has workers")
        if (self.partitions == SEARCH) != (self.consumers == SEARCH):
            raise ValueError(
                "partitions and consumers are searched together, or not at all"
            )
        if self.records_min > self.records_max:
            raise ValueError("records_min is more than records_max")
        if self.records_min > 1 and (self.workers is not None or not self.wait_ms):
            raise ValueError(
                "records_min needs partitions, and a wait_ms for the last ones"
            )
        return self


class Objective(Given):
    """A share of all messages that is through the whole path within a time."""

    quantile: Annotated[float, Field(gt=0, lt=1)] = 0.99
    within_ms: Positive


class OneDies(Given):
    """How long a death goes unnoticed, is shared out, and until the consumer is back."""

    session_timeout_s: Positive = 45.0
    rebalance_s: Annotated[float, Field(ge=0)] = 3.0
    back_after_s: Positive = 120.0


class Candidates(Given):
    """What may be chosen, from small to large."""

    partitions: Sequence[Count] = (6, 12, 24, 48, 96)
    consumers: Sequence[Count] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 48)
    workers: Sequence[Count] = (4, 8, 16, 32, 64, 128, 256)

    @model_validator(mode="after")
    def grow(self) -> Self:
        for name in ("partitions", "consumers", "workers"):
            values = list(getattr(self, name))
            if not values or values != sorted(set(values)):
                raise ValueError(f"{name}: list them from small to large, each once")
        return self


class Question(Given):
    """The whole file."""

    question: str
    load: GivenLoad
    stages: Annotated[Sequence[GivenStage], Field(min_length=1)]
    objective: Objective
    one_dies: OneDies = OneDies()
    candidates: Candidates = Candidates()
    rates_per_s: Sequence[Positive] = ()  # of the demand curve; the load's is among them
    messages_per_run: Annotated[int, Field(ge=1_000)] = 30_000
    escrows_confirmed: Count = 2_000  # of a run with the real handlers, at the most
    profile: str | None = None  # where the stages' times were measured
    precision: Annotated[float, Field(gt=0, lt=1)] = 0.05
    seed: int = 1

    @model_validator(mode="after")
    def names_are_unique(self) -> Self:
        names = [stage.name for stage in self.stages]
        if len(names) != len(set(names)):
            raise ValueError("two stages have the same name")
        return self

    @property
    def rates(self) -> list[float]:
        return sorted({*self.rates_per_s, self.load.rate_per_s})

    def load_at(self, rate: float) -> Load:
        return Load(rate=rate, keys=self.load.keys, zipf=self.load.zipf)


@record
class Choice:
    """What one searched stage gets."""

    partitions: int = 0
    consumers: int = 0
    workers: int = 0


Plan = Mapping[str, Choice]


def read(path: Path) -> Question:
    """Read a question; what its stages do not say is taken from the profile it names.

    Raises UnclearError with the file and the field.
    """
    given = raw(path)
    if isinstance(given, dict) and isinstance(given.get("profile"), str):
        measured = load(path.parent / given["profile"])
        stages = [
            measured.fill(stage) if isinstance(stage, dict) else stage
            for stage in given.get("stages") or ()
        ]
        given = {**given, "stages": stages}
    return checked(Question, given, path)


def staged(question: Question, plan: Plan) -> list[Stage]:
    """Build the path with what a plan gives to those that are searched."""
    return [_stage(given, plan.get(given.name, Choice())) for given in question.stages]


def _stage(given: GivenStage, chosen: Choice) -> Stage:
    service = Service(
        batch_s=given.batch_ms / 1_000,
        message_s=given.message_ms / 1_000,
        cv2=given.cv2,
        records_max=given.records_max,
        records_min=given.records_min,
        curve=curve_of(given.measured_ms),
        wait_s=given.wait_ms / 1_000 if given.records_min > 1 else 0.0,
    )
    hop_s = given.hop_ms / 1_000
    if given.workers is not None:
        workers = chosen.workers if given.workers == SEARCH else given.workers
        return Workers(name=given.name, service=service, workers=workers, hop_s=hop_s)
    assert given.partitions is not None
    assert given.consumers is not None
    is_searched = SEARCH in {given.partitions, given.consumers}
    return Partitioned(
        name=given.name,
        service=service,
        partitions=chosen.partitions if is_searched else int(given.partitions),
        consumers=chosen.consumers if is_searched else int(given.consumers),
        hop_s=hop_s,
    )
