"""L8: a message is with its reader once, says the provider, and told of once."""

from __future__ import annotations

from collections import Counter

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.notifications import NotificationFailed, NotificationSent

Outcome = NotificationSent | NotificationFailed


def at_rest(platform: Platform) -> Complaints:
    sent = Counter(m.content.splitlines()[-1] for m in platform.discord.sent())
    for reference, count in sent.items():
        if count > 1:
            yield f"the message {reference} was sent {count} times"
    found = outcomes(platform)
    told = Counter((o.cause, o.recipient_id, o.channel) for o in found)
    for (cause, recipient_id, channel), count in told.items():
        if count > 1:
            yield f"{recipient_id} was told of {cause} on {channel} {count} times"
    delivered = sum(isinstance(o, NotificationSent) for o in found)
    if delivered != len(sent):
        yield f"we say {delivered} messages were delivered, Discord has {len(sent)}"


def outcomes(platform: Platform) -> list[Outcome]:
    """What became of each message to somebody."""
    return [
        envelope.message
        for envelope in platform.databases["notifications"].events
        if isinstance(envelope.message, Outcome)
    ]
