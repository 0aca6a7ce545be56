"""L8: a message is with its reader once, says the provider, and told of once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.messages.notifications import Channel, NotificationFailed, NotificationSent

Outcome = NotificationSent | NotificationFailed


def at_rest(platform: Platform) -> Complaints:
    found = outcomes(platform)
    for channel, references in taken(platform).items():
        sent = Counter(references)
        for reference, count in sent.items():
            if count > 1:
                yield f"the message {reference} was sent {count} times"
        ours = [o for o in found if o.channel is channel]
        delivered = sum(isinstance(o, NotificationSent) for o in ours)
        if delivered != len(sent):
            yield (
                f"we say {delivered} messages were delivered, {channel.capitalize()} has "
                f"{len(sent)}"
            )
    # What was delivered may come back, and that is told once as well.
    told = Counter((o.cause, o.recipient_id, o.channel, is_return(o)) for o in found)
    for (cause, recipient_id, channel, _), count in told.items():
        if count > 1:
            yield f"{recipient_id} was told of {cause} on {channel} {count} times"


def taken(platform: Platform) -> Mapping[Channel, Sequence[str]]:
    """Say what each channel's provider has, by the reference in it."""
    discord = [m.content.splitlines()[-1] for m in platform.discord.sent()]
    office = platform.post_office
    if office is None:
        return {Channel.DISCORD: discord}
    return {
        Channel.DISCORD: discord,
        Channel.EMAIL: [m.args["notification_id"] for m in office.sendgrid.mails],
        Channel.SMS: [m.body.rsplit(" ", 1)[1] for m in office.twilio.messages],
        # An endpoint may be told again: it is the id that makes one message of it.
        Channel.WEBHOOK: list(office.receiver.kept),
    }


def is_return(outcome: Outcome) -> bool:
    return isinstance(outcome, NotificationFailed) and outcome.is_return is True


def outcomes(platform: Platform) -> list[Outcome]:
    """What became of each message to somebody."""
    return [
        envelope.message
        for envelope in platform.databases["notifications"].events
        if isinstance(envelope.message, Outcome)
    ]
