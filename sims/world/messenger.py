"""Discord's model as the notifications service calls it, with the way there and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from sims.world.discord import DiscordModel, NoAnswer
from sims.world.discord.model import Response
from sims.world.time import Danger, Wait, no_danger
from toolkit.core.errors import Unavailable

NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class SimDiscord:
    """The port of direct messages over the sandbox's model."""

    env: simpy.Environment
    random: Random
    model: DiscordModel
    latency_mean_s: float = 0.2
    patience_s: float = 10.0
    danger: Danger = no_danger

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Response:
        await self._travel("before a call arrives")
        try:
            answer = self.model.handle(
                method, path, params or NOTHING, f"Bot {self.model.token}"
            )
        except NoAnswer as silence:
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable(str(silence)) from silence
        await self._travel("before its answer arrives")
        return answer

    async def _travel(self, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        self.danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))
