"""SendGrid's and Twilio's APIs, opened: where they are, and how we say who we are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from toolkit.infra.rest import TIMEOUT_S, HttpProvider

SENDGRID_URL = "https://api.sendgrid.com"
TWILIO_URL = "https://api.twilio.com"


@asynccontextmanager
async def connect_sendgrid(key: str, url: str | None = None) -> AsyncIterator[HttpProvider]:
    """Open a client; `url` points it at a sandbox instead of SendGrid's own address."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        base_url=url or SENDGRID_URL, headers=headers, timeout=TIMEOUT_S, trust_env=False
    ) as client:
        yield HttpProvider("SendGrid", client)


@asynccontextmanager
async def connect_twilio(
    account: str, token: str, url: str | None = None
) -> AsyncIterator[HttpProvider]:
    """Open a client; `url` points it at a sandbox instead of Twilio's own address."""
    async with httpx.AsyncClient(
        base_url=url or TWILIO_URL,
        auth=(account, token),
        timeout=TIMEOUT_S,
        trust_env=False,
    ) as client:
        yield HttpProvider("Twilio", client, "data")
