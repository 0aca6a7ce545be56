"""The HTTP face: the model under Discord's own paths, and the sandbox's controls."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.discord.model import DiscordModel, NoAnswer
from sims.world.face import Silence
from sims.world.faults import Faults, read_faults

API = "/api/v10"


@dataclass(slots=True, kw_only=True)
class Face:
    """What stands between the sockets and the model."""

    model: DiscordModel
    hold_s: float = 0.0  # silence before a dropped connection

    async def answer(self, request: Request) -> Response:
        try:
            params = await _params(request)
        except ValueError as error:
            return JSONResponse({"code": 50_109, "message": f"no JSON: {error}"}, 400)
        path = f"/{request.path_params['path']}"
        authorization = request.headers.get("authorization", "")
        try:
            found = self.model.handle(request.method, path, params, authorization)
        except NoAnswer:
            return Silence(self.hold_s)
        if isinstance(found.body, str):
            return Response(found.body, found.status, found.headers, "text/html")
        return JSONResponse(found.body, found.status, found.headers)

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "up"})

    async def statistics(self, _: Request) -> Response:
        model = self.model
        return JSONResponse(
            {
                "calls": model.calls,
                "messages": len(model.sent()),
                "channels_opened": model.opened,
                "invalid": len(model.limiter.invalid),
                "bans": model.limiter.bans,
                "faults": dict(model.dice.struck),
            }
        )

    async def messages(self, _: Request) -> Response:
        """Show all that was ever sent, with what Discord would not tell."""
        told = [asdict(m) | {"sent_at": m.sent_at.isoformat()} for m in self.model.sent()]
        return JSONResponse(told)

    async def faults(self, request: Request) -> Response:
        """Change the plan of faults."""
        try:
            self.model.dice.follow(read_faults(await _params(request), "faults"))
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse(asdict(self.model.dice.faults))

    async def next_fault(self, request: Request) -> Response:
        """Let a fault strike the next times, whatever its probability."""
        name, count = request.path_params["name"], (await _params(request)).get("count", 1)
        if not hasattr(Faults(), name) or not isinstance(count, int):
            return JSONResponse({"message": f"no fault {name!r}, or no count"}, 400)
        self.model.dice.order(name, count)
        return JSONResponse({name: count})

    async def refuse(self, request: Request) -> Response:
        """Let a user refuse with one of Discord's codes; 0 makes them reachable again."""
        user, code = request.path_params["user"], (await _params(request)).get("code", 0)
        self.model.refusing[user] = int(code)
        return JSONResponse({user: int(code)})


def application(face: Face) -> Starlette:
    return Starlette(
        routes=[
            Route("/_sandbox/health", face.health),
            Route("/_sandbox/statistics", face.statistics),
            Route("/_sandbox/messages", face.messages),
            Route("/_sandbox/faults", face.faults, methods=["POST"]),
            Route("/_sandbox/faults/{name}/next", face.next_fault, methods=["POST"]),
            Route("/_sandbox/users/{user}", face.refuse, methods=["POST"]),
            Route(API + "/{path:path}", face.answer, methods=["GET", "POST"]),
        ]
    )


async def _params(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(request.query_params)
    body = await request.body()
    values = json.loads(body) if body else {}
    if not isinstance(values, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - one kind of error for a bad body
    return values
