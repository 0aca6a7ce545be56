"""Twilio's messages as a stateful model: who was sent what, and what became of it.

Some numbers are magic, as Twilio's own test numbers are: those ending in 0001 are none,
in 0010 their owner said STOP, and what goes to 0030 is taken and never arrives.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from typing import Any
from urllib.parse import urlencode

from sims.world.faults import CALM, COMES_BACK, Dice, Faults
from sims.world.rest import Reply, through_faults
from sims.world.twilio.callbacks import CallbackSealer, StatusEvent
from sims.world.webhooks import Delivery, Webhooks

NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
REFUSED = {"0001": 21_211, "0010": 21_610}
NEVER_ARRIVES = {"0030": 30_003, "0005": 30_005}
UNDELIVERED = 30_003
SENTENCES = {
    20_003: "Authenticate",
    20_404: "The requested resource was not found",
    20_429: "Too Many Requests",
    21_211: "The 'To' number is not a valid phone number.",
    21_602: "Message body is required.",
    21_610: "Attempt to send to unsubscribed recipient",
    21_617: "The concatenated message body exceeds the 1600 character limit.",
}
BODY_LENGTH_MAX, PAGE_MAX = 1_600, 1_000
SENT_AFTER, ENDED_AFTER = timedelta(seconds=1), timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Sms:
    """One message that was taken; `end` is what becomes of it."""

    sid: str
    to: str
    sender: str
    body: str
    taken_at: datetime
    end: str
    error_code: int | None

    def status(self, now: datetime) -> str:
        if now >= self.taken_at + ENDED_AFTER:
            return self.end
        return "sent" if now >= self.taken_at + SENT_AFTER else "queued"


@dataclass(slots=True)
class TwilioModel:
    """All that one account sees of Twilio."""

    now: Callable[[], datetime]
    seed: int = 7
    account: str = "AC" + "5a" * 16
    token: str = "sandbox"  # noqa: S105 - of a sandbox
    faults: Faults = CALM
    webhook_latency_mean_s: float = 0.0
    dice: Dice = field(init=False)
    webhooks: Webhooks[StatusEvent] = field(init=False)
    messages: list[Sms] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed, self.faults)
        self.webhooks = Webhooks(
            self.dice,
            Random(f"{self.seed}:twilio callbacks"),
            CallbackSealer(self.token),
            latency_mean_s=self.webhook_latency_mean_s,
        )

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account}/Messages.json"

    @property
    def authorization(self) -> str:
        pair = f"{self.account}:{self.token}".encode()
        return f"Basic {b64encode(pair).decode()}"

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply:
        """Answer one call. Raises NoAnswer where nothing comes back."""
        self.calls += 1
        return through_faults(
            self.dice,
            self.now(),
            _failure(429, 20_429),
            lambda: self._answer(method, path, params, authorization),
        )

    def shown(self) -> list[dict[str, Any]]:
        return [self._resource(sms) for sms in self.messages]

    def due_webhooks(self) -> list[Delivery[StatusEvent]]:
        return self.webhooks.due(self.now())

    def next_due_at(self) -> datetime | None:
        return self.webhooks.next_due_at()

    def webhook_delivered(self, delivery: Delivery[StatusEvent]) -> None:
        self.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[StatusEvent]) -> None:
        """Give up: unless it is told otherwise, Twilio tells a status once."""
        self.webhooks.tally["given_up"] += 1
        delivery.event.pending_webhooks = 0

    def _answer(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply:
        if authorization != self.authorization:
            return _failure(401, 20_003)
        if path != self.path:
            return _failure(404, 20_404)
        return self._send(params) if method == "POST" else self._list(params)

    def _send(self, params: Mapping[str, Any]) -> Reply:
        to, body = str(params.get("To", "")), str(params.get("Body", ""))
        code = REFUSED.get(to[-4:]) if NUMBER.fullmatch(to) else 21_211
        if code is None and not body:
            code = 21_602
        if code is None and len(body) > BODY_LENGTH_MAX:
            code = 21_617
        if code is not None:
            return _failure(400, code)
        sms = self._taken(to, str(params.get("From", "")), body)
        if callback := params.get("StatusCallback"):
            self._tell_of(sms, str(callback))
        return Reply(201, self._resource(sms))

    def _taken(self, to: str, sender: str, body: str) -> Sms:
        error_code = NEVER_ARRIVES.get(to[-4:])
        if error_code is None and self.dice.strikes(COMES_BACK):
            error_code = UNDELIVERED
        serial = f"{self.seed}:{len(self.messages)}"
        sms = Sms(
            sid=f"SM{sha256(serial.encode()).hexdigest()[:32]}",
            to=to,
            sender=sender,
            body=body,
            taken_at=self.now(),
            end="undelivered" if error_code else "delivered",
            error_code=error_code,
        )
        self.messages.append(sms)
        return sms

    def _tell_of(self, sms: Sms, url: str) -> None:
        for status, after in (("sent", SENT_AFTER), (sms.end, ENDED_AFTER)):
            at = sms.taken_at + after
            event = StatusEvent(
                id=f"{sms.sid}:{status}",
                type=status,
                url=url,
                sid=sms.sid,
                account=self.account,
                to=sms.to,
                sender=sms.sender,
                created_at=at,
                error_code=sms.error_code if status == sms.end else None,
            )
            self.webhooks.send(event, at)

    def _list(self, params: Mapping[str, Any]) -> Reply:
        """Show the newest first, page by page."""
        to, page = params.get("To"), int(params.get("Page") or 0)
        size = min(int(params.get("PageSize") or 50), PAGE_MAX)
        found = [m for m in reversed(self.messages) if to is None or m.to == to]
        shown = found[page * size : (page + 1) * size]
        has_more = len(found) > (page + 1) * size
        query = {"To": to or "", "PageSize": size, "Page": page + 1}
        following = f"{self.path}?{urlencode(query)}" if has_more else None
        body = {
            "messages": [self._resource(m) for m in shown],
            "page": page,
            "page_size": size,
            "next_page_uri": following,
        }
        return Reply(200, body)

    def _resource(self, sms: Sms) -> dict[str, Any]:
        now = self.now()
        status = sms.status(now)
        is_ended = status == sms.end
        return {
            "sid": sms.sid,
            "account_sid": self.account,
            "to": sms.to,
            "from": sms.sender,
            "body": sms.body,
            "status": status,
            "direction": "outbound-api",
            "num_segments": str(len(sms.body) // 153 + 1),
            "date_created": format_datetime(sms.taken_at),
            "date_sent": None if status == "queued" else format_datetime(sms.taken_at),
            "error_code": sms.error_code if is_ended else None,
            "error_message": None,
            "price": None,
            "uri": f"{self.path[: -len('.json')]}/{sms.sid}.json",
        }


def _failure(status: int, code: int) -> Reply:
    return Reply(status, {"code": code, "message": SENTENCES[code], "status": status})
