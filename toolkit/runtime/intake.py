"""The way in for news from outside: kept once, then said to the house."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from toolkit.core.decider import Consequence, Listener
from toolkit.core.message import Message, first, record
from toolkit.core.ports import Clock, Delivery, Partition, Transactions
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.reconciliation import (
    DiscrepancyDetected,
    DiscrepancyResolved,
    ReconciliationCompleted,
)
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.handler import BatchHandler, Routes

HEARD = (
    WebhookReceived,
    ContractExecuted,
    ReconciliationCompleted,
    DiscrepancyDetected,
    DiscrepancyResolved,
)
OUTSIDE = Partition("intake", 0)  # where news comes from: no broker's partition


def repeat(message: Message) -> Sequence[Consequence]:
    """Say what was heard."""
    return (message,)


@record
class Intake:
    """Accepts each piece of news once for ever, by the id its teller gave it."""

    handler: BatchHandler
    clock: Clock

    async def receive(
        self, message: Message, id: UUID, traceparent: str | None = None
    ) -> bool:
        """Keep the news and announce it; answer False if it is known already."""
        envelope = first(message, id, self.clock.now(), traceparent)
        delivery = Delivery(
            partition=OUTSIDE, offset=0, key=envelope.key, envelope=envelope, cargo=envelope
        )
        return await self.handler.handle([delivery]) == 1


def wire() -> Routes:
    """Say again what was heard."""
    echo = Listener(say=repeat)
    return dict.fromkeys(HEARD, echo)


def intake(database: Transactions, clock: Clock, telemetry: Telemetry = SILENCE) -> Intake:
    """Open the way in: for webhooks, executed contracts and what a reconciliation found."""
    handler = BatchHandler("intake", database, clock, wire(), telemetry)
    return Intake(handler=handler, clock=clock)
