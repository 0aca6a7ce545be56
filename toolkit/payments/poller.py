"""Asks Stripe what its webhooks may have failed to tell, and tells it in their place."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from toolkit.core.errors import Declined, Unavailable
from toolkit.core.message import derived
from toolkit.core.ports import Clock
from toolkit.messages.webhooks import WebhookReceived
from toolkit.payments.stripe import Object, Stripe
from toolkit.payments.webhooks import TELLING
from toolkit.runtime.intake import Intake
from toolkit.runtime.retry import persistently

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)  # as long as Stripe itself tries to deliver a webhook
OVERLAP = timedelta(minutes=10)  # events may become visible out of order


@dataclass(slots=True)
class Poller:
    """Closes the gap of webhooks that never came. What is known already stays as it is."""

    api: Stripe
    intake: Intake
    clock: Clock
    every: timedelta = timedelta(minutes=1)
    seen_until: datetime | None = field(default=None)

    async def run(self) -> None:
        while True:
            await self.clock.sleep(self.every)
            try:
                await self.poll()
            except (Unavailable, Declined) as obstacle:
                log.warning("Stripe's events cannot be read: %s", obstacle)

    async def poll(self) -> int:
        """Take in all events since the last poll, and answer how many were new."""
        asked_at = self.clock.now()
        since = self.seen_until - OVERLAP if self.seen_until else asked_at - LOOK_BACK
        events = [e async for e in self.api.created_since("events", since)]
        missed = 0
        for event in reversed(events):
            if event["type"] in TELLING:
                take = partial(self._take, event)
                missed += await persistently(self.clock, derived(event["id"]), take)
        self.seen_until = asked_at
        return missed

    async def _take(self, event: Object) -> bool:
        return await self.intake.receive(
            webhook(event, json.dumps(event, separators=(",", ":")), self.clock.now()),
            webhook_id(event["id"]),
        )


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
