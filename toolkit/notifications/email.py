"""Letters by e-mail, through SendGrid's v3 API, which takes a message and looks later.

SendGrid answers 202 and knows no idempotency key. Each message carries its notification's
id as a custom argument: after a silence the activity feed is searched for it, and only what
is not there is sent again. The feed lags behind, so the search waits as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from toolkit.core.errors import Unavailable, Unreached
from toolkit.messages.notifications import SendNotification
from toolkit.notifications.post import Delivered, Refused
from toolkit.notifications.provider import Line, may_be_there, sentence
from toolkit.notifications.rendering import Templates
from toolkit.runtime.agenda import Attempt

SEND, FEED = "/v3/mail/send", "/v3/messages"
FEED_LAG = timedelta(minutes=2)  # users report up to a minute
CLOSED = frozenset({401, 403, 404})  # the feed is an add-on, which not every key may read
SUBJECT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class EmailMessenger:
    """Sends letters from one address of ours."""

    line: Line
    templates: Templates
    sender: str

    async def send(self, letter: SendNotification, attempt: Attempt) -> Delivered | Refused:
        """Deliver once, as far as the feed can tell."""
        if may_be_there(attempt) and await self._is_there(letter):
            return Delivered()
        body = mail(self.templates, letter, self.sender)
        try:
            reply = await self.line.ask("POST", SEND, body)
        except Unreached:
            raise
        except Unavailable as silence:
            wait = max(silence.retry_after, FEED_LAG)
            raise Unavailable(str(silence), wait) from None
        if 200 <= reply.status < 300:
            return Delivered()
        return Refused(reason=f"SendGrid answers {sentence(reply)}")

    async def _is_there(self, letter: SendNotification) -> bool:
        """Search the feed. Where it may not be read, nothing is known to be there."""
        query = f"(unique_args['notification_id']=\"{letter.notification_id}\")"
        reply = await self.line.ask("GET", FEED, {"query": query, "limit": 1})
        if reply.status in CLOSED:
            return False
        if reply.status != 200 or not isinstance(reply.body, Mapping):
            raise Unavailable(f"SendGrid's feed answers {reply.status}", FEED_LAG)
        return bool(reply.body.get("messages"))


def mail(templates: Templates, letter: SendNotification, sender: str) -> dict[str, Any]:
    """Write a letter out as plain text: its first line is the subject."""
    text = templates.render(letter.template, letter.audience, letter.values)
    subject, _, rest = text.partition("\n")
    reference = letter.notification_id.replace("-", "")[:12]
    return {
        "personalizations": [
            {
                "to": [{"email": letter.address}],
                "custom_args": {
                    "notification_id": letter.notification_id,
                    "recipient_id": letter.recipient_id,
                    "template": letter.template,
                    "cause": letter.cause,
                },
            }
        ],
        "from": {"email": sender},
        "subject": subject[:SUBJECT_LENGTH_MAX],
        "content": [{"type": "text/plain", "value": f"{rest.strip()}\n\nref {reference}"}],
        # Links of ours are not to be rewritten, and nobody counts who opens a letter.
        "tracking_settings": {
            "click_tracking": {"enable": False},
            "open_tracking": {"enable": False},
        },
    }
