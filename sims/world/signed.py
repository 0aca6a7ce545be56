"""Webhooks that are signed with a shared secret: a timestamp, and one digest over both."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Signed:
    """Writes events as JSON, and vouches for them in a header of the provider's own."""

    header: str
    secret: str | None  # without one nobody subscribes
    shape: Callable[[Any], Mapping[str, Any]]

    @property
    def is_ready(self) -> bool:
        return self.secret is not None

    def payload(self, event: Any) -> bytes:
        return json.dumps(self.shape(event), separators=(",", ":")).encode()

    def headers(self, payload: bytes, signed_at: datetime) -> dict[str, str]:
        assert self.secret, "nobody subscribes, and yet something is sent"
        timestamp = int(signed_at.timestamp())
        signed = f"{timestamp}.".encode() + payload
        digest = hmac.new(self.secret.encode(), signed, sha256).hexdigest()
        return {self.header: f"t={timestamp},v1={digest}"}
