"""Posts to addresses that people named, and to no machine that is not theirs to name.

A name is resolved once, every address it stands for must be public, and the call goes to
the very address that was looked at: a name that changes its mind in between gains nothing.
Redirects are not followed. Only a part of an answer is read, and nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import httpx

from toolkit.core.errors import Declined, Unavailable

TIMEOUT_S = 15.0
WITHIN_S = 20.0  # for an endpoint that answers a byte at a time
USER_AGENT = "escrow-platform-webhooks/1.0"

NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address in the clothes of an IPv6 one

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint said."""

    status: int
    headers: Mapping[str, str]


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the machine's resolver for every address of a name."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class HttpEndpoints:
    """The way out. `allows_private` is for a receiver on loopback, in tests and demos."""

    client: httpx.AsyncClient
    resolve: Resolve = resolve
    allows_private: bool = False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        target = _read(url)
        if target.scheme != "https" and not self.allows_private:
            raise Declined("the endpoint is not https")
        address = await self._address(target)
        request = self.client.build_request(
            "POST",
            target.copy_with(host=address),
            content=body,
            headers={**headers, "Host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        try:
            async with asyncio.timeout(WITHIN_S):
                answer = await self.client.send(
                    request, stream=True, follow_redirects=False
                )
                await answer.aclose()
        except (httpx.HTTPError, TimeoutError) as silence:
            what = f"the endpoint does not answer: {type(silence).__name__}"
            raise Unavailable(what) from silence
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(status=answer.status_code, headers=told)

    async def _address(self, target: httpx.URL) -> str:
        """Choose an address of the endpoint, all of which must be public."""
        port = target.port or (443 if target.scheme == "https" else 80)
        try:
            found = await self.resolve(target.host, port)
        except OSError as unknown:
            raise Unavailable("the endpoint's name is not found") from unknown
        if not found:
            raise Unavailable("the endpoint's name stands for no address")
        if not self.allows_private and not all(is_public(each) for each in found):
            raise Declined("the endpoint's name stands for an address that is not public")
        return found[0]


def _read(url: str) -> httpx.URL:
    """Read an address; one that cannot be called never will be."""
    try:
        target = httpx.URL(url)
        is_named = bool(target.host)  # reads what it was in before it was ASCII
    except (httpx.InvalidURL, ValueError) as wrong:
        raise Declined("the endpoint's address cannot be called") from wrong
    if not is_named:
        raise Declined("the endpoint's address names no host")
    return target


def is_public(address: str) -> bool:
    """Say whether an address is anybody's to call: not ours, nor a neighbour's."""
    parsed = ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    if mapped is None and parsed in NAT64:
        mapped = ip_address(int(parsed) & 0xFFFF_FFFF)
    if mapped is not None:
        return is_public(str(mapped))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


@asynccontextmanager
async def connect_endpoints(
    *, allows_private: bool = False
) -> AsyncIterator[HttpEndpoints]:
    """Open the way out. No connection is kept: the next call is for another house."""
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        timeout=TIMEOUT_S,
        limits=limits,
        trust_env=False,
        headers={"User-Agent": USER_AGENT},
    ) as client:
        yield HttpEndpoints(client, allows_private=allows_private)
