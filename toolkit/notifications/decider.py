"""The judgement of notifications: who is told what, where, and what came of it.

An event of an escrow becomes one announcement; an announcement one message for each person
it concerns; and that one letter for each channel they prefer. What fails there is told on
the channel they keep as a fallback (`fallback.py`). State changes only together
with an event, so that a person's events are numbered without a gap; but it is not folded
from events, since addresses are in the state and must never be in an event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from toolkit.core.decider import Consequence, Perform
from toolkit.core.message import Event, record, replace
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
    ReplaceSecret,
    ReportReturn,
    RouteNotification,
    SetPreference,
    Signing,
    Value,
)
from toolkit.messages.payments import PaymentEvent
from toolkit.messages.shape import shape
from toolkit.notifications.audience import audiences
from toolkit.notifications.fallback import channels_of, kept, letter_to, resent
from toolkit.notifications.state import Subject

TEXT_LENGTH_MAX = 400  # of what somebody wrote; a message has room for 2,000
BOTH_SECRETS_FOR = timedelta(hours=24)  # while an endpoint changes from one to the next


@record
class Notifications:
    """Judges whatever this service hears, each message with the state of its key."""

    initial: Subject

    def step(
        self,
        known: Subject,
        message: Any,
        now: datetime,
    ) -> tuple[Subject, Sequence[Consequence]]:
        """Judge one message: return the next state, and what it gives rise to."""
        match message:
            case EscrowEvent() | PaymentEvent():
                known = learned(known, message)
                return known, tuple(announced(known, message))
            case RouteNotification():
                return known, tuple(routed(known, message))
            case RecordOutcome():
                return settled(known, message)
            case ReportReturn():
                return returned(known, message)
            case SetPreference():
                return wished(known, message)
            case ReplaceSecret():
                return replaced(known, message, now)
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
    for wish in channels_of(known, ask.template):
        yield Perform(command=letter_to(wish, ask))


def settled(
    known: Subject, outcome: RecordOutcome
) -> tuple[Subject, Sequence[Consequence]]:
    """Say what came of a letter, and tell what failed where the person can be reached."""
    after = remembered(known, outcome)
    wish = after.preference(outcome.channel)
    is_dead = wish is not None and wish.address == outcome.address and wish.problem
    if outcome.failure is None and not is_dead:
        return kept(after, outcome), (told(outcome),)
    after, elsewhere = resent(known, after, outcome)
    return after, (told(outcome), *elsewhere)


def returned(known: Subject, report: ReportReturn) -> tuple[Subject, Sequence[Consequence]]:
    """Take back that a letter was delivered."""
    letter = next(
        (t for t in known.taken if t.notification_id == report.notification_id), None
    )
    after = marked(known, report)
    failed = NotificationFailed(
        recipient_id=report.recipient_id,
        notification_id=report.notification_id,
        channel=report.channel,
        template=report.template,
        cause=report.cause,
        attempts=letter.attempts if letter else 1,
        reason=report.reason,
        is_return=True,
    )
    lost = letter or _unread(report)
    after, elsewhere = resent(known, after, lost)
    return after, (failed, *elsewhere)


def _unread(report: ReportReturn) -> RecordOutcome:
    """What is known of a letter that came back before we knew that it had left."""
    return RecordOutcome(
        recipient_id=report.recipient_id,
        notification_id=report.notification_id,
        channel=report.channel,
        address=report.address,
        template=report.template,
        cause=report.cause,
        attempts=1,
        failure=report.reason,
    )


def marked(known: Subject, report: ReportReturn) -> Subject:
    """Leave an address alone from now on, if it is still the person's."""
    wish = known.preference(report.channel)
    if wish is None or not report.is_unreachable or wish.address != report.address:
        return known
    return known.with_preference(replace(wish, problem=report.reason))


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
        is_fallback=ask.is_fallback is True,
        signing=signed(before, ask),
    )
    if after == before:
        return known, ()
    if not is_same_place:
        known = known.without_letters_to(ask.channel)
    changed = PreferenceChanged(
        recipient_id=ask.recipient_id,
        channel=ask.channel,
        actor_id=ask.actor_id,
        has_address=ask.address is not None,
        is_enabled=ask.is_enabled,
        muted=muted,
        is_fallback=ask.is_fallback or None,
    )
    return known.with_preference(after), (changed,)


def signed(before: Preference | None, ask: SetPreference) -> Signing | None:
    """Give each new endpoint a secret that no other one ever knew."""
    known = before.signing if before else None
    if ask.channel is not Channel.WEBHOOK:
        return None
    if ask.address is None or (before is not None and before.address == ask.address):
        return known
    return Signing(serial=known.serial + 1 if known else 1)


def replaced(
    known: Subject, ask: ReplaceSecret, now: datetime
) -> tuple[Subject, Sequence[Consequence]]:
    """Sign with the next secret, and for a day with the one before as well."""
    wish = known.preference(Channel.WEBHOOK)
    if wish is None or wish.address is None or wish.signing is None:
        return known, ()
    signing = Signing(serial=wish.signing.serial + 1, previous_until=now + BOTH_SECRETS_FOR)
    changed = PreferenceChanged(
        recipient_id=ask.recipient_id,
        channel=Channel.WEBHOOK,
        actor_id=ask.actor_id,
        has_address=True,
        is_enabled=wish.is_enabled,
        muted=wish.muted,
        is_fallback=wish.is_fallback or None,
    )
    return known.with_preference(replace(wish, signing=signing)), (changed,)


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
