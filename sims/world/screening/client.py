"""A vendor for those who share its process: the port of the screening, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

import simpy

from sims.world.screening.model import (
    ADDRESSES,
    ENTITIES,
    NoAnswerError,
    Reply,
    ScreeningModel,
)
from sims.world.screening.risks import Vendor
from sims.world.time import Wait
from toolkit.core.errors import Unavailable

# The base of `Basic` is the key and the colon behind it.
TRM_HEADERS = {"authorization": "Basic a2V5Og=="}
CHAINALYSIS_HEADERS = {"token": "key"}
NOT_FOUND = 404


@dataclass(slots=True)
class SimScreener:
    """Asks one vendor's model, with the way there and back."""

    env: simpy.Environment
    random: Random
    model: ScreeningModel
    vendor: Vendor
    latency_mean_s: float = 0.3
    patience_s: float = 10.0

    async def screen(self, address: str) -> Any:
        match self.vendor:
            case Vendor.TRM:
                asked = [{"address": address, "chain": "base"}]
                return _json(await self._call("POST", ADDRESSES, asked, TRM_HEADERS))
            case Vendor.CHAINALYSIS:
                return await self._entity(address)

    async def _entity(self, address: str) -> Any:
        path, headers = f"{ENTITIES}/{quote(address, safe='')}", CHAINALYSIS_HEADERS
        reply = await self._call("GET", path, None, headers)
        if reply.status == NOT_FOUND:
            _json(await self._call("POST", ENTITIES, {"address": address}, headers))
            reply = await self._call("GET", path, None, headers)
        return _json(reply)

    async def _call(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> Reply:
        await Wait(self.env.timeout(self.random.expovariate(2 / self.latency_mean_s)))
        try:
            reply = self.model.handle(method, path, body, headers)
        except NoAnswerError as silence:
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable(f"{self.vendor} did not answer") from silence
        await Wait(self.env.timeout(self.random.expovariate(2 / self.latency_mean_s)))
        return reply


def _json(reply: Reply) -> Any:
    if reply.status >= 300:
        raise Unavailable(f"answered {reply.status}")
    try:
        return json.loads(reply.text)
    except ValueError as garbled:
        raise Unavailable("answered something that is no JSON") from garbled
