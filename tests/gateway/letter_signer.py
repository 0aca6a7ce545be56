"""Whoever signs SendGrid's and Twilio's reports in these tests, and what they look like."""

import hmac
import json
from base64 import b64encode
from hashlib import sha1
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from toolkit.notifications.signing import SecretMaker

MAKER = SecretMaker(bytes(range(32)))
MAIL_KEY = ec.derive_private_key(11, ec.SECP256R1())
STRANGER = ec.derive_private_key(12, ec.SECP256R1())
# The same bytes give the same signature, so that pages do not change by themselves.
SCHEME = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
TWILIO_TOKEN, PUBLIC_URL = "twilio_token", "https://escrow.example"
LETTER = {
    "notification_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "recipient_id": "ada",
    "template": "EscrowFundsHeld",
    "cause": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
}
BOUNCE = {
    "email": "ada@example.org",
    "event": "bounce",
    "type": "bounce",
    "status": "5.1.1",
    "reason": "550 5.1.1 <ada@example.org>: no such user",
    "sg_event_id": "bounce-0",
    **LETTER,
}
FORM = {
    "MessageSid": "SM" + "0" * 32,
    "MessageStatus": "undelivered",
    "ErrorCode": "30005",
    "To": "+15552340100",
}
TWILIO_PATH = f"/api/webhooks/twilio?{urlencode(LETTER)}"


def mail_signed(body, at, key=MAIL_KEY):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(at.timestamp()))
    signature = key.sign(timestamp.encode() + raw, SCHEME)
    return {
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }


def form_signed(form, path=TWILIO_PATH, token=TWILIO_TOKEN):
    signed = PUBLIC_URL + path + "".join(k + v for k, v in sorted(form.items()))
    digest = hmac.new(token.encode(), signed.encode(), sha1).digest()
    return {
        "X-Twilio-Signature": b64encode(digest).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
