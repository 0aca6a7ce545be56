"""SendGrid, Twilio and people's own endpoints, as notifications calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import simpy

from sims.world.receiver import ReceiverModel
from sims.world.rest import Model, NoAnswer, Reply
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.errors import Unavailable


@dataclass(slots=True)
class Way:
    """The network between the service and whomever it calls."""

    env: simpy.Environment
    random: Random
    latency_mean_s: float = 0.2
    patience_s: float = 10.0
    danger: Danger = no_danger

    async def travel(self, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        self.danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))

    async def wait_in_vain(self) -> None:
        await Wait(self.env.timeout(self.patience_s))


@dataclass(slots=True)
class SimProvider:
    """The port of a provider's REST API over its sandbox's model."""

    way: Way
    model: Model
    authorization: str
    called: SimSignal | None = None  # rung where there may be something to report

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Reply:
        await self.way.travel("before a call arrives")
        path, _, query = path.partition("?")
        given = {**dict(parse_qsl(query)), **(params or {})}
        try:
            reply = self.model.handle(method, path, given, self.authorization)
        except NoAnswer as silence:
            await self.way.wait_in_vain()
            raise Unavailable(str(silence)) from silence
        finally:
            if self.called is not None:
                self.called.ring()
        await self.way.travel("before its answer arrives")
        return reply


@dataclass(slots=True)
class SimEndpoints:
    """The way out to people's endpoints."""

    way: Way
    model: ReceiverModel

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        await self.way.travel("before a call arrives")
        try:
            reply = self.model.receive(url, headers, body)
        except NoAnswer as silence:
            await self.way.wait_in_vain()
            raise Unavailable(str(silence)) from silence
        await self.way.travel("before its answer arrives")
        return reply
