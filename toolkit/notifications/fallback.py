"""Where a person is told: on which channels, on which instead, and who is reached nowhere.

A channel that fails is not the end of the news: it is told once on the channel that the
person keeps as a fallback. Who can be reached nowhere any more is a matter for those on
call.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from toolkit.core.decider import Consequence, Perform
from toolkit.core.message import named
from toolkit.messages.notifications import (
    Announce,
    Audience,
    Channel,
    Preference,
    RecordOutcome,
    RouteNotification,
    SendNotification,
    Value,
)
from toolkit.notifications.audience import OPERATIONS_ID, UNREACHABLE
from toolkit.notifications.state import Subject

# Who takes a letter here says later what came of it.
REPORTED = frozenset({Channel.EMAIL, Channel.SMS})


def is_open(wish: Preference, template: str) -> bool:
    """An address that is known not to work is left alone until it is set again."""
    return wish.is_enabled and wish.problem is None and template not in wish.muted


def channels_of(known: Subject, template: str) -> Sequence[Preference]:
    """Choose where to tell a person; a fallback only where there is nothing else."""
    reached = [w for w in known.preferences if w.address and is_open(w, template)]
    chosen = [w for w in reached if not w.is_fallback]
    return chosen or reached[:1]


def letter_to(wish: Preference, ask: RouteNotification) -> SendNotification:
    """Address a letter."""
    assert wish.address is not None, "a channel without an address is not open"
    return SendNotification(
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


def notification_id(ask: RouteNotification, channel: Channel) -> str:
    """One event, one person, one channel: one notification, whoever asks how often."""
    return str(named(UUID(ask.cause), f"{ask.recipient_id}/{channel}"))


def kept(known: Subject, letter: RecordOutcome) -> Subject:
    """Keep what may still come back, where there would be another way to tell it."""
    has_fallback = any(wish.is_fallback for wish in known.preferences)
    if letter.channel not in REPORTED or not has_fallback:
        return known
    return known.with_taken(letter)


def resent(
    before: Subject, after: Subject, lost: RecordOutcome
) -> tuple[Subject, Sequence[Consequence]]:
    """Tell what was lost on the fallback, once; and those on call who cannot be told."""
    consequences: list[Consequence] = []
    instead = _instead(after, lost)
    if instead is not None and lost.audience is not None:
        ask = RouteNotification(
            recipient_id=lost.recipient_id,
            audience=lost.audience,
            template=lost.template,
            cause=lost.cause,
            values=lost.values,
        )
        after = after.with_diverted(lost.cause)
        consequences.append(Perform(command=letter_to(instead, ask)))
    if _is_reached(before) and not _is_reached(after):
        consequences += _alarm(after, lost)
    return after, consequences


def _instead(known: Subject, lost: RecordOutcome) -> Preference | None:
    """Find the fallback, unless another channel tells it, or it was told there already."""
    wish = known.preference(lost.channel)
    if lost.cause in known.diverted or wish is None or wish.is_fallback:
        return None
    others = [
        w
        for w in known.preferences
        if w.channel is not lost.channel and w.address and is_open(w, lost.template)
    ]
    if any(not w.is_fallback for w in others):
        return None
    return next(iter(others), None)


def _is_reached(known: Subject) -> bool:
    return any(w.address and w.is_enabled and not w.problem for w in known.preferences)


def _alarm(known: Subject, lost: RecordOutcome) -> Sequence[Consequence]:
    """Tell those on call, who are not told of themselves: nobody would hear it."""
    if lost.recipient_id == OPERATIONS_ID:
        return ()
    wish = known.preference(lost.channel)
    reason = (wish and wish.problem) or lost.failure or "unknown"
    said = {
        "recipient_id": lost.recipient_id,
        "channel": lost.channel.value,
        "missed": lost.template,
        "reason": reason,
    }
    alarm = Announce(
        escrow_id=lost.recipient_id,
        template=UNREACHABLE,
        audiences=(Audience.OPERATIONS,),
        values=tuple(Value(name=name, text=text) for name, text in said.items()),
    )
    return (Perform(command=alarm),)
