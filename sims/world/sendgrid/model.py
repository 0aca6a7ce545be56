"""SendGrid as a stateful model: what it took, what became of it, and when it says so.

It takes everything that is well formed, and looks later: an address whose local part begins
with `bounce` does not exist, and after a bounce whatever is sent there is dropped. The feed
shows a message some time after it was taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from sims.world.faults import CALM, COMES_BACK, Dice, Faults
from sims.world.rest import Reply, through_faults
from sims.world.sendgrid.events import EventSealer, MailEvent
from sims.world.webhooks import Delivery, Webhooks

FEED_LAG = timedelta(seconds=45)
RESET_AFTER = timedelta(seconds=20)
DELIVERED_AFTER, BOUNCED_AFTER = timedelta(seconds=4), timedelta(seconds=30)
QUERY = re.compile(r"\(unique_args\['(\w+)'\]=\"([^\"]*)\"\)")
DOES_NOT_EXIST = "5.1.1"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that was taken."""

    id: str
    to: str
    sender: str
    subject: str
    text: str
    args: Mapping[str, str]
    taken_at: datetime


@dataclass(slots=True)
class SendGridModel:
    """All that one account sees of SendGrid."""

    now: Callable[[], datetime]
    seed: int = 7
    key: str = "SG.sandbox"
    faults: Faults = CALM
    webhook_latency_mean_s: float = 0.0
    has_feed: bool = True
    dice: Dice = field(init=False)
    sealer: EventSealer = field(init=False)
    webhooks: Webhooks[MailEvent] = field(init=False)
    mails: list[Mail] = field(default_factory=list)
    bounced: set[str] = field(default_factory=set)
    calls: int = 0

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed, self.faults)
        self.sealer = EventSealer(self.seed)
        self.webhooks = Webhooks(
            self.dice,
            Random(f"{self.seed}:sendgrid webhooks"),
            self.sealer,
            latency_mean_s=self.webhook_latency_mean_s,
        )

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply:
        """Answer one call. Raises NoAnswer where nothing comes back."""
        now = self.now()
        self.calls += 1
        reset_at = int((now + RESET_AFTER).timestamp())
        limit = {"x-ratelimit-limit": "600", "x-ratelimit-remaining": "0"}
        told = {**limit, "x-ratelimit-reset": str(reset_at)}
        slow_down = Reply(429, _errors("too many requests"), told)
        return through_faults(
            self.dice,
            now,
            slow_down,
            lambda: self._answer(method, path, params, authorization),
        )

    def shown(self) -> list[dict[str, Any]]:
        return [
            {
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
                "custom_args": dict(mail.args),
                "taken_at": mail.taken_at.isoformat(),
            }
            for mail in self.mails
        ]

    def due_webhooks(self) -> list[Delivery[MailEvent]]:
        return self.webhooks.due(self.now())

    def next_due_at(self) -> datetime | None:
        return self.webhooks.next_due_at()

    def webhook_delivered(self, delivery: Delivery[MailEvent]) -> None:
        self.webhooks.delivered(delivery)

    def webhook_failed(self, delivery: Delivery[MailEvent]) -> None:
        self.webhooks.failed(delivery, self.now())

    def _answer(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply:
        if authorization != f"Bearer {self.key}":
            return Reply(401, _errors("The provided authorization grant is invalid"))
        if (method, path) == ("POST", "/v3/mail/send"):
            return self._send(params)
        if (method, path) == ("GET", "/v3/messages"):
            return self._search(params)
        return Reply(404, _errors("not found"))

    def _send(self, params: Mapping[str, Any]) -> Reply:
        if problem := _problem(params):
            return Reply(400, _errors(*problem))
        to_each = params["personalizations"]
        for each in to_each:
            args = {**params.get("custom_args", {}), **each.get("custom_args", {})}
            number = len(self.mails) + 1
            mail = Mail(
                id=sha256(f"{self.seed}:{number}".encode()).hexdigest()[:22],
                to=each["to"][0]["email"],
                sender=params["from"]["email"],
                subject=each.get("subject") or params["subject"],
                text=params["content"][0]["value"],
                args=args,
                taken_at=self.now(),
            )
            self.mails.append(mail)
            self._tell_of(mail)
        return Reply(202, None, {"x-message-id": self.mails[-1].id})

    def _tell_of(self, mail: Mail) -> None:
        """Deliver it, or not, and say so when it is known."""
        if mail.to in self.bounced:
            self._say(mail, "dropped", timedelta(), reason="Bounced Address")
            return
        self._say(mail, "processed", timedelta())
        if mail.to.startswith("bounce") or self.dice.strikes(COMES_BACK):
            self.bounced.add(mail.to)
            said = f"550 {DOES_NOT_EXIST} <{mail.to}>: no such user"
            self._say(mail, "bounce", BOUNCED_AFTER, said, DOES_NOT_EXIST)
        else:
            self._say(mail, "delivered", DELIVERED_AFTER)

    def _say(
        self,
        mail: Mail,
        type: str,
        after: timedelta,
        reason: str | None = None,
        status: str | None = None,
    ) -> None:
        at = self.now() + after
        event = MailEvent(
            id=sha256(f"{mail.id}:{type}".encode()).hexdigest()[:22],
            type=type,
            email=mail.to,
            message_id=f"{mail.id}.sandbox.0",
            args=mail.args,
            created_at=at,
            reason=reason,
            status=status,
        )
        self.webhooks.send(event, at)

    def _search(self, params: Mapping[str, Any]) -> Reply:
        if not self.has_feed:
            return Reply(403, _errors("access forbidden"))
        asked = QUERY.fullmatch(str(params.get("query", "")))
        if asked is None:
            return Reply(400, _errors("invalid query", "query"))
        seen = [m for m in self.mails if m.taken_at + FEED_LAG <= self.now()]
        found = [m for m in seen if m.args.get(asked[1]) == asked[2]]
        limit = int(params.get("limit") or 10)
        shown = [
            {
                "from_email": mail.sender,
                "msg_id": mail.id,
                "subject": mail.subject,
                "to_email": mail.to,
                "status": "not_delivered" if mail.to in self.bounced else "delivered",
                "opens_count": 0,
                "clicks_count": 0,
                "last_event_time": mail.taken_at.isoformat(),
            }
            for mail in found[:limit]
        ]
        return Reply(200, {"messages": shown})


def _problem(params: Mapping[str, Any]) -> tuple[str, str] | None:
    """Name the first field that is not as SendGrid wants it."""
    to_each = params.get("personalizations")
    if not isinstance(to_each, list) or not 0 < len(to_each) <= 1_000:
        return "The personalizations field is required", "personalizations"
    for number, each in enumerate(to_each):
        to = each.get("to") or [{}]
        if "@" not in str(to[0].get("email")):
            where = f"personalizations.{number}.to.0.email"
            return "Does not contain a valid address.", where
    if "@" not in str((params.get("from") or {}).get("email")):
        return "The from email does not contain a valid address.", "from.email"
    if not params.get("subject"):
        return "The subject is required.", "subject"
    content = params.get("content") or [{}]
    if not content[0].get("value"):
        return "The content value must be a string at least one character.", "content"
    return None


def _errors(message: str, field: str | None = None) -> dict[str, Any]:
    return {"errors": [{"message": message, "field": field, "help": None}]}
