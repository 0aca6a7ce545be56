"""What people are told, on which channel, and what came of it.

Commands are what notifications says to itself: they wait on its agenda, and no broker has
them. So an address never leaves the service; the events name only the person.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from toolkit.core.message import Command, Event, record


class Channel(StrEnum):
    DISCORD = "DISCORD"
    EMAIL = "EMAIL"
    SMS = "SMS"
    WEBHOOK = "WEBHOOK"


class Audience(StrEnum):
    """In what capacity somebody is told. OPERATIONS are those on call."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    OPERATIONS = "OPERATIONS"


@record
class Value:
    """One thing that a template may name, ready to be read."""

    name: str
    text: str


@record
class Parties:
    """Whose escrow it is."""

    contract_id: str
    buyer_id: str
    seller_id: str


@record
class Signing:
    """Which secret signs what goes to an endpoint; secrets themselves are kept nowhere.

    `previous_until` is how long the one before signs too, while it is being replaced.
    """

    serial: int
    previous_until: datetime | None = None


@record
class Preference:
    """How one person is told on one channel.

    `place` is where the channel keeps the conversation, once it was found; `problem` says
    why the address does not work, until the person sets it again. A fallback is used only
    where no other channel reaches the person.
    """

    channel: Channel
    address: str | None = None
    is_enabled: bool = True
    muted: tuple[str, ...] = ()  # templates the person does not want here
    place: str | None = None
    problem: str | None = None
    is_fallback: bool = False
    signing: Signing | None = None  # of an endpoint for webhooks


@record
class Announce(Command):
    """Tell everybody whom an event concerns; without parties, as soon as they are known."""

    topic = "notifications.commands.v1"

    escrow_id: str
    template: str
    audiences: tuple[Audience, ...]
    values: tuple[Value, ...]
    parties: Parties | None = None

    @property
    def key(self) -> str:
        return self.escrow_id


@record
class NotificationCommand(Command):
    topic = "notifications.commands.v1"

    recipient_id: str

    @property
    def key(self) -> str:
        return self.recipient_id


@record
class RouteNotification(NotificationCommand):
    """Tell one person, on the channels that they prefer."""

    audience: Audience
    template: str
    cause: str  # the id of the event that is told
    values: tuple[Value, ...]


@record
class SendNotification(NotificationCommand):
    """Send one message to one address."""

    notification_id: str
    channel: Channel
    address: str
    audience: Audience
    template: str
    cause: str
    values: tuple[Value, ...]
    place: str | None = None


@record
class RecordOutcome(NotificationCommand):
    """Remember what came of a message; without a failure it was delivered."""

    notification_id: str
    channel: Channel
    address: str
    template: str
    cause: str
    attempts: int
    place: str | None = None
    failure: str | None = None
    is_unreachable: bool = False  # no message to this address will ever arrive
    audience: Audience | None = None
    values: tuple[Value, ...] = ()  # so that it can be told again, on another channel


@record
class SetPreference(NotificationCommand):
    """Set how a person is told on one channel; without an address, forget it."""

    actor_id: str
    channel: Channel
    address: str | None = None
    is_enabled: bool = True
    muted: tuple[str, ...] = ()
    is_fallback: bool | None = None


@record
class NotificationEvent(Event):
    topic = "notifications.events.v1"

    recipient_id: str

    @property
    def key(self) -> str:
        return self.recipient_id


@record
class NotificationSent(NotificationEvent):
    notification_id: str
    channel: Channel
    template: str
    cause: str
    attempts: int


@record
class NotificationFailed(NotificationEvent):
    notification_id: str
    channel: Channel
    template: str
    cause: str
    attempts: int
    reason: str
    is_return: bool | None = (
        None  # it had been taken, as NotificationSent says, and came back
    )


@record
class PreferenceChanged(NotificationEvent):
    """Who changed what is told where; the address itself stays with notifications."""

    channel: Channel
    actor_id: str
    has_address: bool
    is_enabled: bool
    muted: tuple[str, ...]
    is_fallback: bool | None = None


@record
class ReportReturn(NotificationCommand):
    """What a channel had taken came back: its provider says so, minutes or days later."""

    notification_id: str
    channel: Channel
    address: str
    template: str
    cause: str
    reason: str
    is_unreachable: bool = False


@record
class ReplaceSecret(NotificationCommand):
    """Sign what goes to a person's endpoint with a new secret, and a while with both."""

    actor_id: str
