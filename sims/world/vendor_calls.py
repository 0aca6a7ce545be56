"""A vendor's model as our clients call it, with the way there and back, in virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

import simpy

from sims.world.calls import ProviderTimeout
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.errors import Declined, Unavailable

RETRIED = frozenset({401, 403, 408, 409, 425, 429})


class Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> dict[str, Any]: ...


class Vendor(Protocol):
    """A model with one entrance."""

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Answer: ...


@dataclass(slots=True)
class SimCall:
    """Carries a call to a model, as `toolkit.infra.json_http` does by HTTP."""

    env: simpy.Environment
    random: Random
    model: Vendor
    changed: SimSignal  # rings after each call: there may be a webhook to deliver
    latency_mean_s: float = 0.4
    patience_s: float = 30.0
    danger: Danger = no_danger

    async def __call__(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Any:
        danger = no_danger if method == "GET" else self.danger
        await self._travel(danger, "before a call arrives")
        try:
            answer = self.model.handle(method, path, params, key)
        except ProviderTimeout as silence:
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable(str(silence)) from silence
        finally:
            self.changed.ring()
        if answer.status >= 500 or answer.status in RETRIED:
            raise Unavailable(f"{answer.status}: {answer.body}")
        if answer.status >= 400:
            raise Declined(f"{answer.body['error']['message']}")
        await self._travel(danger, "before its answer arrives")
        return answer.body

    async def _travel(self, danger: Danger, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))
