"""Virtual time. A coroutine can wait on a SimPy event, so services run here unchanged."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappush
from random import Random
from typing import Any, cast

import simpy

from toolkit.core.ports import Signal

Danger = Callable[[float, str], None]  # a step begins: how long it takes, and its name


def no_danger(_lasts_s: float, _step: str) -> None:
    """Nothing happens to whoever waits."""


class ShuffledEnvironment(simpy.Environment):
    """A world in which a seed says which of equal moments is first, not who asked first.

    A race between two things that happen at once is lost by either of them in some world.
    What SimPy itself calls urgent keeps its order: a process begins before it goes on.
    """

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random

    def schedule(
        self,
        event: simpy.Event,
        priority: simpy.events.EventPriority = simpy.events.NORMAL,
        delay: float = 0,
    ) -> None:
        """Put an event in its place, and among its equals at a place by lot."""
        lot = self.random.random() if priority == simpy.events.NORMAL else 0.0
        heappush(
            self._queue,
            (self._now + delay, priority, (lot, next(self._eid)), event),  # type: ignore[misc]
        )


@dataclass(slots=True)
class Wait:
    """Make a SimPy event awaitable: `await Wait(env.timeout(3))`."""

    event: simpy.Event

    def __await__(self) -> Generator[simpy.Event, Any, Any]:
        return (yield self.event)


@dataclass(slots=True)
class SimClock:
    """Seconds of the simulation, counted from a calendar's moment."""

    env: simpy.Environment
    start_at: datetime
    shown_s: float = -1.0  # it is asked far more often than it moves
    shown_at: datetime = field(init=False)

    def now(self) -> datetime:
        if self.shown_s != self.env.now:
            self.shown_s = self.env.now
            self.shown_at = self.start_at + timedelta(seconds=self.shown_s)
        return self.shown_at

    async def sleep(self, delay: timedelta) -> None:
        await Wait(self.env.timeout(max(delay.total_seconds(), 0.0)))


@dataclass(slots=True)
class WrongClock:
    """The clock of one machine, which goes before or after the world's."""

    true: SimClock
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        return self.true.now() + self.skew if self.skew else self.true.now()

    async def sleep(self, delay: timedelta) -> None:
        await self.true.sleep(delay)


def wakes(event: simpy.Event) -> bool:
    """Wake somebody who waits, unless nobody waits there any more."""
    if event.triggered or not event.callbacks:
        return False
    event.succeed()
    return True


@dataclass(slots=True)
class SimSignal:
    """A ring wakes everybody who waits; one that nobody waited for is kept."""

    env: simpy.Environment
    waiting: list[simpy.Event] = field(default_factory=list)
    is_kept: bool = False

    def ring(self) -> None:
        waiting, self.waiting = self.waiting, []
        if not [event for event in waiting if wakes(event)]:
            self.is_kept = True

    async def heard(self, within: timedelta | None = None) -> None:
        if self.is_kept:
            self.is_kept = False
            return
        woken = self.env.event()
        self.waiting.append(woken)
        if within is not None:
            patience = self.env.timeout(max(within.total_seconds(), 0.0))
            patience.callbacks.append(lambda _: self._forget(woken))
        await Wait(woken)

    def _forget(self, woken: simpy.Event) -> None:
        """Let somebody go on whose patience is over, if nothing woke them before."""
        if wakes(woken):
            self.waiting.remove(woken)


@dataclass(slots=True, eq=False)
class Frozen:
    """What a process that is stopped waits for, and whether it has happened since."""

    awaited: simpy.Event
    has_happened: bool = False

    def happens(self, _: simpy.Event) -> None:
        self.has_happened = True

    def resumes(self, process: simpy.Process) -> Callable[[simpy.Event], None]:
        return lambda _: process._resume(self.awaited)  # noqa: SLF001 - no public way in


@dataclass(slots=True)
class SimTasks:
    """The coroutines of one process, which live and die together."""

    env: simpy.Environment
    alive: dict[simpy.Process, Coroutine[Any, Any, None]] = field(default_factory=dict)
    frozen: dict[simpy.Process, Frozen] = field(default_factory=dict)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # SimPy needs only `send` and `throw`, so a coroutine is a process.
        process = self.env.process(cast("Generator[simpy.Event, Any, Any]", work))
        self.alive[process] = work
        assert process.callbacks is not None
        process.callbacks.append(lambda ended: self.alive.pop(ended, None))  # type: ignore[arg-type]

    def loop(self, process: simpy.Process | None) -> str | None:
        """Name the coroutine that a process of ours runs; None for a stranger's."""
        work = self.alive.get(process) if process is not None else None
        return getattr(work, "__qualname__", None)

    def signal(self) -> Signal:
        return SimSignal(self.env)

    def freeze(self) -> None:
        """Stop all of them where they stand, as SIGSTOP does."""
        for process in self.alive:
            if process in self.frozen or process.target is None:
                continue
            frozen = self.frozen[process] = Frozen(process.target)
            callbacks = process.target.callbacks
            assert callbacks is not None, "what a process waits for has not happened yet"
            place = callbacks.index(process._resume)  # noqa: SLF001 - no public way out
            callbacks[place] = frozen.happens

    def thaw(self) -> None:
        """Let them go on, as SIGCONT does."""
        frozen, self.frozen = self.frozen, {}
        for process, held in frozen.items():
            if process not in self.alive:
                continue
            if held.has_happened:
                self.env.timeout(0).callbacks.append(held.resumes(process))
            else:
                callbacks = held.awaited.callbacks
                assert callbacks is not None, "it has not happened yet"
                callbacks[callbacks.index(held.happens)] = process._resume  # noqa: SLF001

    def kill(self) -> int:
        """End all of them where they stand, as `kill -9` does; answer how many there were.

        What a coroutine waits for happens all the same, only nobody is there to hear it.
        """
        killed = list(self.alive.items())
        self.alive.clear()
        for process, work in killed:
            awaited, held = process.target, self.frozen.pop(process, None)
            if awaited is not None and awaited.callbacks is not None:
                awaited.callbacks.remove(held.happens if held else process._resume)  # noqa: SLF001
            work.close()
        return len(killed)
