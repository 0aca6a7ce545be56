"""Signatures and secrets of outgoing webhooks, as Standard Webhooks 1.0.0 has them.

An endpoint's secrets follow from the platform's own key, the person and a serial number.
So they are kept nowhere, and each is shown to its owner once.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from hmac import new

from toolkit.messages.notifications import Signing

PREFIX = "whsec_"
KEY_LENGTH_MIN = 32


@dataclass(frozen=True, slots=True)
class SecretMaker:
    """Makes the secret of each endpoint from the platform's key."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < KEY_LENGTH_MIN:
            raise ValueError(f"a key for webhooks has at least {KEY_LENGTH_MIN} bytes")

    def secret(self, person_id: str, serial: int) -> str:
        """Answer what the owner of an endpoint verifies with."""
        return PREFIX + b64encode(self._bytes(person_id, serial)).decode()

    def signatures(
        self, person_id: str, signing: Signing, content: bytes, now: datetime
    ) -> str:
        """Sign with the present secret, and with the one before while it is replaced."""
        return " ".join(
            f"v1,{b64encode(_digest(self._bytes(person_id, serial), content)).decode()}"
            for serial in _serials(signing, now)
        )

    def _bytes(self, person_id: str, serial: int) -> bytes:
        return _digest(self.key, f"webhook secret {serial} of {person_id}".encode())


def signed_content(id: str, timestamp: int, body: bytes) -> bytes:
    return f"{id}.{timestamp}.".encode() + body


def _serials(signing: Signing, now: datetime) -> Sequence[int]:
    until = signing.previous_until
    if until is not None and now < until:
        return (signing.serial, signing.serial - 1)
    return (signing.serial,)


def _digest(key: bytes, content: bytes) -> bytes:
    return new(key, content, sha256).digest()
