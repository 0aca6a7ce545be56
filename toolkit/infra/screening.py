"""TRM Labs and Chainalysis over HTTP: who is asked how, and what counts as no answer.

Nothing here judges. A refusal, our own wrong key included, says nothing of a wallet, so it
is `Unavailable` like silence, and the money waits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from toolkit.core.errors import Unavailable

TIMEOUT_S = 10.0
TRM_URL, CHAINALYSIS_URL = "https://api.trmlabs.com", "https://api.chainalysis.com"
ADDRESSES = "/public/v2/screening/addresses"
ENTITIES = "/api/risk/v2/entities"
CHAIN = "base"  # where the dollars that we hold are


@dataclass(frozen=True, slots=True)
class TrmLabs:
    """TRM Labs' wallet screening: a list of addresses in, a list of reports out."""

    http: httpx.AsyncClient

    async def screen(self, address: str) -> Any:
        asked = [{"address": address, "chain": CHAIN}]
        return _json("TRM Labs", await _sent(self.http, "POST", ADDRESSES, asked))


@dataclass(frozen=True, slots=True)
class Chainalysis:
    """Chainalysis' address screening: an address is an entity, and has one risk."""

    http: httpx.AsyncClient

    async def screen(self, address: str) -> Any:
        path = f"{ENTITIES}/{quote(address, safe='')}"
        answer = await _sent(self.http, "GET", path)
        if answer.status_code == httpx.codes.NOT_FOUND:  # accounts of old register first
            told = await _sent(self.http, "POST", ENTITIES, {"address": address})
            _json("Chainalysis", told)
            answer = await _sent(self.http, "GET", path)
        return _json("Chainalysis", answer)


@asynccontextmanager
async def connect_trm(api_key: str, url: str | None = None) -> AsyncIterator[TrmLabs]:
    """Open a client; `url` points it at a sandbox instead of TRM Labs' own address."""
    async with httpx.AsyncClient(
        base_url=url or TRM_URL, auth=(api_key, api_key), timeout=TIMEOUT_S
    ) as http:
        yield TrmLabs(http)


@asynccontextmanager
async def connect_chainalysis(
    api_key: str, url: str | None = None
) -> AsyncIterator[Chainalysis]:
    """Open a client; `url` points it at a sandbox instead of Chainalysis' own address."""
    async with httpx.AsyncClient(
        base_url=url or CHAINALYSIS_URL, headers={"Token": api_key}, timeout=TIMEOUT_S
    ) as http:
        yield Chainalysis(http)


async def _sent(
    http: httpx.AsyncClient, method: str, path: str, body: Any = None
) -> httpx.Response:
    try:
        return await http.request(method, path, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as silence:
        raise Unavailable(f"{type(silence).__name__} at {http.base_url.host}") from silence


def _json(vendor: str, answer: httpx.Response) -> Any:
    """Take the answer if it is one: a success, and JSON. A refusal may well be HTML."""
    if not answer.is_success:
        raise Unavailable(f"{vendor} answered {answer.status_code}")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        raise Unavailable(f"{vendor} answered {kind or 'nothing'} instead of JSON")
    try:
        return answer.json()
    except ValueError as garbled:
        raise Unavailable(f"{vendor} answered something that is no JSON") from garbled
