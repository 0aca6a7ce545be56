"""Postgres in virtual time: the memory database, with waits where the real one has them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from sims.world.time import Danger, Wait, no_danger
from toolkit.core.ports import Transaction
from toolkit.infra.memory import MemoryDatabase


@dataclass(slots=True)
class SimDatabase(MemoryDatabase):
    """A process that dies while it waits has committed, or has not: both happen here."""

    env: Any = None
    random: Any = None
    latency_mean_s: float = 0.002
    danger: Danger = no_danger

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with MemoryDatabase.transaction(self) as transaction:
            yield transaction
            await self._round_trip()
        await self._round_trip()

    async def _round_trip(self) -> None:
        env: simpy.Environment = self.env
        random: Random = self.random
        latency_s = random.expovariate(1 / self.latency_mean_s)
        self.danger(latency_s)
        await Wait(env.timeout(latency_s))
