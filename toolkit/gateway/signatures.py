"""Is this webhook really Stripe's? Checked by its signature, before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, new

AGE_MAX = timedelta(seconds=300)
AHEAD_MAX = timedelta(seconds=60)  # Stripe's own library does not look; we do
HEADER_LENGTH_MAX = 4_096
SECONDS = re.compile(r"\d{1,10}", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SignatureRefused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """Nobody vouches for this body. The message says what is wrong with the header."""


def verify(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Accept a body that one of the secrets signed a short while ago.

    Several signatures and several secrets are how a secret is rotated. All are compared,
    each in constant time, so that the time taken tells nothing.
    """
    timestamp, signatures = _parsed(header)
    signed = timestamp.encode() + b"." + body
    expected = [new(s.encode(), signed, sha256).hexdigest().encode() for s in secrets]
    matches = [compare_digest(e, given) for e in expected for given in signatures]
    if not any(matches):
        raise SignatureRefused("no signature matches: check the endpoint's secret")
    age = now - (EPOCH + timedelta(seconds=int(timestamp)))
    if age > AGE_MAX:
        raise SignatureRefused(
            f"the signature is older than {AGE_MAX.seconds} s: sign anew"
        )
    if age < -AHEAD_MAX:
        raise SignatureRefused("the signature is from the future: check the clocks")


def _parsed(header: str) -> tuple[str, list[bytes]]:
    """Take `t=…,v1=…,v1=…` apart; other schemes are passed over."""
    if len(header) > HEADER_LENGTH_MAX:
        raise SignatureRefused("the signature header is too long")
    items = [item.strip().partition("=")[::2] for item in header.split(",")]
    timestamps = [value for name, value in items if name == "t"]
    signatures = [value.encode() for name, value in items if name == "v1"]
    if len(timestamps) != 1 or not SECONDS.fullmatch(timestamps[0]):
        raise SignatureRefused("the signature header needs one timestamp, t=<seconds>")
    if not signatures:
        raise SignatureRefused("the signature header needs a signature, v1=<hex>")
    return timestamps[0], signatures
