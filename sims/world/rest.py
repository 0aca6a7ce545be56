"""What sandboxes of REST APIs share: answers, and the faults on the way to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.face import Silence
from sims.world.faults import CallFault, Dice, Faults, read_faults


class NoAnswer(Exception):  # noqa: N818 - says what happened
    """No answer came. Whether the call was done, the caller cannot know."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back of a call."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Model(Protocol):
    """A provider that answers calls, and can say what it has done."""

    dice: Dice
    calls: int

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply: ...
    def shown(self) -> list[dict[str, Any]]: ...


def through_faults(
    dice: Dice, now: datetime, slow_down: Reply, answer: Callable[[], Reply]
) -> Reply:
    """Answer a call, or let a fault of its own stand in the way, before or after."""
    fault = dice.call_fault()
    if fault is CallFault.LOST:
        raise NoAnswer("the call was lost")
    if fault is CallFault.FAILED_BEFORE or dice.is_out(now):
        return Reply(503, "unavailable")
    if fault is CallFault.RATE_LIMITED:
        return slow_down
    reply = answer()
    if fault is CallFault.TIMED_OUT_AFTER:
        raise NoAnswer("no answer came in time")
    if fault is CallFault.FAILED_AFTER:
        return Reply(500, "internal error")
    return reply


@dataclass(slots=True, kw_only=True)
class Face:
    """What stands between the sockets and a model, whose own paths begin with `prefix`."""

    model: Model
    prefix: str
    hold_s: float = 0.0  # silence before a dropped connection

    async def answer(self, request: Request) -> Response:
        try:
            params = await params_of(request)
        except ValueError as error:
            return JSONResponse({"errors": [{"message": f"no JSON: {error}"}]}, 400)
        authorization = request.headers.get("authorization", "")
        try:
            found = self.model.handle(
                request.method, request.url.path, params, authorization
            )
        except NoAnswer:
            return Silence(self.hold_s)
        headers = dict(found.headers)
        if found.body is None or isinstance(found.body, str):
            return Response(found.body, found.status, headers, "text/plain")
        return JSONResponse(found.body, found.status, headers)

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "up"})

    async def messages(self, _: Request) -> Response:
        """Show all that was ever taken."""
        return JSONResponse(self.model.shown())

    async def faults(self, request: Request) -> Response:
        """Change the plan of faults."""
        try:
            plan = read_faults(await params_of(request), "faults")
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400)
        self.model.dice.follow(plan)
        return JSONResponse(asdict(plan), 200)

    async def next_fault(self, request: Request) -> Response:
        """Let a fault strike the next times, whatever its probability."""
        name, count = (
            request.path_params["name"],
            (await params_of(request)).get("count", 1),
        )
        if not hasattr(Faults(), name) or not isinstance(count, int):
            return JSONResponse({"message": f"no fault {name!r}, or no count"}, 400)
        self.model.dice.order(name, count)
        return JSONResponse({name: count})

    def routes(self) -> list[Route]:
        """Say what is where: the sandbox's controls, and the provider's own paths."""
        return [
            Route("/_sandbox/health", self.health),
            Route("/_sandbox/messages", self.messages),
            Route("/_sandbox/faults", self.faults, methods=["POST"]),
            Route("/_sandbox/faults/{name}/next", self.next_fault, methods=["POST"]),
            Route(self.prefix + "/{path:path}", self.answer, methods=["GET", "POST"]),
        ]


async def params_of(request: Request) -> dict[str, Any]:
    """Read a query, a form or a JSON object."""
    if request.method == "GET":
        return dict(request.query_params)
    body = await request.body()
    if "urlencoded" in request.headers.get("content-type", ""):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    values = json.loads(body) if body else {}
    if not isinstance(values, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - one kind of error for a bad body
    return values
