"""Is it up, and may it be sent to?"""

from __future__ import annotations

import logging

from fastapi import Request
from starlette.responses import Response

from toolkit.gateway.models import Health
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import Refusal

log = logging.getLogger(__name__)


async def live() -> Response:
    """The process answers."""
    return _fine(Health(status="live", checks={}))


async def ready(request: Request) -> Response:
    """Everything that a request needs answers too."""
    checks = {}
    for name, check in ports_of(request).checks.items():
        try:
            checks[name] = await check()
        except Exception as failure:  # noqa: BLE001 - a check may fail in any way
            log.warning("%s is not ready: %r", name, failure)
            checks[name] = False
    failing = ", ".join(name for name, is_fine in checks.items() if not is_fine)
    if failing:
        detail = f"Not answering: {failing}. Send requests elsewhere until it does."
        raise Refusal(503, "not-ready", detail)
    return _fine(Health(status="ready", checks=checks))


def _fine(health: Health) -> Response:
    return Response(
        health.model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
