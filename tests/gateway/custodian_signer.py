"""Whoever signs the custodian's notifications in these tests, and where keys are found."""

import json
from base64 import b64encode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from toolkit.core.errors import Declined, Unavailable

KEY_ID = "2f7d1c3a-8b54-4e9f-9a07-6c1e5d3b2a40"
OTHER_ID = "11111111-2222-4333-8444-555555555555"
KEY = ec.derive_private_key(7, ec.SECP256R1())
STRANGER = ec.derive_private_key(8, ec.SECP256R1())
# The same bytes give the same signature, so that pages do not change by themselves.
SCHEME = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


def notification(told_at, id="6f1a6f8e-0a3d-4b57-9a55-0d4f4e6f3b11", **other):
    return {
        "subscriptionId": "7a1c9d3e-52b4-4f0a-9c61-0d8e3b7f2a45",
        "notificationId": id,
        "notificationType": "transactions.inbound",
        "notification": {
            "id": "c4d1da72-111e-4d52-bdbf-2e74a2d803d5",
            "state": "COMPLETE",
        },
        "timestamp": f"{told_at:%Y-%m-%dT%H:%M:%S}.123456789Z",
        "version": 2,
        **other,
    }


def signed(body, key=KEY, key_id=KEY_ID):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "X-Circle-Signature": b64encode(key.sign(raw, SCHEME)).decode(),
        "X-Circle-Key-Id": key_id,
    }


def public(key):
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(der).decode()


class Lookup:
    """The custodian's answer to a question for a key; every one is counted."""

    def __init__(self):
        self.keys = {KEY_ID: public(KEY)}
        self.asked = []
        self.is_down = False

    async def __call__(self, id):
        self.asked.append(id)
        if self.is_down:
            raise Unavailable("no answer")
        if id not in self.keys:
            raise Declined("no such key")
        return self.keys[id]
