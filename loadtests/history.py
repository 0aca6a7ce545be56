"""The runs of many days in one table, and where a figure changed for good.

Advisory: a change point says that a figure before and after a run differ more than chance
lets expect; machines differ too, so a person looks at it and nothing is blocked.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean

from loadtests.profiles import ProfileWrong

COLUMNS = ("commit", "mix", "shape", "rate_per_s", "figure", "value")
FIGURES = ("p50_ms", "p99_ms")
SHUFFLES = 999
CHANCE_MAX = 0.01
RATIO_MIN = 1.05  # a smaller change is true and not worth a word
EACH_SIDE = 4  # runs, at least, before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A figure that is another one since a run."""

    figure: str
    commit: str
    before: float
    after: float
    chance: float

    def __str__(self) -> str:
        return (
            f"{self.figure}: {self.before:,.1f} until, {self.after:,.1f} since "
            f"{self.commit[:12]} (chance {self.chance:.3f})"
        )


def append(history: Path, run: Path) -> int:
    """Add a finished run's figures; answer how many lines that were."""
    try:
        summary = json.loads((run / "summary.json").read_text())
    except (OSError, ValueError) as error:
        raise ProfileWrong(f"{run} holds no finished run: {error}") from error
    profile = [summary[name] for name in ("mix", "shape", "rate_per_s")]
    lines = [
        [summary["machine"]["commit"], *profile, f"{row['kind']} {row['name']} {f}", row[f]]
        for row in summary["latencies"]
        for f in FIGURES
    ]
    is_new = not history.exists()
    with history.open("a", newline="") as sink:
        writer = csv.writer(sink)
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerows(lines)
    return len(lines)


def changes(history: Path, seed: int = 7) -> list[Change]:
    """Look through every figure of every profile for its strongest change."""
    groups: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    try:
        with history.open(newline="") as source:
            for row in csv.DictReader(source):
                profile = tuple(row[name] for name in COLUMNS[1:5])
                groups.setdefault(profile, []).append((row["commit"], float(row["value"])))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ProfileWrong(
            f"{history} is no history ({error}): it has the columns {', '.join(COLUMNS)}"
        ) from error
    found = []
    for profile, runs in groups.items():
        change = change_in([value for _, value in runs], seed)
        if change:
            place, chance = change
            values = [value for _, value in runs]
            before, after = fmean(values[:place]), fmean(values[place:])
            if max(before, after) > RATIO_MIN * min(before, after):
                found.append(
                    Change(
                        figure=" / ".join(profile),
                        commit=runs[place][0],
                        before=before,
                        after=after,
                        chance=chance,
                    )
                )
    return found


def change_in(values: Sequence[float], seed: int) -> tuple[int, float] | None:
    """Find where two means differ most, and how often shuffled values differ as much."""
    place, strength = _strongest(values)
    if not strength:
        return None
    dice, shuffled, as_strong = Random(seed), list(values), 0
    for _ in range(SHUFFLES):
        dice.shuffle(shuffled)
        as_strong += _strongest(shuffled)[1] >= strength
    chance = (as_strong + 1) / (SHUFFLES + 1)
    return (place, chance) if chance <= CHANCE_MAX else None


def _strongest(values: Sequence[float]) -> tuple[int, float]:
    """Answer the split with the greatest distance of means, weighted by its sides."""
    best, total, so_far, count = (0, 0.0), sum(values), 0.0, len(values)
    for place in range(1, count):
        so_far += values[place - 1]
        if EACH_SIDE <= place <= count - EACH_SIDE:
            gap = so_far / place - (total - so_far) / (count - place)
            strength = abs(gap) * (place * (count - place) / count) ** 0.5
            best = max(best, (place, strength), key=lambda found: found[1])
    return best
