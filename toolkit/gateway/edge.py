"""The outermost layer: headers of a sensible size in, headers of a safe answer out."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders, State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.gateway import limits
from toolkit.gateway.problems import ADVICE, Refusal, answer, unexpected

HEADER_BYTES_MAX = 16_384  # a token of full length, and as much again
HEADERS_MAX = 100
TARGET_BYTES_MAX = 4_096

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Nobody is meant to open an answer as a page, nor to put it into one.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=63072000; includeSubDomains"


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
    headers = MutableHeaders(scope=message)
    for name, value in SAFE.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", HSTS)
    for name, value in limits.headers(getattr(state, "verdicts", ())).items():
        headers[name] = value


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
