"""How people are told: each says so for themselves, an admin for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from toolkit.gateway.access import actor_of
from toolkit.gateway.addresses import problem_of
from toolkit.gateway.models import PERSON_PATTERN
from toolkit.gateway.ports import Ports, ports_of
from toolkit.gateway.preference_models import (
    PreferenceBody,
    PreferencesOut,
    SecretOut,
    preferences_out,
)
from toolkit.gateway.problems import ADVICE, FieldProblem, Refusal
from toolkit.gateway.tokens import Role
from toolkit.messages.notifications import Channel, ReplaceSecret, SetPreference

PersonId = Annotated[str, Path(pattern=PERSON_PATTERN)]


async def preferences(request: Request, person_id: PersonId) -> Response:
    """Where a person is told, and what is wrong with an address."""
    _their_own(request, person_id)
    return _shown(preferences_out(await ports_of(request).preferences.of(person_id)))


async def set_preference(
    request: Request, person_id: PersonId, channel: Channel, body: PreferenceBody
) -> Response:
    """Set where a person is told; without an address it is forgotten.

    The answer to a new endpoint for webhooks shows its secret, this once.
    """
    _their_own(request, person_id)
    ports = ports_of(request)
    port = ports.preferences
    _see_that_it_fits(channel, body.address, ports)
    _see_that_they_are_told(body.muted, port.events)
    secret = await port.set(
        SetPreference(
            recipient_id=person_id,
            actor_id=actor_of(request).id,
            channel=channel,
            address=body.address,
            is_enabled=body.is_enabled,
            muted=tuple(body.muted),
            is_fallback=body.is_fallback or None,
        )
    )
    return _shown(preferences_out(await port.of(person_id), secret))


async def replace_secret(request: Request, person_id: PersonId) -> Response:
    """Sign webhooks with a new secret, shown this once; the old one signs for a day too."""
    _their_own(request, person_id)
    wish = ReplaceSecret(recipient_id=person_id, actor_id=actor_of(request).id)
    secret = await ports_of(request).preferences.replace_secret(wish)
    if secret is None:
        raise Refusal(
            404, "no-endpoint", "There is no endpoint for webhooks: set one first."
        )
    return _shown(SecretOut(secret=secret))


def _their_own(request: Request, person_id: str) -> None:
    """Somebody else looks like somebody who does not exist."""
    actor = actor_of(request)
    if actor.id != person_id and Role.ADMIN not in actor.roles:
        raise Refusal(404, "not-found", ADVICE[404])


def _see_that_it_fits(channel: Channel, address: str | None, ports: Ports) -> None:
    if address is None:
        return
    if channel is Channel.WEBHOOK and not ports.preferences.has_webhooks:
        raise _wrong("channel", "webhooks are not connected: choose another channel")
    allows_private = ports.webhook_allows_private
    if problem := problem_of(channel, address, allows_private=allows_private):
        raise _wrong("address", problem)


def _see_that_they_are_told(muted: Sequence[str], events: Sequence[str]) -> None:
    """A name that is written wrong would mute nothing, and nobody would notice."""
    if unknown := [name for name in muted if name not in events]:
        names = ", ".join(events)
        raise _wrong("muted", f"nobody is told of {', '.join(unknown)}: choose of {names}")


def _wrong(field: str, problem: str) -> Refusal:
    detail = "This cannot be set. Correct what `errors` names, and try again."
    errors = [FieldProblem(field=field, problem=problem)]
    return Refusal(422, "invalid-body", detail, errors=errors)


def _shown(found: PreferencesOut | SecretOut) -> Response:
    return Response(
        found.model_dump_json(),
        headers={"Cache-Control": "no-store"},
        media_type="application/json",
    )
