"""Discord's direct messages as a stateful model: who was told what, and how often.

Some users are magic: the last four digits of their id say how they refuse, as in
`REFUSING`; and a control can make any user refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sims.world.discord.limiter import Limit, Limiter, Window
from sims.world.faults import CALM, CallFault, Dice, Faults

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
BOT_ID = "200000000000000001"
NONCE_WINDOW = timedelta(minutes=3)
SHARED_WAIT = timedelta(seconds=2)
CONTENT_LENGTH_MAX, NONCE_LENGTH_MAX, PAGE_MAX = 2_000, 25, 100
REFUSING = {"0013": 10_013, "0033": 50_033, "0007": 50_007, "0278": 50_278}
WHEN_OPENED = {10_013: 404, 50_033: 400, 40_003: 400}  # code and status; others when told
SENTENCES = {
    10_003: "Unknown Channel",
    10_013: "Unknown User",
    40_003: "You are opening direct messages too fast",
    50_007: "Cannot send messages to this user",
    50_033: "Invalid Recipient(s)",
    50_035: "Invalid Form Body",
    50_278: "Cannot send messages to this user due to having no mutual guilds",
}
OPEN = Limit("open-dm", 10, timedelta(seconds=5))
POST = Limit("post-message", 5, timedelta(seconds=5))
READ = Limit("read-messages", 5, timedelta(seconds=5))
MESSAGES = re.compile(r"/channels/(\d+)/messages")
PING = re.compile(r"(?<!\\)@(everyone|here)|(?<!\\)<@[!&]?\d+>")


class NoAnswer(Exception):  # noqa: N818 - says what happened
    """No answer came. Whether the call was done, the caller cannot know."""


@dataclass(frozen=True, slots=True)
class Response:
    """What comes back of a call; a body that is text is no JSON."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the bot; `pings` is whom it would have called by name."""

    id: str
    channel_id: str
    recipient_id: str
    content: str
    nonce: str | None
    sent_at: datetime
    pings: tuple[str, ...]

    def shown(self, nonce: str | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": self.id,
            "channel_id": self.channel_id,
            "author": {"id": BOT_ID, "bot": True},
            "content": self.content,
            "timestamp": self.sent_at.isoformat(),
        }
        return shown | ({"nonce": nonce} if nonce else {})


class _RefusalError(Exception):
    def __init__(self, status: int, code: int) -> None:
        super().__init__(SENTENCES[code])
        self.status, self.code = status, code


@dataclass(slots=True)
class DiscordModel:
    """All that one bot sees of Discord."""

    now: Callable[[], datetime]
    seed: int = 7
    token: str = "sandbox"  # noqa: S105 - of a sandbox
    faults: Faults = CALM
    limiter: Limiter = field(default_factory=Limiter)
    dice: Dice = field(init=False)
    channels: dict[str, str] = field(default_factory=dict)  # by user
    users: dict[str, str] = field(default_factory=dict)  # by channel
    messages: dict[str, list[Message]] = field(default_factory=dict)  # by channel
    nonces: dict[str, Message] = field(default_factory=dict)
    refusing: dict[str, int] = field(default_factory=dict)  # by user
    serial: int = 0
    calls: int = 0
    opened: int = 0

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed, self.faults)

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Response:
        """Answer one call. Raises NoAnswer where nothing comes back."""
        now = self.now()
        self.calls += 1
        fault = self.dice.call_fault()
        if fault is CallFault.LOST:
            raise NoAnswer("the call was lost")
        if self.limiter.is_banned(now):
            return Response(429, "<html>error 1015</html>", {"retry-after": "3600"})
        if fault is CallFault.FAILED_BEFORE or self.dice.is_out(now):
            return Response(502, "<html>bad gateway</html>", {})
        if fault is CallFault.RATE_LIMITED:
            return _slow_down(SHARED_WAIT, "shared", {"x-ratelimit-bucket": "shared"})
        response = self._limited(method, path, params, authorization, now)
        self.limiter.note(response.status, now)
        if fault is CallFault.TIMED_OUT_AFTER:
            raise NoAnswer("no answer came in time")
        if fault is CallFault.FAILED_AFTER:
            return Response(502, "<html>bad gateway</html>", {})
        return response

    def sent(self) -> list[Message]:
        """All messages in the order of their ids."""
        every = (message for found in self.messages.values() for message in found)
        return sorted(every, key=lambda message: int(message.id))

    def delete_channel(self, channel_id: str) -> None:
        """Forget a conversation, as if Discord had."""
        del self.channels[self.users.pop(channel_id)]

    def _limited(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        authorization: str,
        now: datetime,
    ) -> Response:
        if authorization != f"Bot {self.token}":
            return _failure(401, 0, "401: Unauthorized", {})
        if wait := self.limiter.global_wait(now):
            return _slow_down(wait, "global", {})
        limit, resource, answer = self._route(method, path)
        if limit is None:
            return _failure(404, 0, "404: Not Found", {})
        passes, window = self.limiter.take(limit, resource, now)
        headers = _headers(limit, window, now)
        if not passes:
            return _slow_down(window.reset_at - now, "user", headers)
        try:
            return Response(200, answer(params), headers)
        except _RefusalError as no:
            return _failure(no.status, no.code, str(no), headers)

    def _route(
        self, method: str, path: str
    ) -> tuple[Limit | None, str, Callable[[Mapping[str, Any]], Any]]:
        if (method, path) == ("POST", "/users/@me/channels"):
            return OPEN, "", self._open
        found = MESSAGES.fullmatch(path)
        if found and method == "POST":
            return POST, found[1], lambda params: self._post(found[1], params)
        if found and method == "GET":
            return READ, found[1], lambda params: self._read(found[1], params)
        return None, "", lambda _: None

    def _open(self, params: Mapping[str, Any]) -> dict[str, Any]:
        user = str(params.get("recipient_id") or "")
        if not user.isdecimal():
            raise _RefusalError(400, 50_035)
        code = self._refuses(user)
        if code in WHEN_OPENED:
            raise _RefusalError(WHEN_OPENED[code], code)
        if user not in self.channels:
            self.opened += 1
            channel = self._next_id()
            self.channels[user], self.users[channel] = channel, user
            self.messages.setdefault(channel, [])
        return {"id": self.channels[user], "type": 1, "recipients": [{"id": user}]}

    def _post(self, channel: str, params: Mapping[str, Any]) -> dict[str, Any]:
        user = self._user_of(channel)
        content, nonce = params.get("content"), params.get("nonce")
        if not isinstance(content, str) or not 0 < len(content) <= CONTENT_LENGTH_MAX:
            raise _RefusalError(400, 50_035)
        if nonce is not None and len(str(nonce)) > NONCE_LENGTH_MAX:
            raise _RefusalError(400, 50_035)
        code = self._refuses(user)
        if code and code not in WHEN_OPENED:
            raise _RefusalError(403, code)
        known = self.nonces.get(str(nonce)) if params.get("enforce_nonce") else None
        if known and self.now() - known.sent_at <= NONCE_WINDOW:
            return known.shown(nonce)
        muted = params.get("allowed_mentions") == {"parse": []}
        message = Message(
            id=self._next_id(),
            channel_id=channel,
            recipient_id=user,
            content=content,
            nonce=nonce,
            sent_at=self.now(),
            pings=() if muted else tuple(m[0] for m in PING.finditer(content)),
        )
        self.messages[channel].append(message)
        if nonce is not None:
            self.nonces[str(nonce)] = message
        return message.shown(nonce)

    def _read(self, channel: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._user_of(channel)
        after, limit = int(params.get("after") or 0), int(params.get("limit") or 50)
        later = [m for m in self.messages[channel] if int(m.id) > after]
        page = later[: min(limit, PAGE_MAX)] if after else later[-limit:]
        return [message.shown() for message in reversed(page)]

    def _user_of(self, channel: str) -> str:
        if channel not in self.users:
            raise _RefusalError(404, 10_003)
        return self.users[channel]

    def _refuses(self, user: str) -> int:
        return self.refusing.get(user) or REFUSING.get(user[-4:], 0)

    def _next_id(self) -> str:
        self.serial += 1
        milliseconds = (self.now() - EPOCH) // timedelta(milliseconds=1)
        return str(milliseconds << 22 | self.serial % (1 << 22))


def _headers(limit: Limit, window: Window, now: datetime) -> dict[str, str]:
    left_s = (window.reset_at - now).total_seconds()
    return {
        "x-ratelimit-limit": str(limit.calls),
        "x-ratelimit-remaining": str(window.remaining),
        "x-ratelimit-reset": f"{window.reset_at.timestamp():.3f}",
        "x-ratelimit-reset-after": f"{left_s:.3f}",
        "x-ratelimit-bucket": limit.name,
    }


def _slow_down(wait: timedelta, scope: str, headers: Mapping[str, str]) -> Response:
    seconds = wait.total_seconds()
    told = {"retry-after": f"{seconds:.3f}", "x-ratelimit-scope": scope}
    if scope == "global":
        told["x-ratelimit-global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": scope == "global",
    }
    return Response(429, body, {**headers, **told})


def _failure(status: int, code: int, message: str, headers: Mapping[str, str]) -> Response:
    return Response(status, {"code": code, "message": message}, dict(headers))
