"""Letters by SMS, through Twilio's API, which lists at once what it has taken.

Twilio knows no idempotency key. Each message ends in a reference: after a silence those to
the same number are read, newest first, and only what is not among them is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from toolkit.core.errors import Unavailable
from toolkit.messages.notifications import SendNotification
from toolkit.notifications.post import Delivered, Refused
from toolkit.notifications.provider import Line, Reply, may_be_there, sentence
from toolkit.notifications.rendering import Templates
from toolkit.runtime.agenda import Attempt

BODY_LENGTH_MAX = 459  # three segments of the GSM alphabet
REFERENCE_LENGTH = 12
SKEW = timedelta(minutes=5)  # of our clock and Twilio's
PAGE = 100
VALID_FOR_S = 14_400  # longer than this nobody waits for an SMS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No message to this number will ever arrive: none of the kind, or its owner said STOP.
UNREACHABLE = frozenset({21_211, 21_214, 21_217, 21_610, 21_614})


@dataclass(frozen=True, slots=True)
class SmsMessenger:
    """Sends letters from one number of ours; Twilio reports to `reports_to`."""

    line: Line
    templates: Templates
    account: str
    sender: str
    reports_to: str | None = None

    async def send(self, letter: SendNotification, attempt: Attempt) -> Delivered | Refused:
        """Deliver once, however often it is tried."""
        if may_be_there(attempt) and await self._is_there(letter, attempt.since - SKEW):
            return Delivered()
        reply = await self.line.ask("POST", self._path, self._form(letter))
        if 200 <= reply.status < 300:
            return Delivered()
        is_unreachable = _code(reply) in UNREACHABLE
        reason = f"Twilio answers {sentence(reply)}"
        return Refused(reason=reason, is_unreachable=is_unreachable)

    @property
    def _path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account}/Messages.json"

    def _form(self, letter: SendNotification) -> dict[str, Any]:
        form = {
            "To": letter.address,
            "From": self.sender,
            "Body": text(self.templates, letter),
            "ValidityPeriod": VALID_FOR_S,
        }
        if self.reports_to is not None:
            form["StatusCallback"] = report_address(self.reports_to, letter)
        return form

    async def _is_there(self, letter: SendNotification, since: datetime) -> bool:
        """Read what went to this number since then.

        By number alone: what is still queued has no DateSent to be found by.
        """
        params: dict[str, Any] = {"To": letter.address, "PageSize": PAGE}
        while True:
            reply = await self.line.ask("GET", self._path, params)
            if reply.status != 200 or not isinstance(reply.body, Mapping):
                raise Unavailable(f"Twilio's list answers {reply.status}")
            found = reply.body.get("messages") or []
            if any(str(m.get("body")).endswith(reference(letter)) for m in found):
                return True
            following = reply.body.get("next_page_uri")
            if not following or any(_created_at(m) < since for m in found):
                return False
            params = dict(parse_qsl(urlsplit(str(following)).query))


def text(templates: Templates, letter: SendNotification) -> str:
    """Write a letter out, with its reference at the end."""
    words = templates.render(letter.template, letter.audience, letter.values)
    end = f" {reference(letter)}"
    return " ".join(words.split())[: BODY_LENGTH_MAX - len(end)] + end


def reference(letter: SendNotification) -> str:
    return f"ref {letter.notification_id.replace('-', '')[:REFERENCE_LENGTH]}"


def report_address(base: str, letter: SendNotification) -> str:
    """Say where Twilio reports: the address names the letter, and is signed as well."""
    named = {
        "notification_id": letter.notification_id,
        "recipient_id": letter.recipient_id,
        "template": letter.template,
        "cause": letter.cause,
    }
    return f"{base}?{urlencode(named)}"


def _code(reply: Reply) -> int:
    code = reply.body.get("code") if isinstance(reply.body, Mapping) else None
    return code if isinstance(code, int) else 0


def _created_at(message: Mapping[str, Any]) -> datetime:
    """Read a date as RFC 2822 writes it; one that cannot be read is taken as old."""
    try:
        return parsedate_to_datetime(str(message.get("date_created")))
    except ValueError:
        return EPOCH
