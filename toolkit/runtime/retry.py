"""Trying again: how long to wait, and what is worth another try."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.ports import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)

FIRST = timedelta(milliseconds=100)
MOST = timedelta(minutes=5)
DOUBLINGS_MAX = 20  # far past MOST, and small enough for any integer
PARTS = 1 << 16


def backoff(
    attempts: int, seed: UUID, first: timedelta = FIRST, most: timedelta = MOST
) -> timedelta:
    """Wait twice as long each time, half of it by chance.

    The chance is derived from the seed: a crowd of waiters spreads out, and a history that
    is played again waits the same.
    """
    doublings = min(attempts, DOUBLINGS_MAX)
    longest = min(first * (1 << doublings), most)
    chance = (seed.int >> (attempts % 64)) % PARTS
    return longest / 2 + longest / 2 * chance / PARTS


async def persistently(clock: Clock, seed: UUID, work: Callable[[], Awaitable[T]]) -> T:
    """Do work until nothing stands in its way. Other failures pass through."""
    attempts = 0
    while True:
        try:
            return await work()
        except (Conflict, Unavailable) as obstacle:
            log.info("try %d failed: %r", attempts + 1, obstacle)
        await clock.sleep(backoff(attempts, seed))
        attempts += 1
