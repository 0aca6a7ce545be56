"""What is known of people: each gives it for themselves, and few see all of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from toolkit.core.details import Detail, Details
from toolkit.gateway.access import actor_of
from toolkit.gateway.models import ID_PATTERN, Body
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import ADVICE, Refusal
from toolkit.gateway.tokens import Role

PersonId = Annotated[str, Path(pattern=ID_PATTERN)]
MASKED = frozenset({"account_number"})
SHOWN_OF_MASKED = 4
ROUTING_WEIGHTS = (3, 7, 1) * 3


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters cannot be kept: leave them out")
    return text


def _routing_number(text: str) -> str:
    """The ABA's check digit: a mistyped bank is found before money is on its way."""
    total = sum(int(d) * w for d, w in zip(text, ROUTING_WEIGHTS, strict=True))
    if total % 10:
        raise ValueError("this is no bank's routing number: a digit is wrong")
    return text


def _text(pattern: str, longest: int = 256) -> Any:
    return StringConstraints(
        pattern=pattern, max_length=longest, strict=True, strip_whitespace=True
    )


Line = Annotated[str, _text(r"\S"), AfterValidator(_printable)]


class DetailsBody(Body):
    """What to set; what is left out stays, and what is null is forgotten."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Ada", "email": "ada@example.com"}]}
    )

    name: Line | None = None
    email: Annotated[str, _text(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", 254)] | None = None
    phone: Annotated[str, _text(r"^\+[1-9][0-9]{6,14}$")] | None = None
    address: Line | None = None
    bank_name: Line | None = None
    routing_number: (
        Annotated[str, _text(r"^[0-9]{9}$"), AfterValidator(_routing_number)] | None
    ) = None
    account_number: Annotated[str, _text(r"^[A-Za-z0-9]{4,34}$")] | None = None
    account_name: Line | None = None


class DetailOut(BaseModel):
    """A value, and since when it is so: look twice at a bank that is new."""

    value: str
    changed_at: datetime


class DetailsOut(BaseModel):
    """All that is known of a person; an account's number shows its end only."""

    person_id: str
    details: dict[str, DetailOut] = Field(examples=[{}])


async def details(
    request: Request, person_id: PersonId, revealed: Annotated[bool, Query()] = False
) -> Response:
    """What is known of a person. An admin may see all; that is written down."""
    _their_own(request, person_id)
    actor = actor_of(request)
    if revealed and Role.ADMIN not in actor.roles:
        raise Refusal(403, "forbidden", "Only an admin sees an account's whole number.")
    found = await _kept(request).of(person_id, revealed_to=actor.id if revealed else None)
    return _shown(person_id, found, hidden=() if revealed else MASKED)


async def set_details(request: Request, person_id: PersonId, body: DetailsBody) -> Response:
    """Set what is given, and forget what is null."""
    _their_own(request, person_id)
    kept = _kept(request)
    values = body.model_dump(exclude_unset=True)
    await kept.set(person_id, values, actor_id=actor_of(request).id)
    return _shown(person_id, await kept.of(person_id))


async def erase_details(request: Request, person_id: PersonId) -> Response:
    """Forget a person for good: what was kept cannot be read in any backup either."""
    await _kept(request).erase(person_id, actor_id=actor_of(request).id)
    return _shown(person_id, {})


def _their_own(request: Request, person_id: str) -> None:
    """Somebody else looks like somebody who does not exist."""
    actor = actor_of(request)
    if actor.id != person_id and Role.ADMIN not in actor.roles:
        raise Refusal(404, "not-found", ADVICE[404])


def _kept(request: Request) -> Details:
    kept = ports_of(request).details
    if kept is None:
        raise Refusal(
            503, "not-connected", "No details are kept here: there are no keys for them."
        )
    return kept


def _shown(
    person_id: str,
    found: Mapping[str, Detail],
    hidden: Collection[str] = MASKED,
) -> Response:
    out = DetailsOut(
        person_id=person_id,
        details={
            field: DetailOut(
                value=_masked(detail.value) if field in hidden else detail.value,
                changed_at=detail.changed_at,
            )
            for field, detail in sorted(found.items())
        },
    )
    return Response(
        out.model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )


def _masked(value: str) -> str:
    return re.sub(rf".(?=.{{{SHOWN_OF_MASKED}}})", "•", value)
