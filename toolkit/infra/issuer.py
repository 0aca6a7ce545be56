"""An issuer of access tokens for the embedded profile and for tests.

In production tokens come from the identity provider; the gateway knows only its keys.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from toolkit.core.ports import Clock

ALGORITHM = "EdDSA"
KID = "embedded"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs tokens with a key of its own."""

    name: str
    audience: str
    key: Ed25519PrivateKey
    clock: Clock

    def token(
        self, subject: str, roles: Sequence[str], valid_for: timedelta = timedelta(hours=1)
    ) -> str:
        """Say who somebody is and what they may do, for so long."""
        now_s = int(self.clock.now().timestamp())
        claims = {
            "iss": self.name,
            "aud": self.audience,
            "sub": subject,
            "roles": list(roles),
            "iat": now_s,
            "exp": now_s + int(valid_for.total_seconds()),
        }
        headers = {"kid": KID, "typ": "at+jwt"}
        return jwt.encode(claims, self.key, ALGORITHM, headers=headers)


def make_key(private: Path, public: Path) -> None:
    """Write a new key pair: ours alone in PEM, everybody's as a JSON Web Key Set."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    private.touch(mode=0o600)
    private.write_bytes(pem)
    shown: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(
        key.public_key(), as_dict=True
    )
    entry = shown | {"kid": KID, "alg": ALGORITHM, "use": "sig"}
    public.write_text(json.dumps({"keys": [entry]}, indent=1))


def read_key(private: Path) -> Ed25519PrivateKey:
    """Read the private key back. Raises ValueError when the file holds another kind."""
    key = load_pem_private_key(private.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{private} holds no Ed25519 key")  # noqa: TRY004 - a file's content
    return key
