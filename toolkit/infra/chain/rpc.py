"""JSON-RPC to a node of an EVM chain: tried again with patience, its errors told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Protocol

import httpx

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Clock

TRIES = 5
FIRST = timedelta(milliseconds=250)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
SERVER_ERROR = 500
TOO_MANY = 429
LIMIT_EXCEEDED = -32005  # how nodes of a provider say that we ask too often


class NodeError(Exception):
    """The node understood, and says no."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message, self.data = code, message, data


class Rpc(Protocol):
    """A call and its result. Raises NodeError, and Unavailable where nothing comes back."""

    async def __call__(self, method: str, params: Sequence[Any]) -> Any: ...


@dataclass(slots=True)
class HttpRpc:
    """Calls a node over HTTP. What is asked may be asked twice, so silence is no end."""

    client: httpx.AsyncClient
    clock: Clock
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def __call__(self, method: str, params: Sequence[Any]) -> Any:
        number = next(self.numbers)
        for attempt in range(TRIES):
            try:
                return await self._ask(number, method, params)
            except Unavailable:
                if attempt + 1 == TRIES:
                    raise
            await self.clock.sleep(FIRST * (1 << attempt))
        raise AssertionError("the last try answers or raises")

    async def _ask(self, number: int, method: str, params: Sequence[Any]) -> Any:
        asked = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
        try:
            answer = await self.client.post("", json=asked)
            said = answer.json()
        except (httpx.HTTPError, ValueError) as silence:
            raise Unavailable(f"the node: {type(silence).__name__}") from silence
        is_busy = answer.status_code >= SERVER_ERROR or answer.status_code == TOO_MANY
        if is_busy or not isinstance(said, dict):
            raise Unavailable(f"the node answered {answer.status_code}")
        if error := said.get("error"):
            code, message = error.get("code", 0), str(error.get("message"))
            if code == LIMIT_EXCEEDED:
                raise Unavailable(f"the node: {message}")
            raise NodeError(code, message, error.get("data"))
        if "result" not in said:
            raise Unavailable("the node answered without a result")
        return said["result"]


@asynccontextmanager
async def connect(url: str, clock: Clock) -> AsyncIterator[HttpRpc]:
    """Open a client to a node; its address may hold a secret, and is never logged."""
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT) as client:
        yield HttpRpc(client, clock)
