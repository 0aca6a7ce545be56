"""Asks providers what their webhooks may have failed to tell, and tells it for them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from toolkit.core.errors import Declined, Unavailable
from toolkit.core.message import record
from toolkit.core.ports import Clock
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.intake import Intake
from toolkit.runtime.retry import persistently

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)  # as long as Stripe itself tries to deliver a webhook
OVERLAP = timedelta(minutes=10)  # events may become visible out of order


@record
class Item:
    """A piece of news, as a provider's API shows it. `id` is the intake's."""

    id: UUID
    provider_event_id: str
    provider_event_type: str
    payload: Mapping[str, Any]


class News(Protocol):
    """What a provider has to tell to those who ask."""

    @property
    def provider(self) -> str: ...

    async def since(self, moment: datetime) -> Sequence[Item]:
        """List what happened since, from oldest to newest."""
        ...


@dataclass(slots=True)
class Poller:
    """Closes the gap of webhooks that never came. What is known already stays as it is."""

    news: News
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
                log.warning("the news of %s: %s", self.news.provider, obstacle)

    async def poll(self) -> int:
        """Take in all that happened since the last poll, and answer how much was new."""
        asked_at = self.clock.now()
        since = self.seen_until - OVERLAP if self.seen_until else asked_at - LOOK_BACK
        missed = 0
        for item in await self.news.since(since):
            missed += await persistently(self.clock, item.id, partial(self._take, item))
        self.seen_until = asked_at
        return missed

    async def _take(self, item: Item) -> bool:
        told = WebhookReceived(
            provider=self.news.provider,
            provider_event_id=item.provider_event_id,
            provider_event_type=item.provider_event_type,
            payload=json.dumps(item.payload, separators=(",", ":")),
            received_at=self.clock.now().astimezone(UTC),
        )
        return await self.intake.receive(told, item.id)
