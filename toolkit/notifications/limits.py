"""When Discord may be called again: its own word on each bucket, and what it bans for.

Nothing is known of a bucket until an answer tells, so it is probed by one call alone. What
was learned is forgotten when its window ends, and all of it when the process does.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

CALLS_PER_S = 45  # of all routes together; Discord allows a bot 50
SECOND = timedelta(seconds=1)
PROBE_FOR = SECOND  # how long a call that probes a bucket keeps others out
# Discord bans an address after 10,000 answers of these kinds in ten minutes.
INVALID = frozenset({401, 403, 429})
INVALID_MAX = 2_000
INVALID_WINDOW = timedelta(minutes=10)
TOKEN_REFUSED_FOR = timedelta(minutes=5)  # asking on with a wrong token helps nobody
WAIT_UNKNOWN = timedelta(seconds=5)  # where a 429 does not say how long
BUCKETS_KEPT = 4_096


class Route(NamedTuple):
    """What limits count by: the method and path, and the channel that is concerned."""

    name: str
    resource: str = ""

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]


@dataclass(slots=True)
class Bucket:
    """How many calls are left until the window ends."""

    remaining: int
    reset_at: datetime
    is_probe: bool = False


@dataclass(slots=True)
class Limits:
    """What is known of Discord's limits in this process."""

    names: dict[str, str] = field(default_factory=dict)  # of a route's bucket
    buckets: dict[Route, Bucket] = field(default_factory=dict)
    calls: deque[datetime] = field(default_factory=deque)  # of the last second
    invalid: deque[datetime] = field(default_factory=deque)
    closed_until: datetime | None = None  # for all routes

    def free_at(self, route: Route, now: datetime) -> datetime:
        """Answer when this route may be called; `now`, if it may be at once."""
        free_at = max(now, self.closed_until or now)
        bucket = self.buckets.get(self._bucket_of(route))
        if bucket and bucket.remaining < 1:
            free_at = max(free_at, bucket.reset_at)
        _forget(self.calls, now - SECOND)
        if len(self.calls) >= CALLS_PER_S:
            free_at = max(free_at, self.calls[0] + SECOND)
        _forget(self.invalid, now - INVALID_WINDOW)
        if len(self.invalid) >= INVALID_MAX:
            free_at = max(free_at, self.invalid[0] + INVALID_WINDOW)
        return free_at

    def take(self, route: Route, now: datetime) -> None:
        """Count a call that is about to be made."""
        self.calls.append(now)
        key = self._bucket_of(route)
        bucket = self.buckets.get(key)
        if bucket is None or bucket.reset_at <= now:
            self.buckets[key] = Bucket(0, now + PROBE_FOR, is_probe=True)
            self._tidy(now)
        else:
            bucket.remaining -= 1

    def learn(
        self,
        route: Route,
        status: int,
        headers: Mapping[str, str],
        body: Any,
        now: datetime,
    ) -> timedelta:
        """Learn from an answer; say how long a refused call has to wait."""
        before = self._bucket_of(route)
        if name := headers.get("x-ratelimit-bucket"):
            self.names[route.name] = name
        key = self._bucket_of(route)
        if key != before and (probe := self.buckets.pop(before, None)):
            self.buckets.setdefault(key, probe)
        if status in INVALID and headers.get("x-ratelimit-scope") != "shared":
            self.invalid.append(now)
        if status == 429:
            return self._refused(key, headers, body, now)
        if status == 401:
            self.closed_until = now + TOKEN_REFUSED_FOR
            return TOKEN_REFUSED_FOR
        self._counted(key, headers, now)
        return timedelta()

    def _refused(
        self, key: Route, headers: Mapping[str, str], body: Any, now: datetime
    ) -> timedelta:
        told = body if isinstance(body, Mapping) else {}
        wait = _seconds(headers.get("retry-after")) or _seconds(told.get("retry_after"))
        wait = wait or WAIT_UNKNOWN
        is_global = told.get("global") is True or "x-ratelimit-global" in headers
        # Without a bucket it is the guard in front of the API that speaks.
        if is_global or "x-ratelimit-bucket" not in headers:
            self.closed_until = max(self.closed_until or now, now + wait)
        else:
            self.buckets[key] = Bucket(0, now + wait)
        return wait

    def _counted(self, key: Route, headers: Mapping[str, str], now: datetime) -> None:
        remaining, window = (
            headers.get("x-ratelimit-remaining", ""),
            _seconds(headers.get("x-ratelimit-reset-after")),
        )
        bucket = self.buckets.get(key)
        if not remaining.isdecimal() or window is None:
            if bucket and bucket.is_probe:  # a route without a limit
                del self.buckets[key]
            return
        left = int(remaining)
        if bucket and not bucket.is_probe and now < bucket.reset_at:
            left = min(left, bucket.remaining)  # others are under way
        self.buckets[key] = Bucket(left, now + window)

    def _bucket_of(self, route: Route) -> Route:
        return Route(self.names.get(route.name, route.name), route.resource)

    def _tidy(self, now: datetime) -> None:
        if len(self.buckets) > BUCKETS_KEPT:
            kept = {key: b for key, b in self.buckets.items() if b.reset_at > now}
            self.buckets = kept


def _forget(moments: deque[datetime], before: datetime) -> None:
    while moments and moments[0] <= before:
        moments.popleft()


def _seconds(told: Any) -> timedelta | None:
    """Read a number of seconds; what is none, or below zero, was not told."""
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        return None
    if not math.isfinite(seconds) or not 0 <= seconds < 86_400 * 365:
        return None
    return timedelta(seconds=seconds)
