"""Stripe through its official SDK. Retries are ours alone, with the keys we chose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx
import stripe

from toolkit.core.errors import Declined, Unavailable

Object = Mapping[str, Any]
Params = Mapping[str, Any]

TIMEOUT_S = 10.0
PAGE = 100  # the most that Stripe gives at once

# What we look at when we read an object of each kind.
EXPANDED = {
    "pi": ["latest_charge.balance_transaction"],
    "ch": ["balance_transaction"],
    "py": ["balance_transaction"],
    "re": ["charge"],
    "pyr": ["charge"],
    "dp": ["charge"],
    "du": ["charge"],
}


@dataclass(frozen=True, slots=True)
class SdkStripe:
    """The port of the card rail. Objects come back as plain mappings."""

    client: stripe.StripeClient

    async def create(self, resource: str, params: Params, key: str) -> Object:
        service = getattr(self.client.v1, resource)
        return await _asked(service.create_async(cast("Any", params), _key(key)))

    async def cancel_payment_intent(self, id: str, key: str) -> Object:
        return await _asked(
            self.client.v1.payment_intents.cancel_async(id, options=_key(key))
        )

    async def reverse_transfer(self, id: str, params: Params, key: str) -> Object:
        reversals = self.client.v1.transfers.reversals
        return await _asked(reversals.create_async(id, cast("Any", params), _key(key)))

    async def retrieve(self, id: str) -> Object:
        kind = id.split("_", 1)[0]
        services = self.client.v1
        service: Any = {
            "pi": services.payment_intents,
            "ch": services.charges,
            "py": services.charges,
            "tr": services.transfers,
            "re": services.refunds,
            "pyr": services.refunds,
            "dp": services.disputes,
            "du": services.disputes,
        }[kind]
        return await _asked(service.retrieve_async(id, {"expand": EXPANDED.get(kind, [])}))

    async def created_since(
        self, resource: str, since: datetime, **filters: str
    ) -> AsyncIterator[Object]:
        service = getattr(self.client.v1, resource)
        page = {"limit": PAGE, "created": {"gte": int(since.timestamp())}, **filters}
        while True:
            found = await _asked(service.list_async(cast("Any", page)))
            for made in found["data"]:
                yield made
            if not found["has_more"]:
                return
            page["starting_after"] = found["data"][-1]["id"]


@asynccontextmanager
async def connect(api_key: str, url: str | None = None) -> AsyncIterator[SdkStripe]:
    """Open a client; `url` points it at a sandbox instead of Stripe's own address."""
    http = stripe.HTTPXClient(timeout=httpx.Timeout(TIMEOUT_S), allow_sync_methods=False)
    addresses = cast("Any", {"api": url} if url else {})
    try:
        yield SdkStripe(
            stripe.StripeClient(
                api_key,
                base_addresses=addresses,
                http_client=http,
                max_network_retries=0,
            )
        )
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]


async def _asked(answer: Awaitable[Any]) -> Object:
    with _translated():
        found = await answer
    plain: Object = found.to_dict()
    return plain


@contextmanager
def _translated() -> Any:
    """Say of Stripe's errors what they mean: no, or nothing known yet."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError) as no:
        if no.http_status == 409:  # the same call is still in flight
            raise Unavailable(str(no)) from no
        raise Declined(f"{no.code or no.http_status}: {no.user_message or no}") from no
    except (
        stripe.APIConnectionError,
        stripe.RateLimitError,
        stripe.IdempotencyError,
        stripe.APIError,
        stripe.AuthenticationError,  # our key is wrong, which says nothing of the payment
        stripe.PermissionError,
    ) as silence:
        raise Unavailable(f"{type(silence).__name__}: {silence}") from silence


def _key(key: str) -> Any:
    return {"idempotency_key": key}
