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


def taken(rate: Rate, full_at_s: float, now_s: float) -> tuple[float, Verdict]:
    """Take a token; answer when the bucket will be full, and what was found."""
    token_s = 1 / rate.per_s
    missing_s = max(full_at_s - now_s, 0.0)
    after_s = missing_s + token_s
    if after_s > rate.fill_s + 1e-9:
        wait_s = after_s - rate.fill_s
        return full_at_s, Verdict(rate=rate, allowed=False, remaining=0, wait_s=wait_s)
    remaining = int((rate.fill_s - after_s) * rate.per_s + 1e-9)
    wait_s = 0.0 if remaining else after_s + token_s - rate.fill_s
    verdict = Verdict(rate=rate, allowed=True, remaining=remaining, wait_s=wait_s)
    return now_s + after_s, verdict


@dataclass(slots=True)
class MemoryRates:
    """Buckets of one process. Full ones are forgotten: they are as good as new."""

    now_s: Callable[[], float]
    full_at_s: dict[tuple[str, str], float] = field(default_factory=dict)

    async def take(self, wanted: Sequence[Wanted]) -> Sequence[Verdict]:
        return [self._take(one) for one in wanted]

    def _take(self, wanted: Wanted) -> Verdict:
        now_s, name = self.now_s(), (wanted.rate.name, wanted.whose)
        full_at_s, verdict = taken(wanted.rate, self.full_at_s.get(name, now_s), now_s)
        if name not in self.full_at_s and len(self.full_at_s) >= KEPT_MAX:
            self._forget(now_s)
        self.full_at_s[name] = full_at_s
        return verdict

    def _forget(self, now_s: float) -> None:
        """Make room: the full ones, and where that is not enough the older half."""
        kept = {name: at for name, at in self.full_at_s.items() if at > now_s}
        if len(kept) > KEPT_MAX // 2:
            kept = dict(list(kept.items())[len(kept) // 2 :])
        self.full_at_s = kept
