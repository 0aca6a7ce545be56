"""The wallet provider's API: paths and pages, over whatever carries the calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from toolkit.infra.json_http import Call
from toolkit.infra.json_http import connect as connect_json

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WalletClient:
    """The port of the wallets of closings."""

    call: Call

    async def open(self, wallet_id: str, params: Object) -> Object:
        made: Object = await self.call("PUT", _wallet(wallet_id), params)
        return made

    async def pay(self, wallet_id: str, kind: str, params: Object, key: str) -> Object:
        path = f"{_wallet(wallet_id)}/{kind}s"
        made: Object = await self.call("POST", path, params, key)
        return made

    async def balance(self, wallet_id: str) -> Object:
        found: Object = (await self.call("GET", _wallet(wallet_id), {}))["balance"]
        return found

    async def history(self, wallet_id: str) -> Sequence[Object]:
        return await self._pages(f"{_wallet(wallet_id)}/transactions", {})

    async def events_since(self, moment: datetime) -> Sequence[Object]:
        return await self._pages("/v1/events", {"since": moment.isoformat()})

    async def _pages(self, path: str, asked: Object) -> Sequence[Object]:
        found: list[Object] = []
        while True:
            after = {"after": found[-1]["id"]} if found else {}
            page = await self.call("GET", path, {**asked, **after})
            found += page["data"]
            if not page["has_more"]:
                return found


@asynccontextmanager
async def connect(url: str, token: str) -> AsyncIterator[WalletClient]:
    """Open a client of the provider at this address."""
    async with connect_json("the wallet provider", url, token) as call:
        yield WalletClient(call)


def _wallet(wallet_id: str) -> str:
    return f"/v1/wallets/{quote(wallet_id, safe='')}"
