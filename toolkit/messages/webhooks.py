"""What providers tell us, word for word."""

from __future__ import annotations

from datetime import datetime

from toolkit.core.message import Event, record


@record
class WebhookReceived(Event):
    """A provider's event, verified and kept as it came; `payload` is its JSON text."""

    topic = "webhook.events.v1"

    provider: str
    provider_event_id: str
    provider_event_type: str
    payload: str
    received_at: datetime

    @property
    def key(self) -> str:
        return self.provider_event_id
