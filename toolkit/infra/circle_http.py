"""Circle over HTTPS: credentials, the sealed entity secret, and what its errors mean.

Retries are ours alone, with the keys we chose.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from toolkit.core.errors import Declined, Unavailable
from toolkit.infra.circle import Circle

URL = "https://api.circle.com"
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
SERVER_ERROR, CLIENT_ERROR = 500, 400
# They say nothing of the payment: our key is wrong, a key is in use, or we ask too often.
NO_ANSWER = frozenset({401, 403, 408, 409, 425, 429})
ENTITY_KEY = "v1/w3s/config/entity/publicKey"
SECRET_BYTES = 32
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@dataclass(slots=True)
class HttpSend:
    """Carries calls to Circle. Every change brings the entity secret, sealed anew."""

    client: httpx.AsyncClient
    secret: bytes
    entity_key: RSAPublicKey | None = None

    async def __call__(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        if method == "GET":
            return await self._ask(self.client.build_request("GET", path, params=params))
        body = {**params, "entitySecretCiphertext": await self._sealed()}
        return await self._ask(self.client.build_request("POST", path, json=body))

    async def _sealed(self) -> str:
        """Encrypt the secret for Circle; it refuses a ciphertext that it has seen."""
        if self.entity_key is None:
            found = await self._ask(self.client.build_request("GET", ENTITY_KEY))
            key = load_pem_public_key(str(found["publicKey"]).encode())
            if not isinstance(key, RSAPublicKey):
                raise Unavailable("Circle's key for the entity secret is no RSA key")
            self.entity_key = key
        return b64encode(self.entity_key.encrypt(self.secret, OAEP)).decode()

    async def _ask(self, request: httpx.Request) -> Any:
        try:
            answer = await self.client.send(request)
        except httpx.HTTPError as silence:
            raise Unavailable(f"Circle: {type(silence).__name__}: {silence}") from silence
        said = _json(answer)
        if answer.status_code >= SERVER_ERROR or answer.status_code in NO_ANSWER:
            raise Unavailable(f"Circle: {answer.status_code}: {said.get('message')}")
        if answer.status_code >= CLIENT_ERROR:
            raise Declined(f"{said.get('code')}: {said.get('message')}")
        if "data" not in said:
            raise Unavailable(f"Circle: {answer.status_code} without data")
        return said["data"]


@asynccontextmanager
async def connect(
    api_key: str, entity_secret: str, url: str | None = None
) -> AsyncIterator[Circle]:
    """Open a client; `url` points it at a sandbox instead of Circle's own address.

    Raises ValueError for an entity secret that is not 64 hexadecimal digits.
    """
    headers = {"Authorization": f"Bearer {api_key}"}
    secret = secret_bytes(entity_secret)
    async with httpx.AsyncClient(
        base_url=url or URL, headers=headers, timeout=TIMEOUT
    ) as client:
        yield Circle(HttpSend(client, secret))


def secret_bytes(entity_secret: str) -> bytes:
    """Read the secret that Circle knows us by: 32 bytes, in hexadecimal digits."""
    try:
        secret = bytes.fromhex(entity_secret)
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise ValueError("the entity secret must be 64 hexadecimal digits")
    return secret


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    """Read the answer; a gateway in between may speak HTML."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {}
