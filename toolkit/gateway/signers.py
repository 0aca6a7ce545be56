"""Who may report what became of letters, and how a public key is read."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may report: SendGrid by its keys, Twilio by its token, at our address."""

    sendgrid: Sequence[ec.EllipticCurvePublicKey] = ()
    twilio_token: str | None = field(default=None, repr=False)
    public_url: str | None = None


NOBODY = Signers()


def read_key(text: str) -> ec.EllipticCurvePublicKey:
    """Read a public key as SendGrid shows it; ValueError says what is wrong with it."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, NotBase64Error) as error:
        raise ValueError(f"no public key in base64: {error}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("no key on an elliptic curve")  # noqa: TRY004 - of a setting
    return key
