"""How the gateway listens: TLS 1.3 or nothing, and never waiting for a slow hand.

Plain HTTP is for loopback, or for a place behind an edge that ends TLS itself.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from toolkit.infra.settings import Settings, SettingsWrong

HEADERS_WITHIN_S = 10.0
CONNECTIONS_MAX = 2_000
HEADER_BYTES_READ = 65_536  # the application itself refuses more than a quarter of it


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on whoever takes too long to say what they want."""

    waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._has_asked():
            self._stop_waiting()
        elif self.waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _has_asked(self) -> bool:
        """Tell whether a request is under way, or a connection rests between two."""
        received, _ = self.conn.trailing_data
        is_idle = self.conn.their_state is h11.IDLE
        return not is_idle or (self.cycle is not None and not received)

    def _wait(self) -> None:
        self.waiting = self.loop.call_later(HEADERS_WITHIN_S, self._hang_up)

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def _hang_up(self) -> None:
        self.waiting = None
        if not self.transport.is_closing():
            self.transport.close()


def server_config(app: ASGIApp, settings: Settings, **other: Any) -> uvicorn.Config:
    """Say how to serve. Raises SettingsWrong where anybody could listen in."""
    _refuse_careless(settings)
    certificate, key = settings.http_certificate, settings.http_key
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=PunctualProtocol,
        # An address in a header is believed only when an edge of ours wrote it.
        proxy_headers=bool(settings.http_trusted_proxies),
        forwarded_allow_ips=list(settings.http_trusted_proxies),
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_context_factory=_only_tls_1_3 if certificate else None,
        h11_max_incomplete_event_size=HEADER_BYTES_READ,
        limit_concurrency=CONNECTIONS_MAX,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        **other,
    )


def _only_tls_1_3(_: uvicorn.Config, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    try:
        context = make()
    except (OSError, ssl.SSLError) as failure:
        raise SettingsWrong(
            "ESCROW_HTTP_CERTIFICATE and ESCROW_HTTP_KEY cannot be used "
            f"({failure.strerror or failure}): name a certificate in PEM and its key"
        ) from failure
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _refuse_careless(settings: Settings) -> None:
    if (settings.http_certificate is None) != (settings.http_key is None):
        raise SettingsWrong(
            "ESCROW_HTTP_CERTIFICATE and ESCROW_HTTP_KEY go together: set both or neither"
        )
    is_plain = settings.http_certificate is None and not settings.http_behind_tls
    if is_plain and not _is_loopback(settings.http_host):
        raise SettingsWrong(
            f"ESCROW_HTTP_HOST {settings.http_host} can be reached from outside, and plain "
            "HTTP be read on the way: set ESCROW_HTTP_CERTIFICATE and ESCROW_HTTP_KEY, or "
            "ESCROW_HTTP_BEHIND_TLS=true where an edge in front ends TLS"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
