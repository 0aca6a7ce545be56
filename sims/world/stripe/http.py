"""The HTTP face: the model for the unmodified Stripe SDK, and webhooks on their way out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sims.world.stripe.errors import ProviderTimeout
from sims.world.stripe.exports import export_day
from sims.world.stripe.form import decode_form
from sims.world.stripe.model import StripeModel
from sims.world.stripe.webhooks import Delivery

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


@dataclass(slots=True, kw_only=True)
class Face:
    """What stands between the sockets and the model."""

    model: StripeModel
    webhook_url: str | None = None
    exports: Path = Path("stripe-exports")
    clock: RunningClock | None = None
    hold_s: float = 0.0

    async def answer(self, request: Request) -> Response:
        headers = dict(request.headers)
        try:
            params = await _params(request)
        except ValueError as error:
            return _bad_request(f"The body cannot be read: {error}")
        try:
            response = self.model.handle(request.method, request.url.path, params, headers)
        except ProviderTimeout:
            return Silence(self.hold_s)
        return JSONResponse(response.body, response.status, response.headers)

    async def export(self, request: Request) -> Response:
        """Write the files of a day below the directory that the command line named."""
        try:
            day = date.fromisoformat(request.path_params["day"])
        except ValueError:
            return _bad_request("The day reads 2026-11-17.")
        directory = self.exports / day.isoformat()
        entries = export_day(self.model, day, directory)
        return JSONResponse({"directory": str(directory), "files": entries})

    async def advance(self, request: Request) -> Response:
        """Put the clock forward; whatever falls due happens at the next call or tick."""
        if self.clock is None:
            return _bad_request("This clock is not ours to advance.")
        try:
            advance_s = float((await _params(request)).get("advance_s", ""))
        except ValueError as error:
            return _bad_request(f"advance_s: {error}")
        if advance_s < 0:
            return _bad_request("advance_s: time does not run backwards")
        self.clock.put_forward += timedelta(seconds=advance_s)
        self.model.books.catch_up()
        return JSONResponse({"now": self.clock.now().isoformat()})

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        if self.webhook_url is None:
            yield
            return
        async with httpx.AsyncClient(timeout=POST_TIMEOUT_S, trust_env=False) as client:
            pump = asyncio.create_task(self.deliver_forever(client, self.webhook_url))
            yield
            pump.cancel()
            with suppress(asyncio.CancelledError):
                await pump

    async def deliver_forever(self, client: httpx.AsyncClient, url: str) -> None:
        gate = asyncio.Semaphore(POSTS_AT_ONCE)
        async with asyncio.TaskGroup() as posts:
            while True:
                for delivery in self.model.due_webhooks():
                    await gate.acquire()
                    post = posts.create_task(self.deliver(client, url, delivery))
                    post.add_done_callback(lambda _: gate.release())
                await asyncio.sleep(PUMP_INTERVAL_S)

    async def deliver(
        self, client: httpx.AsyncClient, url: str, delivery: Delivery
    ) -> None:
        """Post once. Anything but a 2xx in time is a failure, and will be tried again."""
        headers = {
            "content-type": "application/json; charset=utf-8",
            "stripe-signature": delivery.signature,
        }
        try:
            answer = await client.post(url, content=delivery.payload, headers=headers)
        except httpx.HTTPError:
            self.model.webhook_failed(delivery)
            return
        if answer.is_success:
            self.model.webhook_delivered(delivery)
        else:
            self.model.webhook_failed(delivery)


def application(face: Face) -> Starlette:
    routes = [
        Route("/_sandbox/exports/{day}", face.export, methods=["POST"]),
        Route("/_sandbox/clock", face.advance, methods=["POST"]),
        Route("/{path:path}", face.answer, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(routes=routes, lifespan=face.lifespan)


async def _params(request: Request) -> dict[str, Any]:
    """Forms are Stripe's language; JSON is accepted for the controls' sake."""
    params = decode_form(parse_qsl(request.url.query, keep_blank_values=True))
    body = await request.body()
    if not body:
        return params
    if not request.headers.get("content-type", "").startswith("application/json"):
        return params | decode_form(parse_qsl(body.decode(), keep_blank_values=True))
    values = json.loads(body)
    if not isinstance(values, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - one kind of error for a bad body
    return params | values


def _bad_request(message: str) -> JSONResponse:
    error = {"type": "invalid_request_error", "message": message}
    return JSONResponse({"error": error}, 400)
