"""Stripe's webhooks: how an event is written down, and which secrets sign it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sims.world.stripe import wire
from sims.world.stripe.records import Event


@dataclass(frozen=True, slots=True)
class Secret:
    value: str
    expires_at: datetime | None = None


@dataclass(slots=True)
class Secrets:
    """The endpoint's signing secrets, of which there are several while one is rotated."""

    secrets: list[Secret] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return bool(self.secrets)

    def payload(self, event: Event) -> bytes:
        if event.payload is None:
            event.payload = json.dumps(wire.event(event), separators=(",", ":")).encode()
        return event.payload

    def headers(self, payload: bytes, signed_at: datetime) -> dict[str, str]:
        valid = [s.value for s in self.secrets if not _has_expired(s, signed_at)]
        return {"stripe-signature": sign(payload, int(signed_at.timestamp()), valid)}

    def rotate(self, secret: str, now: datetime, overlap: timedelta) -> None:
        """Sign with the new secret, and with the old ones until the overlap ends."""
        until = now + overlap
        kept = [
            Secret(old.value, min(old.expires_at or until, until)) for old in self.secrets
        ]
        self.secrets = [Secret(secret), *kept]


def _has_expired(secret: Secret, now: datetime) -> bool:
    return secret.expires_at is not None and secret.expires_at <= now


def sign(payload: bytes, signed_at: int, secrets: Iterable[str]) -> str:
    """The `Stripe-Signature` header: a timestamp, and one v1 for each secret."""
    message = f"{signed_at}.".encode() + payload
    digests = (hmac.new(secret.encode(), message, sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={signed_at}", *(f"v1={digest}" for digest in digests)])
