"""Discord's side of its rate limits: buckets, the global limit, and the ban."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GLOBAL_PER_S = 50
SECOND = timedelta(seconds=1)
INVALID = frozenset({401, 403, 429})
BAN_WINDOW = timedelta(minutes=10)
BAN_LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so long a window; `name` is the bucket that headers tell."""

    name: str
    calls: int
    window: timedelta


@dataclass(slots=True)
class Window:
    """What is left of a bucket until it is full again."""

    remaining: int
    reset_at: datetime


@dataclass(slots=True)
class Limiter:
    """Counts calls and refusals; `ban_at` invalid answers in ten minutes are too many."""

    ban_at: int = 10_000
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    calls: deque[datetime] = field(default_factory=deque)
    invalid: deque[datetime] = field(default_factory=deque)
    banned_until: datetime | None = None
    bans: int = 0

    def is_banned(self, now: datetime) -> bool:
        return self.banned_until is not None and now < self.banned_until

    def global_wait(self, now: datetime) -> timedelta | None:
        """Count a call; answer how long to wait if it is one too many."""
        while self.calls and self.calls[0] <= now - SECOND:
            self.calls.popleft()
        if len(self.calls) >= GLOBAL_PER_S:
            return self.calls[0] + SECOND - now
        self.calls.append(now)
        return None

    def take(self, limit: Limit, resource: str, now: datetime) -> tuple[bool, Window]:
        """Count a call against its bucket; answer whether it passes, and what is left."""
        key = (limit.name, resource)
        window = self.windows.get(key)
        if window is None or window.reset_at <= now:
            window = self.windows[key] = Window(limit.calls, now + limit.window)
        if window.remaining < 1:
            return False, window
        window.remaining -= 1
        return True, window

    def note(self, status: int, now: datetime) -> None:
        """Remember an invalid answer, and ban whoever has had too many."""
        if status not in INVALID:
            return
        self.invalid.append(now)
        while self.invalid and self.invalid[0] <= now - BAN_WINDOW:
            self.invalid.popleft()
        if len(self.invalid) >= self.ban_at and not self.is_banned(now):
            self.banned_until = now + BAN_LASTS
            self.bans += 1
