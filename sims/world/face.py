"""What every sandbox with an HTTP face needs: a clock that runs, silence, and a postman."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sims.world.webhooks import Delivery

PUMP_INTERVAL_S = 0.02
POSTS_AT_ONCE = 16
POST_TIMEOUT_S = 10.0


@dataclass(slots=True)
class RunningClock:
    """A clock that starts where it is told, runs at its own pace and can be put forward.

    It starts now, or when the machine says `origin_s`: all who are told the same agree.
    """

    start_at: datetime
    speed: float = 1.0
    origin_s: float | None = None
    began_s: float = 0.0
    put_forward: timedelta = timedelta()

    def __post_init__(self) -> None:
        running_for_s = 0.0 if self.origin_s is None else time.time() - self.origin_s
        self.began_s = time.monotonic() - running_for_s

    def now(self) -> datetime:
        passed_s = (time.monotonic() - self.began_s) * self.speed
        return self.start_at + timedelta(seconds=passed_s) + self.put_forward


class Silence(Response):
    """No answer: a byte is promised and never sent, so the server drops the connection."""

    def __init__(self, hold_s: float) -> None:
        super().__init__()
        self.hold_s = hold_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await asyncio.sleep(self.hold_s)
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class Teller(Protocol):
    """A model that has something to tell now and then."""

    def due_webhooks(self) -> Sequence[Delivery[Any]]: ...
    def webhook_delivered(self, delivery: Delivery[Any]) -> None: ...
    def webhook_failed(self, delivery: Delivery[Any]) -> None: ...


@asynccontextmanager
async def delivering(model: Teller, url: str | None) -> AsyncIterator[None]:
    """Post whatever the model tells to this address, as long as we are in here."""
    if url is None:
        yield
        return
    async with httpx.AsyncClient(timeout=POST_TIMEOUT_S, trust_env=False) as client:
        pump = asyncio.create_task(_deliver_forever(model, client, url))
        yield
        pump.cancel()
        with suppress(asyncio.CancelledError):
            await pump


async def _deliver_forever(model: Teller, client: httpx.AsyncClient, url: str) -> None:
    gate = asyncio.Semaphore(POSTS_AT_ONCE)
    async with asyncio.TaskGroup() as posts:
        while True:
            for delivery in model.due_webhooks():
                await gate.acquire()
                post = posts.create_task(_deliver(model, client, url, delivery))
                post.add_done_callback(lambda _: gate.release())
            await asyncio.sleep(PUMP_INTERVAL_S)


async def _deliver(
    model: Teller, client: httpx.AsyncClient, url: str, delivery: Delivery[Any]
) -> None:
    """Post once. Anything but a 2xx in time is a failure, and will be tried again."""
    headers = {"content-type": "application/json; charset=utf-8", **delivery.headers}
    try:
        answer = await client.post(
            delivery.url or url, content=delivery.payload, headers=headers
        )
    except httpx.HTTPError:
        model.webhook_failed(delivery)
        return
    if answer.is_success:
        model.webhook_delivered(delivery)
    else:
        model.webhook_failed(delivery)
