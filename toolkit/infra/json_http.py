"""A vendor's JSON API over HTTPS: who we are, what its errors mean, and nothing twice.

Retries are ours alone, with the keys we chose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from toolkit.core.errors import Declined, Unavailable

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
SERVER_ERROR, CLIENT_ERROR = 500, 400
# They say nothing of what was asked: our key is wrong, is in use, or we ask too often.
NO_ANSWER = frozenset({401, 403, 408, 409, 425, 429})
REASON_LENGTH_MAX = 200


class Call(Protocol):
    """Carries one call to a vendor. Raises Declined for a no, Unavailable for silence."""

    async def __call__(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class HttpCall:
    """The way there by HTTP. `name` is what complaints say of the vendor."""

    name: str
    client: httpx.AsyncClient

    async def __call__(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        sent: dict[str, Any] = {"params" if method == "GET" else "json": params}
        try:
            answer = await self.client.request(method, path, headers=headers, **sent)
        except httpx.HTTPError as silence:
            what = f"{self.name} does not answer: {type(silence).__name__}"
            raise Unavailable(what) from silence
        said = _json(answer)
        if answer.status_code >= SERVER_ERROR or answer.status_code in NO_ANSWER:
            raise Unavailable(f"{self.name}: {answer.status_code}: {_reason(said)}")
        if answer.status_code >= CLIENT_ERROR:
            raise Declined(_reason(said))
        if said is None:
            raise Unavailable(f"{self.name}: {answer.status_code}, and no JSON object")
        return said


@asynccontextmanager
async def connect(name: str, url: str, token: str) -> AsyncIterator[HttpCall]:
    """Open a client of a vendor that knows us by a bearer token."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=TIMEOUT, trust_env=False
    ) as client:
        yield HttpCall(name, client)


def _json(answer: httpx.Response) -> Any:
    """Read the answer; a gateway in between may speak HTML."""
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _reason(said: Any) -> str:
    error = said.get("error") if said else None
    if not isinstance(error, dict):
        return "no reason was told"
    told = ": ".join(str(error[name]) for name in ("code", "message") if name in error)
    return told[:REASON_LENGTH_MAX] or "no reason was told"
