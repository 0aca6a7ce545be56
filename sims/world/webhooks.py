"""Notifications of any provider on their way to the platform: at least once each, or not.

What is told and how it is signed is each provider's own affair (`Sealer`).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Generic, Protocol, TypeVar

from sims.world.faults import Dice, WebhookFault

RETRIES_END_AFTER = timedelta(days=3)
RETRY_FACTOR = 3
RETRY_DELAY_MAX = timedelta(hours=12)


class Told(Protocol):
    """Something that happened, and that the platform may hear of."""

    pending_webhooks: int

    @property
    def created_at(self) -> datetime: ...
    @property
    def type(self) -> str: ...


E = TypeVar("E", bound=Told)
T_contra = TypeVar("T_contra", bound=Told, contravariant=True)


class Sealer(Protocol[T_contra]):
    """How a provider writes an event down, and vouches for it."""

    @property
    def is_ready(self) -> bool:
        """Does anybody subscribe? Without a reader nothing is sent."""
        ...

    def payload(self, event: T_contra) -> bytes:
        """Write the event; equal bytes at every attempt."""
        ...

    def headers(self, payload: bytes, signed_at: datetime) -> Mapping[str, str]:
        """Sign it, for this attempt."""
        ...


@dataclass(slots=True)
class Delivery(Generic[E]):
    """One event to be posted. Report it back as delivered or failed."""

    event: E
    due_at: datetime
    sealer: Sealer[E]
    attempt: int = 1
    is_stale: bool = False
    signed_at: datetime = field(init=False)

    @property
    def payload(self) -> bytes:
        return self.sealer.payload(self.event)

    @property
    def url(self) -> str | None:
        """Where this one is to go, if not where all do."""
        return getattr(self.event, "url", None)

    @property
    def headers(self) -> Mapping[str, str]:
        """Worked out when asked for: a simulation in process may not care."""
        return self.sealer.headers(self.payload, self.signed_at)


@dataclass(slots=True)
class Webhooks(Generic[E]):
    """The queue to one endpoint."""

    dice: Dice
    random: Random
    sealer: Sealer[E]
    enabled_events: frozenset[str] = frozenset()
    latency_mean_s: float = 0.0
    retry_initial_s: float = 30.0
    queue: list[tuple[datetime, int, Delivery[E]]] = field(default_factory=list)
    queued: int = 0
    tally: Counter[str] = field(default_factory=Counter)

    def send(self, event: E, now: datetime) -> None:
        """Queue an event, or whatever the faults make of it."""
        if not self.sealer.is_ready or not self._wants(event.type):
            return
        event.pending_webhooks = 1
        due_at, faults = now + self._latency(), self.dice.faults
        match self.dice.webhook_fault():
            case None:
                self._push(event, due_at)
            case WebhookFault.LOST:
                self.tally["lost"] += 1
            case WebhookFault.DOUBLED:
                self._push(event, due_at)
                self._push(event, due_at + self._latency())
            case WebhookFault.DELAYED:
                share = self.dice.stream("webhook_delay").random()
                delay = timedelta(seconds=faults.webhook_delay_max_s * share)
                self._push(event, due_at + delay)
            case WebhookFault.REORDERED:
                hold = timedelta(seconds=faults.webhook_reorder_s)
                self._push(event, due_at + hold)
            case WebhookFault.STALE:
                self._push(event, due_at, is_stale=True)

    def due(self, now: datetime) -> list[Delivery[E]]:
        """Take what is due, to be signed for this attempt."""
        taken = []
        while self.queue and self.queue[0][0] <= now:
            delivery = heapq.heappop(self.queue)[2]
            age_s = self.dice.faults.webhook_stale_s if delivery.is_stale else 0.0
            delivery.signed_at = now - timedelta(seconds=age_s)
            taken.append(delivery)
        return taken

    def next_due_at(self) -> datetime | None:
        return self.queue[0][0] if self.queue else None

    def delivered(self, delivery: Delivery[E]) -> None:
        self.tally["delivered"] += 1
        delivery.event.pending_webhooks = 0

    def failed(self, delivery: Delivery[E], now: datetime) -> None:
        """Try again later, ever more slowly, for three days."""
        self.tally["failed"] += 1
        wait = timedelta(
            seconds=self.retry_initial_s * RETRY_FACTOR ** min(delivery.attempt - 1, 20)
        )
        due_at = now + min(wait, RETRY_DELAY_MAX)
        if due_at - delivery.event.created_at > RETRIES_END_AFTER:
            self.tally["given_up"] += 1
            return
        self._push(delivery.event, due_at, attempt=delivery.attempt + 1)

    def resend(self, event: E, now: datetime) -> None:
        """Deliver an event once more, faults aside."""
        self._push(event, now)

    def _wants(self, type: str) -> bool:
        return not self.enabled_events or type in self.enabled_events

    def _latency(self) -> timedelta:
        if not self.latency_mean_s:
            return timedelta()
        return timedelta(seconds=self.random.expovariate(1 / self.latency_mean_s))

    def _push(
        self, event: E, due_at: datetime, *, attempt: int = 1, is_stale: bool = False
    ) -> None:
        self.queued += 1
        delivery = Delivery(event, due_at, self.sealer, attempt, is_stale)
        heapq.heappush(self.queue, (due_at, self.queued, delivery))
