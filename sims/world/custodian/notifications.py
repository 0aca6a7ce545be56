"""Notifications: signed with ECDSA over the raw body, the key named in a header."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sims.world.custodian import wire
from sims.world.custodian.errors import not_found
from sims.world.custodian.ids import Ids
from sims.world.custodian.params import Params
from sims.world.custodian.records import Notification
from sims.world.custodian.wire import Wire


@dataclass(slots=True)
class SigningKeys:
    """Keys by id, the newest last; it signs, and the older ones stay to be looked up."""

    seed: int
    ids: Ids
    is_ready: bool  # does anybody subscribe?
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    made_at: dict[str, datetime] = field(default_factory=dict)

    def rotate(self, now: datetime) -> str:
        """Sign with a new key from now on."""
        id = self.ids.uuid("key")
        secret = int.from_bytes(sha256(f"{self.seed}:{id}".encode()).digest()[:31]) + 1
        self.keys[id] = ec.derive_private_key(secret, ec.SECP256R1())
        self.made_at[id] = now
        return id

    def payload(self, event: Notification) -> bytes:
        if event.payload is None:
            shape = wire.envelope(event)
            event.payload = json.dumps(shape, separators=(",", ":")).encode()
        return event.payload

    def headers(self, payload: bytes, signed_at: datetime) -> dict[str, str]:
        """Sign the body. The scheme knows no time, so a stale one looks like any other."""
        del signed_at
        id, key = list(self.keys.items())[-1]
        signature = key.sign(payload, ec.ECDSA(hashes.SHA256()))
        return {
            "x-circle-signature": b64encode(signature).decode(),
            "x-circle-key-id": id,
        }

    def show(self, _: object, __: Params, id: str) -> Wire:
        """Answer `GET /v2/notifications/publicKey/{id}`."""
        if id not in self.keys:
            raise not_found("public key", id)
        public = self.keys[id].public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {
            "id": id,
            "algorithm": "ECDSA_SHA_256",
            "publicKey": b64encode(der).decode(),
            "name": "notifications",
            "createDate": wire.iso(self.made_at[id]),
        }
