"""The HTTP face: the model behind the custodian's own protocol, notifications included."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.calls import ProviderTimeout
from sims.world.custodian.entity import FIELD, Entity
from sims.world.custodian.errors import CustodianError, invalid
from sims.world.custodian.exports import export_day, own_addresses
from sims.world.custodian.model import CONTROL, CustodianModel
from sims.world.face import RunningClock, Silence, delivering

API_KEY_PARTS = 3
ENTITY_KEY_PATH = "/v1/w3s/config/entity/publicKey"


@dataclass(slots=True, kw_only=True)
class Face:
    """What stands between the sockets and the model: credentials, bodies, silence."""

    model: CustodianModel
    entity: Entity
    webhook_url: str | None = None
    exports: Path = Path("custodian-exports")
    clock: RunningClock | None = None
    hold_s: float = 0.0

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        try:
            params = await _params(request)
            if not path.startswith(CONTROL):
                _authenticate(request)
                if path == ENTITY_KEY_PATH:
                    return JSONResponse({"data": {"publicKey": self.entity.public_key()}})
                if request.method == "POST":
                    self.entity.check(params)
            params.pop(FIELD, None)
            response = self.model.handle(request.method, path, params)
        except CustodianError as error:
            return JSONResponse(error.body(), error.http_status)
        except ProviderTimeout:
            return Silence(self.hold_s)
        return JSONResponse(response.body, response.status)

    async def export(self, request: Request) -> Response:
        """Write the file of a day below the directory that the command line named."""
        try:
            day = date.fromisoformat(request.path_params["day"])
        except ValueError:
            return _refused(invalid("the day reads 2026-11-17"))
        self.model.catch_up()
        entry = export_day(self.model.books, day, self.exports / day.isoformat())
        return JSONResponse(
            {
                "directory": str(self.exports / day.isoformat()),
                "files": [entry],
                "own_addresses": own_addresses(self.model.books),
            }
        )

    async def advance(self, request: Request) -> Response:
        """Put the clock forward; whatever falls due happens at the next call or tick."""
        try:
            advance_s = float((await _params(request)).get("advance_s", ""))
        except (ValueError, CustodianError):
            advance_s = -1.0
        if self.clock is None or advance_s < 0:
            return _refused(invalid("advance_s, seconds of a clock of ours, 0 or more"))
        self.clock.put_forward += timedelta(seconds=advance_s)
        return JSONResponse({"now": self.clock.now().isoformat()})


def application(face: Face) -> Starlette:
    routes = [
        Route("/_sandbox/exports/{day}", face.export, methods=["POST"]),
        Route("/_sandbox/clock", face.advance, methods=["POST"]),
        Route("/{path:path}", face.answer, methods=["GET", "POST"]),
    ]
    return Starlette(
        routes=routes, lifespan=lambda _: delivering(face.model, face.webhook_url)
    )


def _authenticate(request: Request) -> None:
    """API keys read PREFIX:ID:SECRET."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    parts = key.split(":")
    if scheme != "Bearer" or len(parts) != API_KEY_PARTS or not all(parts):
        raise CustodianError(401, 401, "Malformed authorization. Is the API key right?")


async def _params(request: Request) -> dict[str, Any]:
    params: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return params
    try:
        values = json.loads(body)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise invalid("the body must be a JSON object")
    return params | values


def _refused(error: CustodianError) -> JSONResponse:
    return JSONResponse(error.body(), error.http_status)
