"""The outbox relay: what a transaction said reaches the broker, in order, at least once."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.message import derived
from toolkit.core.ports import Clock, Outbox, OwnedOutbox, Producer
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.runtime.retry import backoff

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Relay:
    """Publish, then delete what the broker confirmed.

    A row that is there has not been confirmed. So nothing is lost by a crash between the
    two, and what is published twice is told by its id.
    """

    service: str
    outbox: Outbox
    producer: Producer
    clock: Clock
    limit: int = 1_000
    telemetry: Telemetry = SILENCE

    async def run(self) -> None:
        attempts = 0
        while True:
            self.telemetry.rest(self.service, "relay")  # another may hold the outbox
            try:
                async with self.outbox.owned() as owned:
                    while True:
                        self.telemetry.beat(self.service, "relay")
                        if not await self.forward(owned):
                            await owned.rest()
                        attempts = 0
            except (Conflict, Unavailable) as obstacle:
                log.warning("%s relay starts again: %r", self.service, obstacle)
            await self.clock.sleep(backoff(attempts, derived("relay", self.service)))
            attempts += 1

    async def forward(self, owned: OwnedOutbox) -> int:
        """Move one batch, and answer how many were confirmed."""
        postings = await owned.read(self.limit)
        if not postings:
            return 0
        with self.telemetry.publishing(self.service, postings):
            confirmed = await self.producer.publish(postings)
            await owned.delete(confirmed)
            if len(confirmed) < len(postings):
                raise Unavailable(
                    f"{len(postings) - len(confirmed)} messages were not confirmed"
                )
        return len(confirmed)
