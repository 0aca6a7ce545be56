"""Direct messages on Discord, over REST alone: a channel is opened, and spoken in once.

Discord drops a message whose nonce it has seen in the last few minutes, so a try whose
outcome is unknown is repeated with the same nonce. Later than that nobody would notice a
second one; then the conversation is read first. A nonce is not kept with the message, so
each ends in a line with its reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Clock
from toolkit.messages.notifications import SendNotification
from toolkit.notifications.limits import Limits, Route
from toolkit.notifications.post import Delivered, Refused
from toolkit.notifications.rendering import Templates
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)  # where Discord's ids begin to count
ID_SHIFT = 22
NONCE_LENGTH = 25  # the most that Discord takes
NONCE_TRUSTED_FOR = timedelta(minutes=1)  # "a few minutes", says Discord
PATIENCE = timedelta(seconds=45)  # for waits within one try; its lease lasts longer
SKEW = timedelta(minutes=5)  # of our clock and Discord's
PAGE = 100
SUPPRESS_EMBEDS = 1 << 2
CONTENT_LENGTH_MAX = 2_000

NO_SUCH_CHANNEL = 10_003
# No message to this person will ever arrive: unknown, closed to us, no server in common.
UNREACHABLE = frozenset({10_013, 50_007, 50_033, 50_278})
# It is we who have to slow down, or Discord that has closed something for a while.
TOO_FAST = frozenset({40_003, 40_004, 40_006, 20_016, 20_028})
SLOW_DOWN = timedelta(minutes=10)


class Reply(Protocol):
    """What came back of a call; header names are lower case, the body is parsed JSON."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> Any: ...


class Discord(Protocol):
    """Discord's REST API. Raises Unavailable when nothing comes back."""

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Reply:
        """Make one call: `params` are the JSON body, or of a GET its query."""
        ...


@dataclass(frozen=True, slots=True)
class DiscordMessenger:
    """Sends letters as direct messages, within Discord's limits."""

    api: Discord
    clock: Clock
    templates: Templates
    breaker: Breaker
    limits: Limits = field(default_factory=Limits)

    async def send(self, letter: SendNotification, attempt: Attempt) -> Delivered | Refused:
        """Deliver once, however often it is tried."""
        call = _Calls(self, attempt.now + PATIENCE)
        text = content(self.templates, letter)
        try:
            return await self._deliver(call, letter, text, attempt)
        except _NoSuchChannelError:
            raise Unavailable(f"the conversation {letter.place} is gone") from None
        except _RefusedError as no:
            return Refused(
                reason=f"{no.code or no.status}: {no.message}",
                is_unreachable=no.code in UNREACHABLE,
            )

    async def _deliver(
        self, call: _Calls, letter: SendNotification, text: str, attempt: Attempt
    ) -> Delivered:
        place = letter.place
        if place is None or attempt.number:  # after a failure, see that it is still there
            place = await call.open(letter.address)
        if attempt.now - attempt.since > NONCE_TRUSTED_FOR and await call.finds(
            place, letter, attempt.since
        ):
            return Delivered(place=place)
        await call.post(place, text, nonce(letter))
        return Delivered(place=place)


def content(templates: Templates, letter: SendNotification) -> str:
    """Write a letter out, with its reference in small print."""
    text = templates.render(letter.template, letter.audience, letter.values)
    end = f"\n{reference(letter)}"
    return text[: CONTENT_LENGTH_MAX - len(end)] + end


def nonce(letter: SendNotification) -> str:
    return letter.notification_id.replace("-", "")[:NONCE_LENGTH]


def reference(letter: SendNotification) -> str:
    """The last line of a letter, by which it is found again."""
    return f"-# ref {nonce(letter)}"


def first_id_at(moment: datetime) -> str:
    """The smallest id that Discord could give at a moment."""
    milliseconds = max((moment - EPOCH) // timedelta(milliseconds=1), 0)
    return str(milliseconds << ID_SHIFT)


class _NoSuchChannelError(Exception):
    """The conversation that we remember is gone."""


class _RefusedError(Exception):
    """Discord understood and said no."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True, slots=True)
class _Calls:
    """The calls of one try, none of which begins after its deadline."""

    messenger: DiscordMessenger
    deadline_at: datetime

    async def open(self, address: str) -> str:
        """Open the conversation with a person; Discord answers the one there is."""
        route = Route("POST /users/@me/channels")
        made = await self._ask(route, "/users/@me/channels", {"recipient_id": address})
        return str(made["id"])

    async def post(self, place: str, text: str, nonce: str) -> None:
        route = Route("POST /channels/messages", place)
        body = {
            "content": text,
            "nonce": nonce,
            "enforce_nonce": True,
            "allowed_mentions": {"parse": []},
            "flags": SUPPRESS_EMBEDS,
        }
        await self._ask(route, f"/channels/{place}/messages", body)

    async def finds(self, place: str, letter: SendNotification, since: datetime) -> bool:
        """Read what we said in a conversation since then, until the letter is found."""
        route = Route("GET /channels/messages", place)
        after = first_id_at(since - SKEW)
        while True:
            page = await self._ask(
                route, f"/channels/{place}/messages", {"after": after, "limit": PAGE}
            )
            if any(_is(letter, message) for message in page):
                return True
            if len(page) < PAGE:
                return False
            after = str(max(int(message["id"]) for message in page))

    async def _ask(self, route: Route, path: str, params: Mapping[str, Any]) -> Any:
        """Call when the limits allow it, and say what the answer means."""
        house = self.messenger
        while True:
            await self._await_turn(route)
            house.limits.take(route, house.clock.now())
            reply = await house.breaker.call(lambda: self._answer(route, path, params))
            wait = house.limits.learn(
                route, reply.status, reply.headers, reply.body, house.clock.now()
            )
            if reply.status != 429:
                return _meaning(reply, wait)

    async def _answer(self, route: Route, path: str, params: Mapping[str, Any]) -> Reply:
        reply = await self.messenger.api.call(route.method, path, params)
        if reply.status >= 500:
            raise Unavailable(f"Discord answers {reply.status}")
        return reply

    async def _await_turn(self, route: Route) -> None:
        clock, limits = self.messenger.clock, self.messenger.limits
        while (free_at := limits.free_at(route, clock.now())) > clock.now():
            wait = free_at - clock.now()
            if free_at > self.deadline_at:
                raise Unavailable(f"Discord's limits close {route.name}", wait)
            await clock.sleep(wait)


def _is(letter: SendNotification, message: Mapping[str, Any]) -> bool:
    """In a conversation of two, what the other did not write is ours."""
    is_ours = message["author"]["id"] != letter.address
    return is_ours and str(message["content"]).endswith(reference(letter))


def _meaning(reply: Reply, wait: timedelta) -> Any:
    """Answer the body of a success; raise what a failure means."""
    body = reply.body if isinstance(reply.body, Mapping) else {}
    code, message = body.get("code") or 0, str(body.get("message") or "refused")
    if 200 <= reply.status < 300:
        return reply.body
    if reply.status in (401, 408):
        raise Unavailable(f"Discord answers {reply.status}", wait)
    if code in TOO_FAST:
        raise Unavailable(f"Discord says {code}: {message}", SLOW_DOWN)
    if code == NO_SUCH_CHANNEL:
        raise _NoSuchChannelError
    raise _RefusedError(reply.status, code, message)
