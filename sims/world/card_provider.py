"""Stripe's model as the payments service calls it, with the way there and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import simpy

from sims.world.calls import ProviderTimeout
from sims.world.stripe.client import InProcessStripe
from sims.world.stripe.errors import StripeError
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.errors import Declined, Unavailable

RETRIED = frozenset({409, 429})
EXPANSIONS = {
    "pi": ("payment_intents", ["latest_charge.balance_transaction"]),
    "ch": ("charges", ["balance_transaction"]),
    "tr": ("transfers", []),
    "re": ("refunds", ["charge"]),
    "dp": ("disputes", ["charge"]),
}


@dataclass(slots=True)
class SimStripe:
    """The port of the card rail over the sandbox's in-process face."""

    env: simpy.Environment
    random: Random
    client: InProcessStripe
    changed: SimSignal  # rings after each call: there may be a webhook to deliver
    latency_mean_s: float = 0.4
    patience_s: float = 30.0
    danger: Danger = no_danger

    async def create(
        self, resource: str, params: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        return await self._call(
            lambda: self.client.post(f"/v1/{resource}", params, key), self.danger
        )

    async def cancel_payment_intent(self, id: str, key: str) -> Mapping[str, Any]:
        path = f"/v1/payment_intents/{id}/cancel"
        return await self._call(lambda: self.client.post(path, {}, key), self.danger)

    async def reverse_transfer(
        self, id: str, params: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        path = f"/v1/transfers/{id}/reversals"
        return await self._call(lambda: self.client.post(path, params, key), self.danger)

    async def retrieve(self, id: str) -> Mapping[str, Any]:
        resource, expand = EXPANSIONS[id.split("_", maxsplit=1)[0]]
        path = f"/v1/{resource}/{id}"
        return await self._call(lambda: self.client.get(path, {"expand": expand}))

    async def created_since(
        self, resource: str, since: datetime, **filters: str
    ) -> AsyncIterator[Mapping[str, Any]]:
        page: dict[str, Any] = {
            "limit": 100,
            "created": {"gte": int(since.timestamp())},
            **filters,
        }
        while True:
            found = await self._call(lambda: self.client.get(f"/v1/{resource}", page))
            for made in found["data"]:
                yield made
            if not found["has_more"]:
                return
            page["starting_after"] = found["data"][-1]["id"]

    async def _call(
        self, ask: Callable[[], Mapping[str, Any]], danger: Danger = no_danger
    ) -> Mapping[str, Any]:
        await self._travel(danger, "before a call arrives")
        try:
            answer = ask()
        except ProviderTimeout as silence:
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable(str(silence)) from silence
        except StripeError as error:
            if error.http_status >= 500 or error.http_status in RETRIED:
                raise Unavailable(str(error)) from error
            raise Declined(str(error)) from error
        finally:
            self.changed.ring()
        await self._travel(danger, "before its answer arrives")
        return answer

    async def _travel(self, danger: Danger, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))
