"""The outermost layer: headers of a sensible size in, headers of a safe answer out."""

from __future__ import annotations

from starlette.datastructures import State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.gateway import limits
from toolkit.gateway.problems import ADVICE, Refusal, answer, unexpected

HEADER_BYTES_MAX = 16_384  # a token of full length, and as much again
HEADERS_MAX = 100
TARGET_BYTES_MAX = 4_096

SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # Nobody is meant to open an answer as a page, nor to put it into one.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
SAFE_ON_TLS = (*SAFE, HSTS)


class Edge:
    """Wraps the application, its failures included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        has_started = False

        async def completed(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                _complete(message, scope, State(state))
            await send(message)

        refusal = _too_large(scope)
        try:
            if refusal is not None:
                await answer(refusal)(scope, receive, completed)
            else:
                await self.app(scope, receive, completed)
        except Exception as failure:  # noqa: BLE001 - the caller gets an answer all the same
            response = unexpected(failure)
            if not has_started:
                await response(scope, receive, completed)


def _complete(message: Message, scope: Scope, state: State) -> None:
    """Add what is missing, as plain pairs: every answer passes here."""
    given = message["headers"]
    known = {name for name, _ in given}
    added = SAFE_ON_TLS if scope["scheme"] == "https" else SAFE
    counted = limits.headers(getattr(state, "verdicts", ()))
    message["headers"] = [
        *given,
        *(pair for pair in added if pair[0] not in known),
        *((name.lower().encode(), value.encode()) for name, value in counted.items()),
    ]


def _too_large(scope: Scope) -> Refusal | None:
    """Look at sizes alone: what is too large is not read."""
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > TARGET_BYTES_MAX:
        return Refusal(414, "uri-too-long", ADVICE[414])
    headers = scope["headers"]
    if (
        len(headers) > HEADERS_MAX
        or sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES_MAX
    ):
        return Refusal(431, "request-header-fields-too-large", ADVICE[431])
    return None
