"""A question about weeks or months as a person writes it: YAML, one question a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sims.given import Count, Given, Positive, read_as
from sims.studies.measures import MEASURES
from sims.world.faults import CALM, Faults, Outage
from sims.world.habits import Habits, OnChain
from sims.world.screening import Faults as ScreeningFaults
from sims.world.screening import Outage as ScreeningOutage
from toolkit.escrow.policy import Windows

FIRST_DAY = date(2026, 9, 1)
DAY = timedelta(days=1)
Share = Annotated[float, Field(ge=0, le=1)]
# What a file may say of people; the rest has no number that a planner would know.
HABITS = {
    name for name, value in asdict(Habits()).items() if isinstance(value, int | float)
}
ON_CHAIN = set(asdict(OnChain()))
FAULTS = {name for name, value in asdict(CALM).items() if isinstance(value, float)}


class GivenOutage(Given):
    """A provider that answers nothing but errors for a while."""

    provider: Literal["stripe", "custodian", "screening"]
    day: Annotated[int, Field(ge=0)]
    hour: Annotated[float, Field(ge=0, lt=24)]
    lasts_hours: Positive


class Peak(Given):
    """Days with more new contracts than usual, such as a payday or a closing day."""

    day: Annotated[int, Field(ge=0)]
    lasts_days: Count = 1
    factor: Positive


class Scenario(Given):
    """What differs from an ordinary month of ours; nothing is what it is by default."""

    growth: Positive = 1.0
    funding_hours: Positive = 72.0
    inspection_days: Positive = 7.0
    habits: Mapping[str, float] = {}
    on_chain: Mapping[str, float] = {}
    faults: Mapping[str, float] = {}
    peaks: Sequence[Peak] = ()
    outages: Sequence[GivenOutage] = ()

    @model_validator(mode="after")
    def is_known(self) -> Self:
        for name, known in (("habits", HABITS), ("on_chain", ON_CHAIN), ("faults", FAULTS)):
            if unknown := sorted(set(getattr(self, name)) - known):
                raise ValueError(
                    f"{name}: there is no {', '.join(unknown)}; "
                    f"there are {', '.join(sorted(known))}"
                )
        for name, value in self.faults.items():
            if not name.endswith("_s") and not 0 <= value <= 1:
                raise ValueError(f"faults: {name} is a probability, from 0 to 1")
        return self

    @property
    def windows(self) -> Windows:
        return Windows(
            funding=timedelta(hours=self.funding_hours),
            inspection=timedelta(days=self.inspection_days),
        )

    @property
    def people(self) -> Habits:
        usual = Habits()
        return replace(
            usual,
            on_chain=replace(usual.on_chain, **_as_in(usual.on_chain, self.on_chain)),
            **_as_in(usual, self.habits),
        )

    def faults_of(self, provider: str, first_at: datetime) -> Faults:
        """The plan of one provider: its faults all the time, its outages when they come."""
        outages = tuple(
            Outage(first_at + _from(each), first_at + _until(each))
            for each in self.outages
            if each.provider == provider
        )
        return replace(CALM, outages=outages, **self.faults)

    def screening_faults(self, first_at: datetime) -> ScreeningFaults:
        return ScreeningFaults(
            outages=tuple(
                ScreeningOutage(first_at + _from(each), first_at + _until(each))
                for each in self.outages
                if each.provider == "screening"
            )
        )

    def factor_on(self, day: int) -> float:
        """How many times the usual number of contracts a day brings."""
        factor = self.growth
        for peak in self.peaks:
            if peak.day <= day < peak.day + peak.lasts_days:
                factor *= peak.factor
        return factor


class Question(Given):
    """The whole file. The first scenario is what the others are compared with."""

    question: str
    shows: Annotated[Sequence[str], Field(min_length=1)]
    scenarios: Annotated[Mapping[str, Scenario], Field(min_length=1)]
    lasts_days: Count = 30
    escrows_per_day: Annotated[float, Field(gt=0, le=10_000)] = 40.0
    replications: Annotated[int, Field(ge=2, le=1_000)] = 8
    stories: Annotated[int, Field(ge=100)] = 1_000  # from which the start is drawn
    first_day: date = FIRST_DAY
    seed: int = 1

    @model_validator(mode="after")
    def shows_what_is_measured(self) -> Self:
        if unknown := sorted(set(self.shows) - set(MEASURES)):
            raise ValueError(
                f"shows: nobody measures {', '.join(unknown)}; "
                f"there are {', '.join(sorted(MEASURES))}"
            )
        return self

    @property
    def first_at(self) -> datetime:
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def stop_at(self) -> datetime:
        return self.first_at + self.lasts_days * DAY

    @property
    def configuration(self) -> str:
        """A digest of everything but the seed and the number of replications."""
        plain = self.model_dump_json(exclude={"seed", "replications"})
        return sha256(plain.encode()).hexdigest()[:12]


def read(path: Path) -> Question:
    """Read a question.

    Raises UnclearError with the file and the field.
    """
    return read_as(Question, path)


def _as_in(usual: Any, changed: Mapping[str, float]) -> dict[str, Any]:
    """Keep whole numbers whole: a price is in minor units."""
    return {name: type(getattr(usual, name))(value) for name, value in changed.items()}


def _from(outage: GivenOutage) -> timedelta:
    return timedelta(days=outage.day, hours=outage.hour)


def _until(outage: GivenOutage) -> timedelta:
    return _from(outage) + timedelta(hours=outage.lasts_hours)
