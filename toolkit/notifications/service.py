"""What the notifications service listens to, and who in here answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from toolkit.core.ports import Clock, Transactions
from toolkit.messages.escrow import EscrowCreated
from toolkit.messages.notifications import (
    Channel,
    Preference,
    RecordOutcome,
    ReplaceSecret,
    ReportReturn,
    RouteNotification,
    SetPreference,
)
from toolkit.notifications.audience import TOLD
from toolkit.notifications.decider import notifications
from toolkit.notifications.discord import Discord, DiscordMessenger
from toolkit.notifications.email import EmailMessenger
from toolkit.notifications.post import Messenger, Post
from toolkit.notifications.provider import Line, Provider
from toolkit.notifications.rendering import (
    as_it_is,
    escape_markdown,
    in_one_alphabet,
    read_templates,
)
from toolkit.notifications.signing import SecretMaker
from toolkit.notifications.sms import SmsMessenger
from toolkit.notifications.webhook import Endpoints, WebhookMessenger
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import Routes

COMMANDS = (RouteNotification, RecordOutcome, ReportReturn, SetPreference, ReplaceSecret)


@dataclass(frozen=True, slots=True)
class Email:
    """SendGrid, and the address that we write from."""

    api: Provider
    sender: str


@dataclass(frozen=True, slots=True)
class Sms:
    """Twilio, our account and number there, and where it reports to."""

    api: Provider
    account: str
    sender: str
    reports_to: str | None = None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The way to endpoints, and what their secrets are made with."""

    api: Endpoints
    secrets: SecretMaker


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels beside Discord; one that is absent is not connected."""

    email: Email | None = None
    sms: Sms | None = None
    webhooks: Webhooks | None = None


NO_OTHERS = Channels()


def wire() -> Routes:
    """Commands come through the agenda and the gateway; no broker brings them."""
    return dict.fromkeys((EscrowCreated, *TOLD, *COMMANDS), notifications)


def post(
    database: Transactions,
    clock: Clock,
    discord: Discord | None,
    breaker: Breaker,
    *,
    others: Channels = NO_OTHERS,
    breaker_of: Callable[[str], Breaker] | None = None,
) -> Post:
    """Open the channels that are connected; each provider has a breaker of its own."""
    guard = breaker_of or partial(Breaker, clock=clock)
    messengers: dict[Channel, Messenger] = {}
    if discord is not None:
        templates = read_templates("discord", escape_markdown)
        messengers[Channel.DISCORD] = DiscordMessenger(discord, clock, templates, breaker)
    if (email := others.email) is not None:
        line = Line("SendGrid", email.api, clock, guard("sendgrid"))
        templates = read_templates("email", as_it_is)
        messengers[Channel.EMAIL] = EmailMessenger(line, templates, email.sender)
    if (sms := others.sms) is not None:
        line = Line("Twilio", sms.api, clock, guard("twilio"))
        templates = read_templates("sms", in_one_alphabet)
        messengers[Channel.SMS] = SmsMessenger(
            line, templates, sms.account, sms.sender, sms.reports_to
        )
    if (hooks := others.webhooks) is not None:
        messengers[Channel.WEBHOOK] = WebhookMessenger(
            hooks.api, clock, hooks.secrets, partial(wish_of, database)
        )
    return Post(database, messengers)


async def wish_of(
    database: Transactions, person_id: str, channel: Channel
) -> Preference | None:
    """Read what a person wants of a channel at this moment."""
    async with database.transaction() as transaction:
        snapshot = await transaction.open([], [person_id])
    found = snapshot.states.get(person_id)
    wish: Preference | None = found.state.preference(channel) if found else None
    return wish
