"""Twilio's status callbacks: a form, signed with the token and the full address."""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from urllib.parse import parse_qsl, urlencode

SIGNATURE = "x-twilio-signature"


@dataclass(slots=True)
class StatusEvent:
    """A message changed its status; `url` is where its sender wants to hear of it."""

    id: str
    type: str
    url: str
    sid: str
    account: str
    to: str
    sender: str
    created_at: datetime
    error_code: int | None = None
    pending_webhooks: int = 0


@dataclass(slots=True)
class CallbackSealer:
    """Writes callbacks, and signs them."""

    token: str
    is_ready: bool = True
    url: str = ""  # of the callback that was written last, which its signature covers

    def payload(self, event: StatusEvent) -> bytes:
        self.url = event.url
        form = {
            "AccountSid": event.account,
            "ApiVersion": "2010-04-01",
            "From": event.sender,
            "MessageSid": event.sid,
            "MessageStatus": event.type,
            "SmsSid": event.sid,
            "SmsStatus": event.type,
            "To": event.to,
        }
        if event.error_code is not None:
            form["ErrorCode"] = str(event.error_code)
        return urlencode(form).encode()

    def headers(self, payload: bytes, signed_at: datetime) -> dict[str, str]:
        del signed_at  # Twilio signs no time
        return {
            SIGNATURE: sign(self.token, self.url, payload),
            "content-type": "application/x-www-form-urlencoded",
        }


def sign(token: str, url: str, payload: bytes) -> str:
    """Sign the address, followed by each parameter and its value in their order."""
    given = sorted(parse_qsl(payload.decode(), keep_blank_values=True))
    signed = url + "".join(name + value for name, value in given)
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()
