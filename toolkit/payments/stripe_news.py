"""Stripe's events, asked for: what no webhook told is told by the poller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from toolkit.core.message import derived, record
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.stripe import Object, Stripe
from toolkit.payments.webhooks import TELLING
from toolkit.runtime.poller import Item


@record
class StripeNews:
    """Stripe's events. A poll and a webhook name an event alike."""

    api: Stripe
    provider: str = "stripe"

    async def since(self, moment: datetime) -> Sequence[Item]:
        events = [e async for e in self.api.created_since("events", moment)]
        return [
            Item(
                id=webhook_id(event["id"]),
                provider_event_id=event["id"],
                provider_event_type=event["type"],
                payload=event,
            )
            for event in reversed(events)
            if event["type"] in TELLING
        ]


def webhook(event: Object, payload: str, received_at: datetime) -> WebhookReceived:
    """Keep one of Stripe's events as it came."""
    return WebhookReceived(
        provider="stripe",
        provider_event_id=event["id"],
        provider_event_type=event["type"],
        payload=payload,
        received_at=received_at.astimezone(UTC),
    )


def webhook_id(provider_event_id: str) -> UUID:
    """The same for a webhook and for the poll that finds its event."""
    return derived("stripe", provider_event_id)
