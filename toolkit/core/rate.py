"""How often somebody may ask: a token bucket, written down as one moment.

The bucket of `burst` tokens fills at `per_s`. Instead of a count and a time it keeps the
moment at which it will be full again, so that any store needs one number a bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from toolkit.core.message import record

KEPT_MAX = 100_000
ROUNDING_S = 1e-6


@record
class Rate:
    """So many at once, and so many a second in the long run."""

    name: str
    per_s: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_s <= 0 or self.burst < 1:
            raise ValueError(f"the rate {self.name} lets nobody pass: raise it")

    @property
    def fill_s(self) -> float:
        """How long an empty bucket takes to be full."""
        return self.burst / self.per_s


@record
class Wanted:
    """One token of somebody's bucket."""

    rate: Rate
    whose: str


@record
class Verdict:
    """Whether it may be, how many more at once, and how long to wait for the next."""

    rate: Rate
    allowed: bool
    remaining: int
    wait_s: float  # until one token is there; 0 where there is one


class Rates(Protocol):
    """Where buckets are kept."""

    async def take(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        """Take a token of each bucket that has one, and say of each whether it had."""
        ...


def verdict(rate: Rate, after_s: float) -> Verdict:
    """Judge by how long the bucket would take to be full, had the token been taken."""
    over_s = after_s - rate.fill_s
    if over_s > ROUNDING_S:
        return Verdict(rate=rate, allowed=False, remaining=0, wait_s=over_s)
    remaining = int((ROUNDING_S - over_s) * rate.per_s)
    wait_s = 0.0 if remaining else over_s + 1 / rate.per_s
    return Verdict(rate=rate, allowed=True, remaining=remaining, wait_s=wait_s)


@dataclass(slots=True)
class MemoryRates:
    """Buckets of one process. Full ones are forgotten: they are as good as new."""

    now_s: Callable[[], float]
    full_at_s: dict[tuple[str, str], float] = field(default_factory=dict)

    async def take(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        return [self._take(one) for one in wanted]

    def _take(self, wanted: Wanted) -> Verdict:
        now_s, name = self.now_s(), (wanted.rate.name, wanted.whose)
        missing_s = max(self.full_at_s.get(name, now_s) - now_s, 0.0)
        found = verdict(wanted.rate, missing_s + 1 / wanted.rate.per_s)
        if not found.allowed:
            return found
        if name not in self.full_at_s and len(self.full_at_s) >= KEPT_MAX:
            self._forget(now_s)
        self.full_at_s[name] = now_s + missing_s + 1 / wanted.rate.per_s
        return found

    def _forget(self, now_s: float) -> None:
        """Make room: the full ones, and where that is not enough the older half."""
        kept = {name: at for name, at in self.full_at_s.items() if at > now_s}
        if len(kept) > KEPT_MAX // 2:
            kept = dict(list(kept.items())[len(kept) // 2 :])
        self.full_at_s = kept
