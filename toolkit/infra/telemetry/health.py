"""Is a process alive, and may it be given work? Answers are at hand, and never asked for.

The checks are made now and then by a coroutine of the process itself. Whoever asks, however
often, is told what the last ones found, and how long ago: an old answer is no answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from toolkit.infra.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[bool]]

EVERY_S = 5.0
WITHIN_S = 4.0  # a dependency that takes longer does not answer
STUCK_S = 60.0  # longer than a loop's longest turn: a statement's time limit is 30 s
LOOP = "event loop"
IN_SERVICE = "in service"  # false while it drains


@dataclass(slots=True)
class Health:
    """What one process knows of itself. It is read from other threads."""

    service: str
    metrics: Metrics
    now_s: Callable[[], float] = monotonic
    beats: dict[str, float] = field(default_factory=dict)
    found: dict[str, tuple[bool, float]] = field(default_factory=dict)
    is_draining: bool = False

    def beat(self, loop: str) -> None:
        self.beats[loop] = self.now_s()

    def rest(self, loop: str) -> None:
        """Wait without being stuck."""
        self.beats[loop] = inf

    def drain(self) -> None:
        """Ask for no more work; what was begun is finished."""
        self.is_draining = True

    def live(self) -> dict[str, bool]:
        """Say whether the process gets anything done at all; if not, start it again."""
        return {LOOP: self._is_recent(self.beats.get(LOOP))}

    def ready(self) -> dict[str, bool]:
        """Say, check by check, whether it may be given work."""
        checks = {name: ok and self._is_recent(at) for name, (ok, at) in self._found()}
        loops = {loop: self._is_recent(at) for loop, at in list(self.beats.items())}
        answers = {**loops, **checks, IN_SERVICE: not self.is_draining}
        if not checks:
            answers["checks"] = False  # nothing was asked yet
        return answers

    async def watch(self, checks: Mapping[str, Check]) -> None:
        """Make the checks, for ever."""
        while True:
            await self.look(checks)
            await asyncio.sleep(EVERY_S)

    async def look(self, checks: Mapping[str, Check]) -> None:
        """Make the checks once, all at the same time."""
        self.beat(LOOP)
        await asyncio.gather(*(self._make(n, c) for n, c in checks.items()))
        for name, is_fine in self.ready().items():
            self.metrics.ready.labels(self.service, name).set(is_fine)

    async def _make(self, name: str, check: Check) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                is_fine = await check()
        except Exception as failure:  # noqa: BLE001 - a check may fail in any way
            is_fine = False
            if self.found.get(name, (True, 0.0))[0]:  # once, not every five seconds
                log.warning("%s does not answer: %s", name, type(failure).__name__)
        self.found[name] = is_fine, self.now_s()

    def _found(self) -> list[tuple[str, tuple[bool, float]]]:
        return list(self.found.items())

    def _is_recent(self, at_s: float | None) -> bool:
        return at_s is not None and self.now_s() - at_s < STUCK_S
