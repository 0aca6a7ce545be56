"""Where a process may die: every point between two durable steps, and who died there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import simpy

from sims.world.time import SimTasks

AMBUSH_STEPS = 8
CrashPoint = tuple[str, str]  # a service, and between which two of its steps
Strike = Callable[[str, float], Coroutine[Any, Any, None]]  # at whom, and after how long

LOOPS = {  # how the coroutines of a process are called here
    "ConsumerLoop.run": "consumer",
    "Relay.run": "relay",
    "AgendaWorker.run": "timers",
    "AgendaWorker._ask": "call",
    "Poller.run": "poller",
    "Postman.receive": "intake",
    "archive": "archive",
}
COMMIT = ("before the commit", "after the commit")
CALL = ("before a call arrives", "before its answer arrives")
FETCH = ("before the records arrive",)
PUBLISH = ("before the broker has it", "before the broker's word arrives")
STEPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "gateway": {"relay": PUBLISH, "intake": COMMIT},
    "escrow": {"consumer": (*FETCH, *COMMIT), "relay": PUBLISH, "timers": COMMIT},
    "payments": {
        "consumer": (*FETCH, *COMMIT),
        "relay": PUBLISH,
        "timers": COMMIT,
        "call": (*CALL, *COMMIT),
        "poller": COMMIT,
    },
    "projections": {"consumer": (*FETCH, *COMMIT)},
    "notifications": {
        "consumer": (*FETCH, *COMMIT),
        "relay": PUBLISH,
        "call": (*CALL, *COMMIT),
    },
    "archive": {"archive": FETCH},
}
CRASH_POINTS: tuple[CrashPoint, ...] = tuple(
    (service, f"{loop}: {step}")
    for service, loops in STEPS.items()
    for loop, steps in loops.items()
    for step in steps
)


@dataclass(slots=True)
class Dangers:
    """Waits for a process at one of its next steps, or at a point that has a name."""

    env: simpy.Environment
    random: Random
    processes: Mapping[str, SimTasks]
    strike: Strike
    instead: dict[str, Strike] = field(default_factory=dict)  # of killing it
    ambushed: dict[str, int] = field(default_factory=dict)  # steps until a service dies
    aimed: dict[CrashPoint, None] = field(default_factory=dict)  # or at which step
    died_at: Counter[CrashPoint] = field(default_factory=Counter)

    def ambush(
        self, name: str, step: str | None = None, strike: Strike | None = None
    ) -> None:
        """Kill a process in the middle of one of its next commits, calls or messages.

        Or do something else to it there.
        """
        if strike:
            self.instead[name] = strike
        if step is None:
            self.ambushed[name] = self.random.randrange(AMBUSH_STEPS)
        else:
            self.aimed[name, step] = None

    def seldom(self) -> CrashPoint:
        """Name a point at which nobody, or hardly anybody, has died yet."""
        least = min(self.died_at[point] for point in CRASH_POINTS)
        return self.random.choice([p for p in CRASH_POINTS if self.died_at[p] == least])

    def clear(self) -> None:
        """Leave everybody in peace."""
        self.ambushed.clear()
        self.aimed.clear()
        self.instead.clear()

    def look(self, lasts_s: float, step: str) -> None:
        """Look who begins a step, and whether somebody waits for it to."""
        if not self.ambushed and not self.aimed:
            return
        process = self.env.active_process
        for name in {**self.ambushed, **{name: 0 for name, _ in self.aimed}}:
            work = self.processes[name].loop(process)
            if work is not None:
                point = f"{LOOPS.get(work, work)}: {step}"
                if self._is_time(name, point):
                    strike = self.instead.pop(name, self.strike)
                    if strike is self.strike:
                        self.died_at[name.partition("#")[0], point] += 1
                    within_s = lasts_s * self.random.random()
                    SimTasks(self.env).spawn(strike(name, within_s))
                return

    def _is_time(self, name: str, point: str) -> bool:
        if (name, point) in self.aimed:
            del self.aimed[name, point]
            return True
        steps = self.ambushed.get(name)
        if steps is None:
            return False
        self.ambushed[name] = steps - 1
        if steps:
            return False
        del self.ambushed[name]
        return True
