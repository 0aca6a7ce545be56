"""The HTTP face: the model under its own paths, the sandbox's controls, and the postman."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from sims.world.face import delivering
from sims.world.rest import Face
from sims.world.sendgrid.model import SendGridModel


@dataclass(slots=True, kw_only=True)
class Served:
    """A model, and where it reports."""

    model: SendGridModel
    webhook_url: str | None = None
    hold_s: float = 0.0


def application(served: Served) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with delivering(served.model, served.webhook_url):
            yield

    face = Face(model=served.model, prefix="/v3", hold_s=served.hold_s)
    return Starlette(routes=face.routes(), lifespan=lifespan)
