"""Means of amounts and their intervals, in exact decimals: no amount becomes a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from scipy.stats import t as student

from toolkit.core.message import record

CONFIDENCE = 0.95


@record
class Interval:
    """The mean of some replications, and what holds the true one with 95 %."""

    mean: int
    low: int
    high: int

    @property
    def is_clear(self) -> bool:
        """Does the interval leave zero out?"""
        return self.low > 0 or self.high < 0


def interval(values: Sequence[int]) -> Interval:
    """Student's interval around a mean, each rounded to the minor unit."""
    count = len(values)
    mean = Decimal(sum(values)) / count
    if count < 2:
        return Interval(mean=_whole(mean), low=_whole(mean), high=_whole(mean))
    spread = sum((value - mean) ** 2 for value in values) / (count - 1)
    factor = Decimal(repr(float(student.ppf((1 + CONFIDENCE) / 2, count - 1))))
    reach = factor * (Decimal(spread) / count).sqrt()
    return Interval(mean=_whole(mean), low=_whole(mean - reach), high=_whole(mean + reach))


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
