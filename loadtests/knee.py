"""The knee: the highest rate at which all that was asked is still kept.

Rates are tried upwards until one fails, and then between the last that held and the first
that did not. One platform takes them all, and comes to rest after each.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loadtests.judge import Verdict

COLUMNS = ("rate_per_s", "held", "broken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rate that was tried, and which promises it broke."""

    rate_per_s: float
    held: bool
    broken: Sequence[str]


def search(
    attempt: Callable[[float], Verdict], rates: Sequence[float], refinements: int
) -> list[Step]:
    """Try rates upwards, then halve the gap so many times; answer every step."""
    steps: list[Step] = []
    held_per_s, failed_per_s = 0.0, None
    for rate in rates:
        steps.append(_step(rate, attempt(rate)))
        if not steps[-1].held:
            failed_per_s = rate
            break
        held_per_s = rate
    for _ in range(refinements if held_per_s and failed_per_s else 0):
        assert failed_per_s
        rate = (held_per_s + failed_per_s) / 2
        steps.append(_step(rate, attempt(rate)))
        if steps[-1].held:
            held_per_s = rate
        else:
            failed_per_s = rate
    return steps


def _step(rate: float, verdict: Verdict) -> Step:
    broken = [str(promise) for promise in verdict.promises if not promise.kept]
    return Step(rate_per_s=rate, held=verdict.passed, broken=[*broken, *verdict.findings])


def knee_of(steps: Sequence[Step]) -> float | None:
    """Answer the highest rate that held; None where not even the lowest did."""
    return max((step.rate_per_s for step in steps if step.held), default=None)


def kept(folder: Path, steps: Sequence[Step], machine: dict[str, Any]) -> None:
    """Write the search for machines, and as a table."""
    document = {
        "knee_per_s": knee_of(steps),
        "was_reached": any(not step.held for step in steps),
        "steps": [asdict(step) for step in steps],
        "machine": machine,
    }
    (folder / "knee.json").write_text(json.dumps(document, indent=1) + "\n")
    with (folder / "knee.csv").open("w", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(COLUMNS)
        for step in sorted(steps, key=lambda step: step.rate_per_s):
            writer.writerow((step.rate_per_s, step.held, "; ".join(step.broken)))
