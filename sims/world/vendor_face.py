"""The HTTP face of a vendor with a JSON API: credentials, bodies, silence, webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.calls import ProviderTimeout
from sims.world.face import RunningClock, Silence, Teller, delivering
from sims.world.vendor_calls import Answer

CONTROL = "/_sandbox/"


class Model(Teller, Protocol):
    """A vendor's model: one entrance, and something to tell now and then."""

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> Answer: ...


@dataclass(slots=True, kw_only=True)
class VendorFace:
    """What stands between the sockets and the model."""

    model: Model
    token: str
    webhook_url: str | None = None
    clock: RunningClock | None = None
    hold_s: float = 0.0

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        known = request.headers.get("authorization") == f"Bearer {self.token}"
        if not known and not path.startswith(CONTROL):
            return _refused(401, "unauthorized", "Who are you? Send the bearer token.")
        try:
            params = await _params(request)
        except ValueError as error:
            return _refused(400, "malformed", f"The body must be a JSON object: {error}")
        if path == f"{CONTROL}clock":
            return self._advance(params)
        key = request.headers.get("idempotency-key")
        try:
            answer = self.model.handle(request.method, path, params, key)
        except ProviderTimeout:
            return Silence(self.hold_s)
        return JSONResponse(answer.body, answer.status)

    def _advance(self, params: Mapping[str, Any]) -> Response:
        """Put the clock forward; whatever falls due happens at the next call or tick."""
        try:
            advance_s = float(params.get("advance_s", ""))
        except (TypeError, ValueError):
            advance_s = -1.0
        if self.clock is None or advance_s < 0:
            return _refused(400, "invalid", "advance_s: seconds, 0 or more")
        self.clock.put_forward += timedelta(seconds=advance_s)
        return JSONResponse({"now": self.clock.now().isoformat()})


def application(face: VendorFace) -> Starlette:
    every = Route("/{path:path}", face.answer, methods=["GET", "POST", "PUT"])
    return Starlette(
        routes=[every], lifespan=lambda _: delivering(face.model, face.webhook_url)
    )


async def _params(request: Request) -> dict[str, Any]:
    params: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return params
    values = json.loads(body)
    if not isinstance(values, dict):
        raise ValueError("it is none")  # noqa: TRY004 - one kind of error for a bad body
    return params | values


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
