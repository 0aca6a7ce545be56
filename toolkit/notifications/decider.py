"""The judgement of notifications: who is told what, where, and what came of it.

An event of an escrow becomes one announcement; an announcement one message for each person
it concerns; and that one letter for each channel they prefer. State changes only together
with an event, so that a person's events are numbered without a gap; but it is not folded
from events, since addresses are in the state and must never be in an event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from toolkit.core.decider import Consequence, Perform
from toolkit.core.message import Event, named, record
from toolkit.core.money import Money
from toolkit.messages.escrow import EscrowCreated, EscrowEvent
from toolkit.messages.notifications import (
    Announce,
    Channel,
    NotificationFailed,
    NotificationSent,
    Parties,
    Preference,
    PreferenceChanged,
    RecordOutcome,
    RouteNotification,
    SendNotification,
    SetPreference,
    Value,
)
from toolkit.messages.payments import PaymentEvent
from toolkit.messages.shape import shape
from toolkit.notifications.audience import audiences
from toolkit.notifications.state import Subject

TEXT_LENGTH_MAX = 400  # of what somebody wrote; a message has room for 2,000


@record
class Notifications:
    """Judges whatever this service hears, each message with the state of its key."""

    initial: Subject

    def step(
        self,
        known: Subject,
        message: Any,
        now: datetime,  # noqa: ARG002 - shape
    ) -> tuple[Subject, Sequence[Consequence]]:
        """Judge one message: return the next state, and what it gives rise to."""
        match message:
            case EscrowEvent() | PaymentEvent():
                known = learned(known, message)
                return known, tuple(announced(known, message))
            case RouteNotification():
                return known, tuple(routed(known, message))
            case RecordOutcome():
                return remembered(known, message), (told(message),)
            case SetPreference():
                return wished(known, message)
            case unknown:
                raise AssertionError(f"nothing to tell of a {type(unknown).__name__}")


notifications = Notifications(initial=Subject())


def learned(known: Subject, event: Event) -> Subject:
    """Learn an escrow's parties when it is created."""
    if not isinstance(event, EscrowCreated) or known.parties:
        return known
    parties = Parties(
        contract_id=event.contract_id, buyer_id=event.buyer_id, seller_id=event.seller_id
    )
    return replace(known, parties=parties)


def announced(known: Subject, event: EscrowEvent | PaymentEvent) -> Iterator[Consequence]:
    """Announce an event that concerns somebody.

    Payments may be heard of before their escrow; then the parties are looked up when the
    announcement is made.
    """
    if told_to := audiences(event, known.parties):
        yield Perform(
            command=Announce(
                escrow_id=event.escrow_id,
                template=type(event).__name__,
                audiences=told_to,
                values=values(event),
                parties=known.parties,
            )
        )


def routed(known: Subject, ask: RouteNotification) -> Iterator[Consequence]:
    """Send one letter on each channel where this person is reached and wants to be."""
    for wish in known.preferences:
        if is_open(wish, ask.template) and wish.address:
            yield Perform(
                command=SendNotification(
                    recipient_id=ask.recipient_id,
                    notification_id=notification_id(ask, wish.channel),
                    channel=wish.channel,
                    address=wish.address,
                    audience=ask.audience,
                    template=ask.template,
                    cause=ask.cause,
                    values=ask.values,
                    place=wish.place,
                )
            )


def is_open(wish: Preference, template: str) -> bool:
    """An address that is known not to work is left alone until it is set again."""
    return wish.is_enabled and wish.problem is None and template not in wish.muted


def notification_id(ask: RouteNotification, channel: Channel) -> str:
    """One event, one person, one channel: one notification, whoever asks how often."""
    return str(named(UUID(ask.cause), f"{ask.recipient_id}/{channel}"))


def remembered(known: Subject, outcome: RecordOutcome) -> Subject:
    """Keep what a letter taught us of its address, if it is still the person's."""
    wish = known.preference(outcome.channel)
    if wish is None or wish.address != outcome.address:
        return known
    problem = outcome.failure if outcome.is_unreachable else wish.problem
    taught = replace(wish, place=outcome.place or wish.place, problem=problem)
    return known if taught == wish else known.with_preference(taught)


def told(outcome: RecordOutcome) -> Event:
    """Say what came of a letter."""
    names: dict[str, Any] = {
        "recipient_id": outcome.recipient_id,
        "notification_id": outcome.notification_id,
        "channel": outcome.channel,
        "template": outcome.template,
        "cause": outcome.cause,
        "attempts": outcome.attempts,
    }
    if outcome.failure is None:
        return NotificationSent(**names)
    return NotificationFailed(**names, reason=outcome.failure)


def wished(known: Subject, ask: SetPreference) -> tuple[Subject, Sequence[Consequence]]:
    """Follow a person's wish; the same again is no news, unless the address had failed."""
    before = known.preference(ask.channel)
    muted = tuple(sorted(set(ask.muted)))
    is_same_place = before is not None and before.address == ask.address
    after = Preference(
        channel=ask.channel,
        address=ask.address,
        is_enabled=ask.is_enabled,
        muted=muted,
        place=before.place if before and is_same_place else None,
    )
    if after == before:
        return known, ()
    changed = PreferenceChanged(
        recipient_id=ask.recipient_id,
        channel=ask.channel,
        actor_id=ask.actor_id,
        has_address=ask.address is not None,
        is_enabled=ask.is_enabled,
        muted=muted,
    )
    return known.with_preference(after), (changed,)


def values(event: Event) -> tuple[Value, ...]:
    """Write an event's fields as people read them; what is absent is left out."""
    cls: Any = type(event)
    found = ((f.name, getattr(event, f.name)) for f in shape(cls))
    return tuple(
        Value(name=name, text=written(part)) for name, part in found if part is not None
    )


def written(part: Any) -> str:
    """Write one value for a reader: money exactly, moments in UTC, prose in one line."""
    match part:
        case Money():
            return str(part)
        case datetime():
            return f"{part:%Y-%m-%d %H:%M} UTC"
        case Enum():
            return str(part.value)
        case bool():
            return "yes" if part else "no"
        case str():
            text = " ".join(part.split())
            long = len(text) > TEXT_LENGTH_MAX
            return f"{text[:TEXT_LENGTH_MAX]}…" if long else text
        case other:
            return str(other) if isinstance(other, int) else ""
