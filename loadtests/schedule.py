"""When somebody arrives: a Poisson process whose rate follows a profile, from a seed.

The whole schedule is known before the first request is sent, so a slow answer can delay no
arrival, and equal seeds give equal arrivals for any number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from loadtests.orders import Segment


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person who comes at a moment of the run, and what they want."""

    number: int
    at_s: float
    journey: str


def arrivals(
    segments: Sequence[Segment], journeys: Mapping[str, float], seed: int
) -> Iterator[Arrival]:
    """Draw arrivals at the highest rate, and keep each as often as its moment asks."""
    highest = max((max(s.from_per_s, s.to_per_s) for s in segments), default=0.0)
    if highest <= 0.0:
        return
    moments, choices = Random(f"{seed}:arrivals"), Random(f"{seed}:journeys")
    names, weights = list(journeys), list(journeys.values())
    end_s = sum(segment.length_s for segment in segments)
    at_s, number = 0.0, 0
    while (at_s := at_s + moments.expovariate(highest)) < end_s:
        if moments.random() * highest < rate_at(segments, at_s):
            number += 1
            yield Arrival(number, at_s, choices.choices(names, weights)[0])


def rate_at(segments: Sequence[Segment], at_s: float) -> float:
    """Answer the rate that is meant for a moment of the run."""
    start_s = 0.0
    for segment in segments:
        if at_s < start_s + segment.length_s:
            part = (at_s - start_s) / segment.length_s
            return segment.from_per_s + part * (segment.to_per_s - segment.from_per_s)
        start_s += segment.length_s
    return 0.0
