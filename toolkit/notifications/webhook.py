"""News to an endpoint of the reader's own, by Standard Webhooks 1.0.0: at least once.

The id of a message is the same at every try, so that its receiver drops what comes again.
Who they are and what they want is read anew before each try: over three days a person may
change their mind, their address or their secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from toolkit.core.errors import Declined, Unavailable
from toolkit.core.ports import Clock
from toolkit.messages.notifications import Channel, Preference, SendNotification
from toolkit.notifications.post import Delivered, Refused
from toolkit.notifications.signing import SecretMaker, signed_content
from toolkit.runtime.agenda import Attempt

# After which try the next one follows: about three days in all, as the standard suggests.
SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.1  # of each wait, so that a crowd spreads out
PARTS = 1 << 16
RETRY_AFTER_MAX = timedelta(days=1)
GONE = 410
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORDS = re.compile(r"[A-Z][a-z]+")

Wishes = Callable[[str, Channel], Awaitable[Preference | None]]


class Answer(Protocol):
    """What an endpoint said; header names are lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Endpoints(Protocol):
    """The way out to addresses that people named."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once. Unavailable is no answer, Declined an address that is not allowed."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookMessenger:
    """Posts each letter to its reader's endpoint, signed."""

    api: Endpoints
    clock: Clock
    secrets: SecretMaker
    wishes: Wishes

    async def send(self, letter: SendNotification, attempt: Attempt) -> Delivered | Refused:
        """Post once more, unless its reader has thought better of it."""
        wish = await self.wishes(letter.recipient_id, letter.channel)
        if wish is None or wish.address is None or not wish.is_enabled:
            return Refused(reason="its reader wants no webhooks any more")
        if wish.problem is not None:
            return Refused(reason=f"the endpoint is disabled: {wish.problem}")
        try:
            body = payload(letter, attempt.since)
            answer = await self._post(wish.address, wish, letter, body)
        except Declined as forbidden:
            return Refused(reason=str(forbidden), is_unreachable=True)
        except Unavailable as silence:
            return self._later(attempt, str(silence), timedelta())
        if 200 <= answer.status < 300:
            return Delivered()
        if answer.status == GONE:
            return Refused(reason="the endpoint answers 410", is_unreachable=True)
        reason = f"the endpoint answers {answer.status}"
        return self._later(attempt, reason, _told_to_wait(answer))

    async def _post(
        self, url: str, wish: Preference, letter: SendNotification, body: bytes
    ) -> Answer:
        assert wish.signing is not None, "an endpoint has a secret from the beginning"
        now = self.clock.now()
        timestamp = (now - EPOCH) // timedelta(seconds=1)
        content = signed_content(letter.notification_id, timestamp, body)
        headers = {
            "content-type": "application/json",
            "webhook-id": letter.notification_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self.secrets.signatures(
                letter.recipient_id, wish.signing, content, now
            ),
        }
        return await self.api.post(url, headers, body)

    def _later(self, attempt: Attempt, reason: str, at_least: timedelta) -> Refused:
        """Wait for the next step of the schedule; after the last one, give up."""
        if attempt.number >= len(SCHEDULE):
            return Refused(reason=f"given up: {reason}", is_unreachable=True)
        chance = (attempt.key.int >> attempt.number) % PARTS / PARTS
        wait = SCHEDULE[attempt.number] * (1 + JITTER * chance)
        raise Unavailable(reason, max(wait, at_least))


def payload(letter: SendNotification, since: datetime) -> bytes:
    """Write the event down, in equal bytes at every try; values are as people read them."""
    told = {
        "type": event_type(letter.template),
        "timestamp": since.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z",
        "data": {
            **{value.name: value.text for value in letter.values},
            "notification_id": letter.notification_id,
            "event_id": letter.cause,
            "recipient_id": letter.recipient_id,
            "audience": letter.audience.value,
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()


def event_type(template: str) -> str:
    """Name an event as receivers filter by: `escrow.funds.held`."""
    return ".".join(WORDS.findall(template)).lower()


def _told_to_wait(answer: Answer) -> timedelta:
    told: Any = answer.headers.get("retry-after", "")
    if not told.isdecimal() or len(told) > 9:
        return timedelta()
    return min(timedelta(seconds=int(told)), RETRY_AFTER_MAX)
