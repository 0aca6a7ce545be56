"""What the REST APIs of e-mail and SMS have in common: one call, and what its answer means.

Neither knows an idempotency key. A call that came to nothing (`Unreached`) is repeated at
once; after any other silence the messenger looks for its letter first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from toolkit.core.errors import Unavailable, Unreached
from toolkit.core.ports import Clock
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker

FAILURES_MAX, REST = 3, timedelta(seconds=120)  # of the breaker
RETRY_AFTER = timedelta(seconds=5)  # three times; from then on the agenda waits longer
KEY_REFUSED_FOR = timedelta(minutes=5)  # asking on with a wrong key helps nobody
WAIT_MAX = timedelta(hours=1)
# A first try is made at once. Later than this, one may have been made that we know not of.
FIRST_TRY_WITHIN = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reply(Protocol):
    """What came back of a call; header names are lower case, the body is parsed JSON."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> Any: ...


class Provider(Protocol):
    """A provider's REST API.

    Raises Unreached when the call never got there, and Unavailable when no answer came.
    """

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Reply:
        """Make one call: `params` are the body, or of a GET its query."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one provider, with a breaker in it."""

    name: str
    api: Provider
    clock: Clock
    breaker: Breaker

    async def ask(self, method: str, path: str, params: Mapping[str, Any]) -> Reply:
        """Make one call, and answer what was said to it; a refusal is an answer."""
        try:
            reply = await self.breaker.call(lambda: self._answer(method, path, params))
        except Unreached as nothing:
            raise Unreached(str(nothing), max(nothing.retry_after, RETRY_AFTER)) from None
        except Unavailable as silence:
            wait = max(silence.retry_after, RETRY_AFTER)
            raise Unavailable(str(silence), wait) from None
        if reply.status == 429:
            raise Unreached(f"{self.name} answers 429", self._wait(reply))
        if reply.status in (401, 403) and method == "POST":
            raise Unreached(f"{self.name} answers {reply.status}", KEY_REFUSED_FOR)
        return reply

    async def _answer(self, method: str, path: str, params: Mapping[str, Any]) -> Reply:
        reply = await self.api.call(method, path, params)
        if reply.status == 503:
            raise Unreached(f"{self.name} answers 503")
        if reply.status >= 500 or reply.status == 408:
            raise Unavailable(f"{self.name} answers {reply.status}")
        return reply

    def _wait(self, reply: Reply) -> timedelta:
        """Read how long to wait: seconds, or the Unix time at which the limit is reset."""
        after, reset = (
            reply.headers.get(name, "") for name in ("retry-after", "x-ratelimit-reset")
        )
        wait = RETRY_AFTER
        if after.isdecimal():
            wait = timedelta(seconds=min(int(after), 86_400))
        elif reset.isdecimal() and len(reset) < 12:
            wait = EPOCH + timedelta(seconds=int(reset)) - self.clock.now()
        return min(max(wait, RETRY_AFTER), WAIT_MAX)


def may_be_there(attempt: Attempt) -> bool:
    """Say whether an earlier try may have sent the letter already."""
    return attempt.number > 0 or attempt.now - attempt.since > FIRST_TRY_WITHIN


def sentence(reply: Reply) -> str:
    """Say in one line what a refusal says, without what it may quote of the letter."""
    body = reply.body if isinstance(reply.body, Mapping) else {}
    code = body.get("code")
    return f"{reply.status}, code {code}" if isinstance(code, int) else f"{reply.status}"
