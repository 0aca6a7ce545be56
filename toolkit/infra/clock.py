"""Time and concurrency for real: the machine's clock and asyncio's tasks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from toolkit.core.ports import Signal


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's time, or one that started elsewhere and runs faster.

    A played day starts at `start_at` when the machine says `origin_s` (Unix seconds), and
    runs `speed` times as fast. All processes that share the three agree on the time.
    """

    start_at: datetime | None = None
    origin_s: float = 0.0
    speed: float = 1.0

    def now(self) -> datetime:
        if self.start_at is None:
            return datetime.now(UTC)
        return self.start_at + timedelta(seconds=(time.time() - self.origin_s) * self.speed)

    async def sleep(self, delay: timedelta) -> None:
        await asyncio.sleep(max(delay.total_seconds(), 0.0) / self.speed)


@dataclass(slots=True)
class AsyncSignal:
    """Wakes whoever waits; a ring that nobody waited for is kept."""

    speed: float = 1.0
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        self.event.set()

    async def heard(self, within: timedelta | None = None) -> None:
        limit_s = None if within is None else max(within.total_seconds(), 0.0) / self.speed
        try:
            async with asyncio.timeout(limit_s):
                await self.event.wait()
        except TimeoutError:
            return
        self.event.clear()


@dataclass(frozen=True, slots=True)
class AsyncTasks:
    """Tasks of a group: one that fails takes the others, and so the process, with it."""

    group: asyncio.TaskGroup
    clock: SystemClock

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.group.create_task(work)

    def signal(self) -> Signal:
        return AsyncSignal(self.clock.speed)
