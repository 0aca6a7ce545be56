"""The custodian's model as the payments service calls it, with the way there and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import simpy

from sims.world.calls import ProviderTimeout
from sims.world.custodian.model import CustodianModel
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.errors import Declined, Unavailable

RETRIED = frozenset({409, 429})


@dataclass(slots=True)
class SimSend:
    """Carries the calls of `toolkit.infra.circle` to the model, in virtual time."""

    env: simpy.Environment
    random: Random
    model: CustodianModel
    changed: SimSignal  # rings after each call: there may be a webhook to deliver
    latency_mean_s: float = 0.4
    patience_s: float = 30.0
    danger: Danger = no_danger

    async def __call__(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        danger = self.danger if method == "POST" else no_danger
        await self._travel(danger, "before a call arrives")
        try:
            answer = self.model.handle(method, f"/{path}", params)
        except ProviderTimeout as silence:
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable(str(silence)) from silence
        finally:
            self.changed.ring()
        if answer.status >= 500 or answer.status in RETRIED:
            raise Unavailable(f"{answer.status}: {answer.body['message']}")
        if answer.status >= 400:
            raise Declined(f"{answer.body['code']}: {answer.body['message']}")
        await self._travel(danger, "before its answer arrives")
        return answer.body["data"]

    async def _travel(self, danger: Danger, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))
