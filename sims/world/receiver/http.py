"""The HTTP face: endpoints under /hooks, and the sandbox's controls."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sims.world.face import Silence
from sims.world.receiver.model import ReceiverModel
from sims.world.rest import Face, NoAnswer, params_of


@dataclass(slots=True, kw_only=True)
class Served:
    """A model, and how long it is silent before it drops a connection."""

    model: ReceiverModel
    hold_s: float = 0.0

    async def receive(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            found = self.model.receive(str(request.url), headers, await request.body())
        except NoAnswer:
            return Silence(self.hold_s)
        return Response(None, found.status, dict(found.headers))

    async def trust(self, request: Request) -> Response:
        """Learn an endpoint's secrets, separated by spaces, as its owner was shown them."""
        told = (await params_of(request)).get("secrets", "")
        path = f"/hooks/{request.path_params['name']}"
        self.model.secrets[path] = tuple(str(told).split())
        return JSONResponse({path: len(self.model.secrets[path])})


def application(served: Served) -> Starlette:
    face = Face(model=served.model, prefix="/nothing", hold_s=served.hold_s)
    own = [
        Route("/hooks/{name:path}", served.receive, methods=["POST"]),
        Route("/_sandbox/secrets/{name:path}", served.trust, methods=["POST"]),
    ]
    return Starlette(routes=[*own, *face.routes()])
