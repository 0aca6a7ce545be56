"""How long things take, drawn from what was measured instead of from a formula."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sims.world.database import Lasts


def measured(quantiles_s: Sequence[float]) -> Lasts:
    """Draw from a distribution that is given by its quantiles, evenly spaced from 0 to 1.

    Between two of them it is even. A broker's and a disk's tails are no exponentials, so
    take enough of them: a hundred and one know the 99th percentile. Raises ValueError for
    what is no distribution.
    """
    known = list(quantiles_s)
    if len(known) < 2 or known != sorted(known) or known[0] < 0:
        raise ValueError("quantiles are two or more seconds, from 0 on, in order")

    def lasts(random: Random, _messages: int) -> float:
        place = random.random() * (len(known) - 1)
        below = int(place)
        return known[below] + (known[below + 1] - known[below]) * (place - below)

    return lasts
