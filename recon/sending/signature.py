"""Sign a webhook as Standard Webhooks has it: HMAC-SHA256 of id, moment and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from recon.faults import WrongUsageError

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """The keys in one secret, or in several while one takes the other's place."""
    return tuple(key_of(secret) for secret in secrets.split() or [""])


def key_of(secret: str) -> bytes:
    """The key in a secret. Raises WrongUsageError, and never tells the secret."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in KEY_BYTES:
        raise WrongUsageError(
            "the webhook's secret is none: it is whsec_ and 24 to 64 bytes in base64"
        )
    return key


def headers(keys: Sequence[bytes], id: str, body: bytes, at_s: int) -> Mapping[str, str]:
    """What a receiver needs to be sure who sent it, when, and that it is whole."""
    signed = b".".join((id.encode(), str(at_s).encode(), body))
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(digest).decode()}" for digest in digests
        ),
    }
