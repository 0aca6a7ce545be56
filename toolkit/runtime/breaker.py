"""A circuit breaker: a provider that is down is left alone for a while, and then tried.

Calls go through while it is closed. So many that stay without an answer in a row open it:
nothing is asked any more, and who asks is told so at once. After a rest a single call goes
ahead (half open); its answer closes the breaker, its silence means another rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.message import Message
from toolkit.core.ports import Clock
from toolkit.runtime.agenda import Attempt

T = TypeVar("T")

FAILURES_MAX = 5
REST = timedelta(seconds=30)


class Standing(StrEnum):
    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(slots=True)
class Breaker:
    """Watches the calls to one provider. `trips` and `refused` only ever grow.

    A call that began before the breaker last changed tells nothing of the provider now,
    so its outcome is not counted.
    """

    provider: str
    clock: Clock
    failures_max: int = FAILURES_MAX
    rest: timedelta = REST
    failures: int = 0  # without an answer, in a row
    opened_at: datetime | None = None
    trips: int = 0
    refused: int = 0  # calls that were not made
    _era: int = field(default=0, repr=False)  # how often it has opened or closed
    _is_trying: bool = field(default=False, repr=False)

    @property
    def standing(self) -> Standing:
        if self.opened_at is None:
            return Standing.CLOSED
        is_rested = self.clock.now() >= self.opened_at + self.rest
        return Standing.HALF_OPEN if is_rested else Standing.OPEN

    async def call(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the provider, or raise Unavailable where it is left alone."""
        is_trial = self._admit()
        era = self._era
        try:
            answer = await ask()
        except (Declined, Unfinished):  # a no is an answer, and so is a not yet
            if era == self._era:
                self._close()
            raise
        except Unavailable:
            if era == self._era:
                self._fail()
            raise
        finally:
            if is_trial:
                self._is_trying = False
        if era == self._era:
            self._close()
        return answer

    def _admit(self) -> bool:
        """Let a call pass, and say whether it is the one that tries after a rest."""
        match self.standing:
            case Standing.CLOSED:
                return False
            case Standing.HALF_OPEN if not self._is_trying:
                self._is_trying = True
                return True
        self.refused += 1
        raise Unavailable(self._reason())

    def _reason(self) -> str:
        assert self.opened_at is not None
        again_at = self.opened_at + self.rest
        return (
            f"{self.provider} is left alone after {self.failures} calls without an answer; "
            f"it is tried again from {again_at.isoformat(timespec='seconds')}"
        )

    def _fail(self) -> None:
        self.failures += 1
        if self.opened_at is not None or self.failures >= self.failures_max:
            self.opened_at = self.clock.now()
            self.trips += 1
            self._era += 1

    def _close(self) -> None:
        self.failures = 0
        if self.opened_at is not None:
            self.opened_at = None
            self._era += 1


class Performing(Protocol):
    """Whoever performs commands at a provider."""

    async def perform(self, command: Any, attempt: Attempt) -> Sequence[Message]: ...


@dataclass(frozen=True, slots=True)
class Guarded:
    """A performer whose provider is watched: the same calls, through the breaker."""

    performer: Performing
    breaker: Breaker

    async def perform(self, command: Any, attempt: Attempt) -> Sequence[Message]:
        return await self.breaker.call(lambda: self.performer.perform(command, attempt))
