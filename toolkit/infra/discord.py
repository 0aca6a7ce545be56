"""Discord's REST API over HTTP. It tells what came back; what that means is not its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from toolkit.core.errors import Unavailable

URL = "https://discord.com"
API = "/api/v10"
TIMEOUT_S = 10.0
USER_AGENT = "DiscordBot (escrow-platform, 0.1.0)"  # Discord refuses others


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; a body that is no JSON is kept as text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class HttpDiscord:
    """The port of direct messages. Retries are not its business."""

    client: httpx.AsyncClient

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Reply:
        sent: dict[str, Any] = {"params" if method == "GET" else "json": params}
        try:
            answer = await self.client.request(method, f"{API}{path}", **sent)
        except httpx.HTTPError as silence:
            what = f"Discord does not answer: {type(silence).__name__}"
            raise Unavailable(what) from silence
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status_code, headers=headers, body=_body(answer))


@asynccontextmanager
async def connect(token: str, url: str | None = None) -> AsyncIterator[HttpDiscord]:
    """Open a client; `url` points it at a sandbox instead of Discord's own address."""
    headers = {"Authorization": f"Bot {token}", "User-Agent": USER_AGENT}
    async with httpx.AsyncClient(
        base_url=url or URL, headers=headers, timeout=TIMEOUT_S, trust_env=False
    ) as client:
        yield HttpDiscord(client)


def _body(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
