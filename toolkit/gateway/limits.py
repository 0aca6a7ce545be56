"""Nobody may ask without end: how often an address and a person may call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, ip_address
from math import ceil

from fastapi import Request

from toolkit.core.message import record
from toolkit.core.rate import Rate, Rates, Verdict, Wanted
from toolkit.gateway.problems import Refusal
from toolkit.gateway.tokens import Actor, Role


@record
class Limits:
    """How often an address may call, a person, and a service of our own."""

    rates: Rates
    address: Rate
    person: Rate
    service: Rate

    async def check_address(self, request: Request) -> None:
        """Count a call against where it comes from, before anything else is looked at."""
        host = request.client.host if request.client else "unknown"
        await self._check(request, self.address, _network(host))

    async def check_actor(self, request: Request, actor: Actor) -> None:
        """Count a call against who makes it, from wherever that is."""
        is_service = Role.CONTRACTS in actor.roles
        await self._check(request, self.service if is_service else self.person, actor.id)

    async def _check(self, request: Request, rate: Rate, whose: str) -> None:
        (verdict,) = await self.rates.take([Wanted(rate=rate, whose=whose)])
        found: list[Verdict] = getattr(request.state, "verdicts", [])
        request.state.verdicts = [*found, verdict]
        if not verdict.allowed:
            wait_s = ceil(verdict.wait_s)
            raise Refusal(
                429,
                "too-many-requests",
                f"More requests came than the rate of this {rate.name} lets pass. Wait "
                f"{wait_s} s, and spread them: nothing was done.",
                headers={"Retry-After": str(wait_s)},
            )


def headers(verdicts: Sequence[Verdict]) -> Mapping[str, str]:
    """Say how much is left, as the IETF's draft on RateLimit fields has it."""
    if not verdicts:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{v.rate.name}";q={v.rate.burst};w={ceil(v.rate.fill_s)}' for v in verdicts
        ),
        "RateLimit": ", ".join(
            f'"{v.rate.name}";r={v.remaining};t={ceil(v.wait_s)}' for v in verdicts
        ),
    }


def _network(host: str) -> str:
    """Take the 64 bits that one customer has for one address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return host
