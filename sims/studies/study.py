"""A study: every scenario played many times in processes, and what can be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sims.studies.amounts import Interval, interval
from sims.studies.measures import CURRENCIES, MEASURES, Told
from sims.studies.question import Question
from sims.studies.story import Past, pilot, played
from toolkit.core.message import record
from toolkit.messages.escrow import Rail

Said = Callable[[str], None]
Map = Callable[..., object]


@record
class Job:
    """One replication of one scenario: what a process is given."""

    question: Question
    scenario: str
    replication: int
    past: Past


@record
class Line:
    """A measure of a scenario, and how it differs from the first one's."""

    scenario: str
    measure: str
    rail: Rail
    value: Interval
    difference: Interval | None  # of equal replications; None for the first itself


@dataclass(frozen=True, slots=True)
class Study:
    """What was played, by scenario and replication."""

    question: Question
    told: Mapping[str, Sequence[Told]]

    @property
    def first(self) -> str:
        return next(iter(self.question.scenarios))

    def line(self, scenario: str, measure: str, rail: Rail) -> Line:
        """Say one measure; two scenarios are compared replication by replication."""
        mine = self._values(scenario, measure, rail)
        base = self._values(self.first, measure, rail)
        pairs = [a - b for a, b in zip(mine, base, strict=True)]
        return Line(
            scenario=scenario,
            measure=measure,
            rail=rail,
            value=interval(mine),
            difference=None if scenario == self.first else interval(pairs),
        )

    def lines(self) -> list[Line]:
        return [
            self.line(scenario, measure, rail)
            for scenario in self.question.scenarios
            for measure in MEASURES
            for rail in CURRENCIES
        ]

    def _values(self, scenario: str, measure: str, rail: Rail) -> list[int]:
        return [each.totals[measure, rail] for each in self.told[scenario]]


def pilots(job: tuple[Question, str]) -> Past:
    """Play the stories that a scenario's start is drawn from."""
    question, scenario = job
    return pilot(question, question.scenarios[scenario])


def replicated(job: Job) -> Told:
    """Play one replication."""
    scenario = job.question.scenarios[job.scenario]
    return played(job.question, scenario, job.past, job.replication)
