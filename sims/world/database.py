"""Postgres in virtual time: the memory database, with waits where the real one has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from sims.world.time import Danger, Wait, no_danger
from toolkit.core.ports import Effects, Transaction
from toolkit.infra.memory import MemoryDatabase, MemoryTransaction

Lasts = Callable[[Random, int], float]  # how long a transaction of so many messages takes


def brief(random: Random, _messages: int) -> float:
    """Take four milliseconds in the mean, however many messages there are."""
    return random.expovariate(1 / 0.004)


@dataclass(slots=True)
class SimDatabase(MemoryDatabase):
    """A process that dies while it waits has committed, or has not: both happen here."""

    env: Any = None
    random: Any = None
    lasts: Lasts = brief
    danger: Danger = no_danger
    told: Callable[[Effects], None] | None = None  # hears what was committed

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with MemoryDatabase.transaction(self) as transaction:
            yield transaction
            assert isinstance(transaction, MemoryTransaction)
            messages = len(transaction.claims)
            await self._wait(messages, "before the commit")
        if self.told:
            for effects in transaction.writes:
                self.told(effects)
        await self._wait(messages, "after the commit")

    async def _wait(self, messages: int, step: str) -> None:
        """Let half of a transaction's time pass: before the commit, or its answer."""
        env: simpy.Environment = self.env
        latency_s = self.lasts(self.random, messages) / 2
        self.danger(latency_s, step)
        await Wait(env.timeout(latency_s))
