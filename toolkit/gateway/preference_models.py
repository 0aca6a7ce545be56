"""What is said about where people are told: the bodies of requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from toolkit.gateway.models import Body, Id
from toolkit.messages.notifications import Preference


class PreferenceBody(Body):
    """Where and whether to tell somebody; `muted` names events that are not told here."""

    address: Annotated[str, StringConstraints(max_length=256, strict=True)] | None = None
    is_enabled: StrictBool = True
    muted: list[Id] = Field([], max_length=64)
    is_fallback: StrictBool = Field(
        False, description="Only where no other channel reaches the person."
    )


class PreferenceOut(BaseModel):
    """One channel; a `problem` stays until the address is set again."""

    channel: str
    address: str | None
    is_enabled: bool
    muted: list[str]
    problem: str | None
    is_fallback: bool


class PreferencesOut(BaseModel):
    """Every channel; a `secret` verifies webhooks, and is shown once, with its endpoint."""

    preferences: list[PreferenceOut]
    secret: str | None = None


class SecretOut(BaseModel):
    """What verifies webhooks from now on. It is not shown again."""

    secret: str


def preferences_out(
    found: Sequence[Preference], secret: str | None = None
) -> PreferencesOut:
    """Show what a person has set; where a channel keeps the conversation is inner."""
    return PreferencesOut(
        preferences=[
            PreferenceOut(
                channel=str(wish.channel),
                address=wish.address,
                is_enabled=wish.is_enabled,
                muted=list(wish.muted),
                problem=wish.problem,
                is_fallback=wish.is_fallback,
            )
            for wish in found
        ],
        secret=secret,
    )
