"""What the recursion says of a run that was not measured yet, from a profile alone."""

from __future__ import annotations

import numpy as np

from sims.calibration.play import Load, Outcome, Times
from sims.calibration.profile import Profile, curve_of
from sims.capacity.estimates import Numbers
from sims.capacity.flow import Chance, Service, served
from toolkit.core.message import record

RUNS = 20
FIGURES = ("throughput", "p50_s", "p99_s", "lag_max", "drain_s")
SMALLEST = {"lag_max": 10.0, "drain_s": 0.25}  # below this a share says nothing


@record
class Error:
    """One figure of one run: what was said, what came, and the signed share between."""

    load: str
    figure: str
    predicted: float
    seen: float
    low: float  # of the predicted runs, 95 of 100
    high: float

    @property
    def share(self) -> float:
        return self.predicted / self.seen - 1 if self.seen else 0.0

    @property
    def covers(self) -> bool:
        return self.low <= self.seen <= self.high

    @property
    def counts(self) -> bool:
        """Is there enough of it for a share to mean anything?"""
        return self.seen >= SMALLEST.get(self.figure, 0.0) and self.seen > 0


def predicted(profile: Profile, load: Load) -> list[Outcome]:
    """Play the load several times by recursion, measured by the ruler of the real run."""
    return [run(profile, load, number).outcome(load) for number in range(RUNS)]


def run(profile: Profile, load: Load, number: int) -> Times:
    """One consumer of all partitions; what is sent while it is away waits for it."""
    chance = Chance(seed=load.seed + 10_000, run=number)
    count = int(load.rate * load.lasts_s * 1.5) + 50
    due_s = np.cumsum(chance.stream("gaps").exponential(1 / load.rate, count))
    due_s = due_s[due_s < load.lasts_s]
    steps = np.linspace(0, 1, len(profile.hop_quantiles_ms))
    drawn = chance.stream("hops").random(len(due_s))
    hops_s = np.interp(drawn, steps, profile.hop_quantiles_ms) / 1_000
    there_s = due_s + hops_s
    if load.away_from_s is not None:
        back_s = load.away_from_s + load.away_for_s
        is_away = (there_s > load.away_from_s) & (there_s < back_s)
        there_s = np.where(is_away, back_s, there_s)
    return Times(due_s=due_s, done_s=_handled(profile, there_s, chance))


def _handled(profile: Profile, there_s: Numbers, chance: Chance) -> Numbers:
    stage = profile.stages["escrow"]
    service = Service(
        batch_s=stage.batch_ms / 1_000,
        message_s=stage.message_ms / 1_000,
        cv2=stage.cv2,
        records_max=stage.records_max,
        curve=curve_of(stage.measured_ms),
    )
    order = np.argsort(there_s, kind="stable")
    done_s = np.empty_like(there_s)
    done_s[order] = served(service, there_s[order], chance.stream("service"))
    return done_s


def errors(load: Load, said: list[Outcome], seen: Outcome) -> list[Error]:
    """Set a prediction against what came, figure by figure."""
    found = []
    for figure in FIGURES:
        values = np.array([getattr(outcome, figure) for outcome in said], dtype=float)
        if figure == "drain_s" and load.away_from_s is None:
            continue
        found.append(
            Error(
                load=load.name,
                figure=figure,
                predicted=float(np.quantile(values, 0.5, method="nearest")),
                seen=float(getattr(seen, figure)),
                low=float(np.quantile(values, 0.025, method="nearest")),
                high=float(np.quantile(values, 0.975, method="nearest")),
            )
        )
    return found
