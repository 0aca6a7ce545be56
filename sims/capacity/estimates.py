"""What runs of a random process say, and how surely: warm-up, intervals, when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy.stats import t as student

from toolkit.core.message import record

BATCH = 5  # MSER-5: means of five, as White, Cobb and Spratt (2000) found best
CONFIDENCE = 0.95
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


@record
class Estimate:
    """A figure, and the interval that holds the true one with so much confidence."""

    value: float
    low: float
    high: float
    runs: int

    @property
    def relative_half_width(self) -> float:
        """Half of the interval's width as a share of the figure; 0 is exact."""
        return (self.high - self.low) / 2 / abs(self.value) if self.value else 0.0


def warm_up(series: Numbers) -> int:
    """Answer how many values at the start to leave out, by MSER-5.

    The cut is where the squared half-width of what is left is smallest. It is looked for in
    the first half alone; a series that settles later is too short to say anything.
    """
    count = len(series) // BATCH
    if count < 2 * BATCH:
        return 0
    means = series[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    left = np.arange(count, 0, -1)
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means**2)[::-1])[::-1]
    spread = (squares - total**2 / left) / left**2
    return int(np.argmin(spread[: count // 2])) * BATCH


def mean_of_runs(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of independent runs, with Student's interval."""
    numbers = np.asarray(values, dtype=float)
    return _around(float(numbers.mean()), numbers, confidence)


def pooled_quantile(
    runs: Sequence[Numbers], q: float, confidence: float = CONFIDENCE
) -> Estimate:
    """The quantile of all runs together, with an interval by leaving each run out in turn.

    The mean of the runs' own quantiles is biased low where runs are short and busy, so it
    is never taken. Leaving out is Quenouille's and Tukey's jackknife.
    """
    together = np.concatenate(runs)
    value = float(np.quantile(together, q))
    if len(runs) == 1:
        return Estimate(value=value, low=-np.inf, high=np.inf, runs=1)
    bounds = np.cumsum([0, *(len(run) for run in runs)])
    without = [
        float(np.quantile(np.concatenate([together[:a], together[b:]]), q))
        for a, b in pairwise(bounds)
    ]
    pseudo = len(runs) * value - (len(runs) - 1) * np.asarray(without)
    return _around(value, pseudo, confidence)


def until_precise(
    run: Callable[[int], Numbers],
    q: float,
    precision: float,
    runs_min: int = 5,
    runs_max: int = 40,
) -> tuple[Estimate, list[Numbers]]:
    """Run number 0, 1, 2… until the quantile's half-width is within a share of it.

    Whoever gets a wider estimate than asked for has the most runs that were allowed.
    """
    done = [run(number) for number in range(runs_min)]
    found = pooled_quantile(done, q)
    while found.relative_half_width > precision and len(done) < runs_max:
        done.append(run(len(done)))
        found = pooled_quantile(done, q)
    return found, done


def _around(value: float, sample: Numbers, confidence: float) -> Estimate:
    count = len(sample)
    if count < 2:
        return Estimate(value=value, low=-np.inf, high=np.inf, runs=count)
    error = float(sample.std(ddof=1)) / count**0.5
    reach = float(student.ppf((1 + confidence) / 2, count - 1)) * error
    return Estimate(value=value, low=value - reach, high=value + reach, runs=count)
