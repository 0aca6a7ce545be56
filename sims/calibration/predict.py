"""What the recursion says of a run that was not measured yet, from a profile alone."""

from __future__ import annotations

from math import ceil

import numpy as np

from sims.calibration.play import Load, Outcome, Times
from sims.calibration.profile import Profile, curve_of
from sims.capacity.estimates import Numbers
from sims.capacity.flow import Chance, Service, served
from toolkit.core.message import record

RUNS = 20
FETCH_S = 0.0005  # from an answer of the broker to the next one, when there is something
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
    there_s = due_s + _way(profile, chance.stream("hops").random(len(due_s)))
    if load.away_from_s is not None:
        back_s = load.away_from_s + load.away_for_s + profile.returns_ms / 1_000
        is_away = (there_s > load.away_from_s) & (there_s < back_s)
        there_s = np.where(is_away, back_s, there_s)
    order = np.argsort(there_s, kind="stable")
    fetched_s = fetched(there_s[order], profile.fetch_wait_ms / 1_000)
    done_s = np.empty_like(there_s)
    service = _service(profile, load.rate)
    done_s[order] = served(service, fetched_s, chance.stream("service"))
    return Times(due_s=due_s, done_s=done_s)


def _way(profile: Profile, drawn: Numbers) -> Numbers:
    """Draw how long messages are on their way to the broker and from it.

    What lonely ones took has the wait for the next fetch in it, which is played here.
    """
    steps = np.linspace(0, 1, len(profile.hop_quantiles_ms))
    hops_ms = np.asarray(profile.hop_quantiles_ms)
    ways_ms = np.maximum(hops_ms - steps * profile.fetch_wait_ms, hops_ms[0])
    drawn_ms: Numbers = np.interp(drawn, steps, np.sort(ways_ms))
    return drawn_ms / 1_000


def fetched(there_s: Numbers, wait_s: float) -> Numbers:
    """Answer when each message, in order, has come with a fetch.

    A fetch that finds something comes back at once, and the next one goes out. One that
    finds nothing is woken by the first record; a broker that wakes nobody lets it wait.
    """
    come_s, begin, look_s = np.empty_like(there_s), 0, 0.0
    while begin < len(there_s):
        missing_s = there_s[begin] - look_s
        if missing_s > 0:
            round_s = wait_s + FETCH_S
            look_s += ceil(missing_s / round_s) * round_s if wait_s else missing_s
        end = int(np.searchsorted(there_s, look_s, "right"))
        come_s[begin:end] = look_s
        begin, look_s = max(end, begin + 1), look_s + FETCH_S
    return come_s


def _service(profile: Profile, rate: float) -> Service:
    stage, strain = profile.stages["escrow"], profile.strain_at(rate)
    return Service(
        batch_s=stage.batch_ms / 1_000 * strain,
        message_s=stage.message_ms / 1_000 * strain,
        cv2=stage.cv2,
        records_max=stage.records_max,
        curve=tuple((n, s * strain) for n, s in curve_of(stage.measured_ms)),
        spread=tuple(profile.spread),
    )


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
