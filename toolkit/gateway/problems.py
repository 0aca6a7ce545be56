"""Refusals as the outside reads them: RFC 9457, with a sentence on what to do next."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from toolkit.core.errors import Conflict, Declined, Unavailable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_S = 1
ADVICE = {
    404: "There is no such thing here, or it is not yours: check the path and the id.",
    405: "This path does not take that method: see the API's description.",
    408: "The body came too slowly: send it at once.",
    413: "The body is larger than this API reads: send less.",
    414: "The path and the query are too long: see the API's description.",
    431: "The headers are larger than this API reads: send fewer or shorter ones.",
}


# RFC 9110's names, which not every version of Python knows yet.
NEWER = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}


class FieldProblem(BaseModel):
    """One thing that is wrong with the input, and where."""

    model_config = ConfigDict(title="FieldProblem")

    field: str = Field(examples=["body.amount.minor"])
    problem: str = Field(examples=["Input should be greater than 0"])


class Problem(BaseModel):
    """What went wrong, in the terms of RFC 9457."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(examples=["/problems/idempotency-key-reused"])
    title: str = Field(examples=["Idempotency key reused"])
    status: int = Field(examples=[422])
    detail: str = Field(description="What happened, and what to do next.")
    errors: list[FieldProblem] | None = None


class Refusal(Exception):  # noqa: N818 - the name says what happened, not what it is
    """An answer that is not the one hoped for."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.errors = dict(headers or {}), list(errors)


def phrase(status: int) -> str:
    """Name a status, the same in every version of Python."""
    return NEWER.get(status) or HTTPStatus(status).phrase


def answer(refusal: Refusal) -> Response:
    """Write a refusal as problem+json."""
    body: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": refusal.code.replace("-", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.detail,
    }
    if refusal.errors:
        body["errors"] = [error.model_dump() for error in refusal.errors]
    headers = {"Cache-Control": "no-store", **refusal.headers}
    return Response(json.dumps(body), refusal.status, headers, MEDIA_TYPE)


def unavailable() -> Refusal:
    return Refusal(
        503,
        "unavailable",
        "Something this needs does not answer. Try again later with the same "
        "Idempotency-Key: it happens once at most.",
        headers={"Retry-After": str(RETRY_S)},
    )


def install(app: FastAPI) -> None:
    """Answer every failure of the application as a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _by_status)
    for obstacle in (Unavailable, Conflict):
        app.add_exception_handler(obstacle, _unavailable)
    app.add_exception_handler(Declined, _declined)


async def _refused(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, Refusal)
    return answer(failure)


async def _invalid(_: Request, failure: Exception) -> Response:
    """Say which field is wrong. Values are not repeated: they may be secret."""
    assert isinstance(failure, RequestValidationError)
    errors = [
        FieldProblem(field=".".join(map(str, error["loc"])), problem=error["msg"])
        for error in failure.errors()
    ]
    places = {error["loc"][0] for error in failure.errors()}
    kinds = {error["type"] for error in failure.errors()}
    if "path" in places:
        return answer(Refusal(404, "not-found", ADVICE[404]))
    if "query" in places:
        detail = "The query is not as it should be. Correct what `errors` names."
        return answer(Refusal(422, "invalid-query", detail, errors=errors))
    if "header" in places:
        detail = "A header is missing or wrong. Send it as `errors` says, and try again."
        return answer(Refusal(400, "invalid-header", detail, errors=errors))
    if "json_invalid" in kinds:
        detail = "The body is no JSON. Send a JSON object as the API's description says."
        return answer(Refusal(400, "invalid-json", detail, errors=errors))
    detail = "The body is not as it should be. Correct what `errors` names, and try again."
    return answer(Refusal(422, "invalid-body", detail, errors=errors))


async def _by_status(_: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    code = phrase(failure.status_code).lower().replace(" ", "-")
    detail = ADVICE.get(failure.status_code, "See the API's description, and try again.")
    return answer(Refusal(failure.status_code, code, detail, headers=failure.headers))


async def _unavailable(_: Request, failure: Exception) -> Response:
    log.warning("not available: %r", failure)
    return answer(unavailable())


async def _declined(_: Request, failure: Exception) -> Response:
    log.warning("declined: %r", failure)
    detail = "The data was refused where it should be kept. Correct it before trying again."
    return answer(Refusal(422, "declined", detail))


def unexpected(failure: Exception) -> Response:
    """Answer for a mistake of ours, whose traceback goes to the log alone."""
    log.error("unexpected", exc_info=failure)
    detail = (
        "This is our mistake, and it is logged. Try again with the same Idempotency-Key; "
        "if it stays, tell us the time of this answer."
    )
    return answer(Refusal(500, "unexpected", detail))
