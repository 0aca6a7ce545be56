"""How people are told: each says so for themselves, an admin for everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from toolkit.gateway.access import actor_of
from toolkit.gateway.models import (
    PERSON_PATTERN,
    PreferenceBody,
    PreferencesOut,
    preferences_out,
)
from toolkit.gateway.ports import ports_of
from toolkit.gateway.problems import ADVICE, FieldProblem, Refusal
from toolkit.gateway.tokens import Role
from toolkit.messages.notifications import Channel, SetPreference

PersonId = Annotated[str, Path(pattern=PERSON_PATTERN)]

# What an address looks like, for each channel that is open.
ADDRESSES: Mapping[Channel, tuple[re.Pattern[str], str]] = {
    Channel.DISCORD: (
        re.compile(r"[0-9]{17,20}", re.ASCII),
        "a Discord user id has 17 to 20 digits",
    ),
}


async def preferences(request: Request, person_id: PersonId) -> Response:
    """Where a person is told, and what is wrong with an address."""
    _their_own(request, person_id)
    return _shown(preferences_out(await ports_of(request).preferences.of(person_id)))


async def set_preference(
    request: Request, person_id: PersonId, channel: Channel, body: PreferenceBody
) -> Response:
    """Set where a person is told; without an address it is forgotten."""
    _their_own(request, person_id)
    _see_that_it_fits(channel, body.address)
    port = ports_of(request).preferences
    _see_that_they_are_told(body.muted, port.events)
    await port.set(
        SetPreference(
            recipient_id=person_id,
            actor_id=actor_of(request).id,
            channel=channel,
            address=body.address,
            is_enabled=body.is_enabled,
            muted=tuple(body.muted),
        )
    )
    return _shown(preferences_out(await port.of(person_id)))


def _their_own(request: Request, person_id: str) -> None:
    """Somebody else looks like somebody who does not exist."""
    actor = actor_of(request)
    if actor.id != person_id and Role.ADMIN not in actor.roles:
        raise Refusal(404, "not-found", ADVICE[404])


def _see_that_it_fits(channel: Channel, address: str | None) -> None:
    if channel not in ADDRESSES:
        open_ones = ", ".join(ADDRESSES)
        raise _wrong("channel", f"{channel} is not connected yet: choose of {open_ones}")
    pattern, hint = ADDRESSES[channel]
    if address is not None and not pattern.fullmatch(address):
        raise _wrong("address", hint)


def _see_that_they_are_told(muted: Sequence[str], events: Sequence[str]) -> None:
    """A name that is written wrong would mute nothing, and nobody would notice."""
    if unknown := [name for name in muted if name not in events]:
        names = ", ".join(events)
        raise _wrong("muted", f"nobody is told of {', '.join(unknown)}: choose of {names}")


def _wrong(field: str, problem: str) -> Refusal:
    detail = "This cannot be set. Correct what `errors` names, and try again."
    errors = [FieldProblem(field=field, problem=problem)]
    return Refusal(422, "invalid-body", detail, errors=errors)


def _shown(found: PreferencesOut) -> Response:
    return Response(
        found.model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
