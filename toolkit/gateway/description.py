"""The API in its own words: OpenAPI, with every problem and every key to a door."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from toolkit.gateway.access import ACCESS, ANYBODY
from toolkit.gateway.problems import MEDIA_TYPE, FieldProblem, Problem, phrase

SCHEMAS = "#/components/schemas"
BEARER = "bearer"
WAITING = (429,)
RETRY_AFTER = {
    "description": "Seconds to wait before the next request.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
INTRODUCTION = """
Escrows for executed contracts. Commands are accepted, not done: a 202 says that the
command is safe with us, and `look_at` where its outcome shows. Amounts are whole numbers
of minor units. Every problem comes as `application/problem+json` and says what to do next.
"""


def describe(app: FastAPI) -> dict[str, Any]:
    """Write the description once, and answer it ever after."""
    if app.openapi_schema is None:
        described = get_openapi(
            title=app.title,
            version=app.version,
            description=INTRODUCTION.strip(),
            routes=app.routes,
        )
        components = described.setdefault("components", {})
        components["securitySchemes"] = {
            BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for model in (Problem, FieldProblem):
            own = model.model_json_schema(ref_template=f"{SCHEMAS}/{{model}}")
            own.pop("$defs", None)
            schemas[model.__name__] = own
        for (method, path), allowed in ACCESS.items():
            operation = described["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                _complete(operation, is_open=allowed is ANYBODY)
        app.openapi_schema = described
    return app.openapi_schema


def _complete(operation: dict[str, Any], *, is_open: bool) -> None:
    if not is_open:
        operation["security"] = [{BEARER: []}]
    for status, response in operation["responses"].items():
        if int(status) >= HTTPStatus.BAD_REQUEST:
            response["description"] = phrase(int(status))
            if int(status) in WAITING:
                response["headers"] = {"Retry-After": RETRY_AFTER}
            response["content"] = {
                MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}/{Problem.__name__}"}}
            }
