"""The HTTP face of both vendors, and a few controls for whoever plays with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.face import Silence
from sims.world.screening.faults import Fault, read_faults
from sims.world.screening.model import NoAnswerError, ScreeningModel
from sims.world.screening.risks import Level, Risk, Vendor


@dataclass(slots=True, kw_only=True)
class Face:
    """What stands between the sockets and the model."""

    model: ScreeningModel
    hold_s: float = 0.0

    async def answer(self, request: Request) -> Response:
        try:
            body = await _body(request)
        except ValueError:
            return JSONResponse({"message": "the body is not JSON"}, 400)
        try:
            # The raw path, so that an address cannot climb out of its place in it.
            path = request.scope["raw_path"].decode().partition("?")[0]
            reply = self.model.handle(request.method, path, body, dict(request.headers))
        except NoAnswerError:
            return Silence(self.hold_s)
        return Response(reply.text, reply.status, media_type=reply.kind)

    async def health(self, _: Request) -> Response:
        return JSONResponse({"calls": dict(self.model.calls)})

    async def tell(self, request: Request) -> Response:
        """Change what is known: address, level, and if wanted vendor and sanctioned."""
        try:
            given = await _body(request)
            vendor = Vendor(given["vendor"]) if "vendor" in given else None
            is_sanctioned = bool(given.get("sanctioned", False))
            category = "sanctions" if is_sanctioned else "told"
            risk = Risk(Level(given["level"]), is_sanctioned, category)
            self.model.tell(str(given["address"]), risk, vendor)
        except (KeyError, TypeError, ValueError) as error:
            return _wrong(f"give address, level of {[*Level]}, vendor, sanctioned: {error}")
        return JSONResponse({})

    async def faults(self, request: Request) -> Response:
        try:
            self.model.follow(read_faults(await _body(request)))
        except (TypeError, ValueError) as error:
            return _wrong(str(error))
        return JSONResponse({})

    async def next_fault(self, request: Request) -> Response:
        try:
            given = await _body(request) or {}
            vendor = Vendor(request.path_params["vendor"].upper())
            fault = Fault(request.path_params["fault"])
            self.model.dice.order(vendor, fault, int(given.get("count", 1)))
        except (AttributeError, TypeError, ValueError) as error:
            return _wrong(str(error))
        return JSONResponse({})


def application(face: Face) -> Starlette:
    return Starlette(
        routes=[
            Route("/_sandbox/health", face.health, methods=["GET"]),
            Route("/_sandbox/wallets", face.tell, methods=["POST"]),
            Route("/_sandbox/faults", face.faults, methods=["POST"]),
            Route(
                "/_sandbox/faults/{vendor}/{fault}/next", face.next_fault, methods=["POST"]
            ),
            Route("/{path:path}", face.answer, methods=["GET", "POST"]),
        ]
    )


async def _body(request: Request) -> Any:
    body = await request.body()
    return json.loads(body) if body else None


def _wrong(message: str) -> JSONResponse:
    return JSONResponse({"message": message}, 400)
