"""The APIs of those who verify: where an order is placed, and where it is read.

Each type of verification has its own path below the vendor's address, so that one vendor
may do several: `POST <address>/TITLE_SEARCH/orders`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from toolkit.infra.json_http import Call
from toolkit.infra.json_http import connect as connect_json
from toolkit.messages.closing import VerificationType

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AgentClient:
    """The port of one agent."""

    type: VerificationType
    call: Call

    async def order(self, params: Object, key: str) -> Object:
        made: Object = await self.call("POST", f"/{self.type}/orders", params, key)
        return made

    async def read(self, order_ref: str) -> Object:
        path = f"/{self.type}/orders/{quote(order_ref, safe='')}"
        found: Object = await self.call("GET", path, {})
        return found


@asynccontextmanager
async def connect(
    type: VerificationType, url: str, token: str
) -> AsyncIterator[AgentClient]:
    """Open a client of the agent at this address."""
    async with connect_json(f"the agent for {type}", url, token) as call:
        yield AgentClient(type, call)
