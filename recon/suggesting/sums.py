"""Which few amounts add up to another one, searched within bounds that never vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PARTS_MAX = 5
CANDIDATES_MAX = 24
STEPS_MAX = 20_000
WAYS_MAX = 2  # a second way is enough to know that the first is not the only one


@dataclass(frozen=True, slots=True)
class Sums:
    """The ways found, each as places of the amounts, and whether all were tried."""

    ways: tuple[tuple[int, ...], ...]
    is_complete: bool


def sums_to(target_minor: int, amounts_minor: Sequence[int]) -> Sums:
    """Find two to five of the amounts that add up to the target, the fewest first.

    Amounts and target are positive. The search counts its steps, never its time, so that
    it ends in the same place on every machine.
    """
    amounts = amounts_minor[:CANDIDATES_MAX]
    ways: list[tuple[int, ...]] = []
    steps = 0
    for parts in range(2, PARTS_MAX + 1):
        open_paths: list[tuple[tuple[int, ...], int]] = [((), target_minor)]
        while open_paths:
            chosen, left_minor = open_paths.pop()
            steps += 1
            if steps > STEPS_MAX:
                return Sums(tuple(ways), is_complete=False)
            if len(chosen) == parts:
                if left_minor == 0:
                    ways.append(chosen)
                    if len(ways) == WAYS_MAX:
                        return Sums(tuple(ways), is_complete=True)
                continue
            first = chosen[-1] + 1 if chosen else 0
            open_paths += [
                ((*chosen, place), left_minor - amounts[place])
                for place in range(len(amounts) - 1, first - 1, -1)
                if amounts[place] <= left_minor
            ]
    return Sums(tuple(ways), is_complete=len(amounts) == len(amounts_minor))
