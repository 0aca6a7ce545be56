"""What a provider will do by itself, each thing when its time has come."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Appointments:
    """Actions in the order of their moments; of equal ones, in the order of asking."""

    waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    made: int = 0

    def later(self, due_at: datetime, action: Callable[[], None]) -> None:
        """Have something done once the time has come."""
        self.made += 1
        heapq.heappush(self.waiting, (due_at, self.made, action))

    def catch_up(self, now: datetime) -> None:
        """Do everything that has fallen due since the last look at the clock."""
        while self.waiting and self.waiting[0][0] <= now:
            heapq.heappop(self.waiting)[2]()

    def next_due_at(self) -> datetime | None:
        return self.waiting[0][0] if self.waiting else None
