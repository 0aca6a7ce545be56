"""Divide an amount among several, so that the parts add up to the last unit."""

from __future__ import annotations

from collections.abc import Sequence


def allocate(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Divide `total` minor units in proportion to `weights`, by largest remainder.

    Each part is its exact share rounded down; the units left over go one each to those
    whose share lost most by that, of equals to the first. Source: Hamilton's method of
    apportionment.

    Raises ValueError where an amount or a weight is negative, or nobody has any weight.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError(f"{total} by {list(weights)}: shares are never negative")
    if not (whole := sum(weights)):
        raise ValueError(f"{total} by {list(weights)}: nobody has a share")
    parts, lost = zip(*(divmod(total * weight, whole) for weight in weights), strict=True)
    left = total - sum(parts)
    favoured = sorted(range(len(weights)), key=lambda place: -lost[place])[:left]
    return tuple(part + (place in favoured) for place, part in enumerate(parts))
