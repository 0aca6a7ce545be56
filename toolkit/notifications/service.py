"""What the notifications service listens to, and who in here answers."""

from __future__ import annotations

from toolkit.core.ports import Clock, Transactions
from toolkit.messages.escrow import EscrowCreated
from toolkit.messages.notifications import (
    Channel,
    RecordOutcome,
    RouteNotification,
    SetPreference,
)
from toolkit.notifications.audience import TOLD
from toolkit.notifications.decider import notifications
from toolkit.notifications.discord import Discord, DiscordMessenger
from toolkit.notifications.post import Messenger, Post
from toolkit.notifications.rendering import escape_markdown, read_templates
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import Routes

COMMANDS = (RouteNotification, RecordOutcome, SetPreference)


def wire() -> Routes:
    """Commands come through the agenda and the gateway; no broker brings them."""
    return dict.fromkeys((EscrowCreated, *TOLD, *COMMANDS), notifications)


def post(
    database: Transactions, clock: Clock, discord: Discord | None, breaker: Breaker
) -> Post:
    """Open the channels that are connected."""
    messengers: dict[Channel, Messenger] = {}
    if discord is not None:
        templates = read_templates("discord", escape_markdown)
        messengers[Channel.DISCORD] = DiscordMessenger(discord, clock, templates, breaker)
    return Post(database, messengers)
