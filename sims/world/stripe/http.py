"""The HTTP face: the model for the unmodified Stripe SDK, and webhooks on their way out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.calls import ProviderTimeout
from sims.world.face import RunningClock, Silence, delivering
from sims.world.stripe.exports import export_day
from sims.world.stripe.form import decode_form
from sims.world.stripe.model import StripeModel

OK = 200


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
        if response.status == OK and request.url.path.endswith("/contents"):
            file = response.body["contents"]
            return Response(file, headers=response.headers, media_type="text/csv")
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


def application(face: Face) -> Starlette:
    routes = [
        Route("/_sandbox/exports/{day}", face.export, methods=["POST"]),
        Route("/_sandbox/clock", face.advance, methods=["POST"]),
        Route("/{path:path}", face.answer, methods=["GET", "POST", "DELETE"]),
    ]
    return Starlette(
        routes=routes, lifespan=lambda _: delivering(face.model, face.webhook_url)
    )


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
