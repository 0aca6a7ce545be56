"""The entity secret: each mutation brings it anew, encrypted for the custodian alone."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64Error
from dataclasses import dataclass, field
from hmac import compare_digest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sims.world.custodian.errors import CustodianError, invalid
from sims.world.custodian.params import Params

KEY_BITS = 2048
PADDING = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
FIELD = "entitySecretCiphertext"


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)


@dataclass(slots=True)
class Entity:
    """One customer of the custodian, known by a secret of 32 bytes."""

    secret: bytes
    key: rsa.RSAPrivateKey = field(default_factory=_key)
    seen: set[str] = field(default_factory=set)

    def public_key(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def check(self, params: Params) -> None:
        """Refuse whoever does not know the secret, or repeats a ciphertext."""
        ciphertext = params.get(FIELD)
        if not ciphertext or not isinstance(ciphertext, str):
            raise invalid(f"'{FIELD}' is required")
        if ciphertext in self.seen:
            raise CustodianError(
                400, 2, "Reusing an entity secret ciphertext is not allowed."
            )
        try:
            opened = self.key.decrypt(b64decode(ciphertext, validate=True), PADDING)
        except (ValueError, NotBase64Error):
            opened = b""
        if not compare_digest(opened, self.secret):
            raise CustodianError(400, 2, "The provided entity secret is invalid.")
        self.seen.add(ciphertext)
