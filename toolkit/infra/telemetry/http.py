"""Requests as they are seen from outside the application: counted, timed and traced."""

from __future__ import annotations

import re
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.tracing import Tracing, end, traceparent

TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
HEADER = b"traceparent"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"  # a path that nobody answers is anybody's text, and no label


class Observed:
    """An application, and a note of each request.

    The span of the request becomes the `traceparent` that the application reads, so what
    it says is told as caused by this request.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None) -> None:
        self._app, self._metrics, self._tracing = app, metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Request(scope, self._tracing)
        bound = bind_contextvars(**seen.names())
        failure: BaseException | None = None
        try:
            await self._app(seen.scope, receive, seen.watched(send))
        except BaseException as caught:
            failure = caught
            raise
        finally:
            reset_contextvars(**bound)
            seen.note(self._metrics, failure)


class _Request:
    def __init__(self, scope: Scope, tracing: Tracing | None) -> None:
        self.scope, self.span, self.status = dict(scope), None, 500
        self._start_s = perf_counter()
        if tracing is not None:
            given = _header(scope["headers"])
            self.span = tracing.start(
                f"{self.method}",
                SpanKind.SERVER,
                given,
                {"http.request.method": self.method},
            )
            carried = (HEADER, traceparent(self.span).encode())
            others = [pair for pair in scope["headers"] if pair[0] != HEADER]
            self.scope["headers"] = [*others, carried]

    @property
    def method(self) -> str:
        given: str = self.scope["method"]
        return given if given in METHODS else "other"

    @property
    def route(self) -> str:
        """The pattern that the router matched; never the path, which holds ids."""
        pattern: str = getattr(self.scope.get("route"), "path_format", UNMATCHED)
        return pattern

    def names(self) -> dict[str, str]:
        """Name the trace in every line of the log that this request causes."""
        given = _header(self.scope["headers"]) or ""
        return {"trace_id": given[3:35]} if TRACE.fullmatch(given) else {}

    def watched(self, send: Send) -> Send:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return watching

    def note(self, metrics: Metrics, failure: BaseException | None) -> None:
        method, route = self.method, self.route
        metrics.requests.labels(method, route, str(self.status)).inc()
        metrics.request_s.labels(method, route).observe(perf_counter() - self._start_s)
        if self.span is not None:
            self.span.update_name(f"{method} {route}")
            self.span.set_attribute("http.route", route)
            self.span.set_attribute("http.response.status_code", self.status)
            end(self.span, failure)


def _header(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    found: Any = dict(headers).get(HEADER)
    return found.decode("ascii", "replace") if found else None
