"""Events on their way to the platform: signed at each attempt, at least once each."""

from __future__ import annotations

import heapq
import hmac
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from sims.world.stripe import wire
from sims.world.stripe.faults import Dice, WebhookFault
from sims.world.stripe.records import Event

RETRIES_END_AFTER = timedelta(days=3)
RETRY_FACTOR = 3
RETRY_DELAY_MAX = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Secret:
    value: str
    expires_at: datetime | None = None


@dataclass(slots=True)
class Delivery:
    """One event to be posted. Report it back as delivered or failed."""

    event: Event
    due_at: datetime
    attempt: int = 1
    is_stale: bool = False
    signed_at: int = 0
    secrets: tuple[str, ...] = ()

    @property
    def payload(self) -> bytes:
        if self.event.payload is None:
            shape = wire.event(self.event)
            self.event.payload = json.dumps(shape, separators=(",", ":")).encode()
        return self.event.payload

    @property
    def signature(self) -> str:
        """Worked out when asked for: a simulation in process may not care."""
        return sign(self.payload, self.signed_at, self.secrets)


@dataclass(slots=True)
class Webhooks:
    """The queue to one endpoint. Without a secret nobody subscribed: nothing is sent."""

    dice: Dice
    random: Random
    secrets: list[Secret] = field(default_factory=list)
    enabled_events: frozenset[str] = frozenset()
    latency_mean_s: float = 0.0
    retry_initial_s: float = 30.0
    queue: list[tuple[datetime, int, Delivery]] = field(default_factory=list)
    queued: int = 0
    tally: Counter[str] = field(default_factory=Counter)

    def send(self, event: Event, now: datetime) -> None:
        """Queue an event, or whatever the faults make of it."""
        if not self.secrets or not self._wants(event.type):
            return
        event.pending_webhooks = 1
        due_at, faults = now + self._latency(), self.dice.faults
        match self.dice.webhook_fault():
            case None:
                self._push(Delivery(event, due_at))
            case WebhookFault.LOST:
                self.tally["lost"] += 1
            case WebhookFault.DOUBLED:
                self._push(Delivery(event, due_at))
                self._push(Delivery(event, due_at + self._latency()))
            case WebhookFault.DELAYED:
                share = self.dice.stream("webhook_delay").random()
                delay = timedelta(seconds=faults.webhook_delay_max_s * share)
                self._push(Delivery(event, due_at + delay))
            case WebhookFault.REORDERED:
                hold = timedelta(seconds=faults.webhook_reorder_s)
                self._push(Delivery(event, due_at + hold))
            case WebhookFault.STALE:
                self._push(Delivery(event, due_at, is_stale=True))

    def due(self, now: datetime) -> list[Delivery]:
        """Take what is due, signed for this attempt."""
        taken = []
        while self.queue and self.queue[0][0] <= now:
            delivery = heapq.heappop(self.queue)[2]
            self._prepare(delivery, now)
            taken.append(delivery)
        return taken

    def next_due_at(self) -> datetime | None:
        return self.queue[0][0] if self.queue else None

    def delivered(self, delivery: Delivery) -> None:
        self.tally["delivered"] += 1
        delivery.event.pending_webhooks = 0

    def failed(self, delivery: Delivery, now: datetime) -> None:
        """Try again later, ever more slowly, for three days."""
        self.tally["failed"] += 1
        wait = timedelta(
            seconds=self.retry_initial_s * RETRY_FACTOR ** min(delivery.attempt - 1, 20)
        )
        due_at = now + min(wait, RETRY_DELAY_MAX)
        if due_at - delivery.event.created_at > RETRIES_END_AFTER:
            self.tally["given_up"] += 1
            return
        self._push(Delivery(delivery.event, due_at, delivery.attempt + 1))

    def resend(self, event: Event, now: datetime) -> None:
        """Deliver an event once more, faults aside."""
        self._push(Delivery(event, now))

    def rotate(self, secret: str, now: datetime, overlap: timedelta) -> None:
        """Sign with the new secret, and with the old ones until the overlap ends."""
        until = now + overlap
        kept = [
            Secret(old.value, min(old.expires_at or until, until)) for old in self.secrets
        ]
        self.secrets = [Secret(secret), *kept]

    def _wants(self, type: str) -> bool:
        return not self.enabled_events or type in self.enabled_events

    def _latency(self) -> timedelta:
        if not self.latency_mean_s:
            return timedelta()
        return timedelta(seconds=self.random.expovariate(1 / self.latency_mean_s))

    def _push(self, delivery: Delivery) -> None:
        self.queued += 1
        heapq.heappush(self.queue, (delivery.due_at, self.queued, delivery))

    def _prepare(self, delivery: Delivery, now: datetime) -> None:
        age_s = self.dice.faults.webhook_stale_s if delivery.is_stale else 0.0
        delivery.signed_at = int((now - timedelta(seconds=age_s)).timestamp())
        self.secrets = [each for each in self.secrets if not _has_expired(each, now)]
        delivery.secrets = tuple(each.value for each in self.secrets)


def _has_expired(secret: Secret, now: datetime) -> bool:
    return secret.expires_at is not None and secret.expires_at <= now


def sign(payload: bytes, signed_at: int, secrets: Iterable[str]) -> str:
    """The `Stripe-Signature` header: a timestamp, and one v1 for each secret."""
    message = f"{signed_at}.".encode() + payload
    digests = (hmac.new(secret.encode(), message, sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={signed_at}", *(f"v1={digest}" for digest in digests)])
