"""SendGrid's event webhook: how an event is written down, and how it is signed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


@dataclass(slots=True)
class MailEvent:
    """Something that became of a message."""

    id: str
    type: str
    email: str
    message_id: str
    args: Mapping[str, str]
    created_at: datetime
    reason: str | None = None
    status: str | None = None
    pending_webhooks: int = 0


@dataclass(slots=True)
class EventSealer:
    """Writes events as an array of one, and signs timestamp and body (ECDSA, P-256)."""

    seed: int
    is_ready: bool = True
    private: ec.EllipticCurvePrivateKey = field(init=False)

    def __post_init__(self) -> None:
        number = int.from_bytes(sha256(f"sendgrid {self.seed}".encode()).digest()) >> 1
        self.private = ec.derive_private_key(number, ec.SECP256R1())

    @property
    def public_key(self) -> str:
        """The key as SendGrid's settings show it: base64 of its DER form."""
        der = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return b64encode(der).decode()

    def payload(self, event: MailEvent) -> bytes:
        told = {
            "email": event.email,
            "timestamp": int(event.created_at.timestamp()),
            "event": event.type,
            "sg_event_id": event.id,
            "sg_message_id": event.message_id,
            "reason": event.reason,
            "status": event.status,
            **event.args,
        }
        if event.type == "bounce":
            told["type"] = "bounce"
        present = {name: value for name, value in told.items() if value is not None}
        return json.dumps([present], separators=(",", ":")).encode() + b"\r\n"

    def headers(self, payload: bytes, signed_at: datetime) -> dict[str, str]:
        timestamp = str(int(signed_at.timestamp()))
        signature = self.private.sign(
            timestamp.encode() + payload, ec.ECDSA(hashes.SHA256())
        )
        return {SIGNATURE: b64encode(signature).decode(), TIMESTAMP: timestamp}
