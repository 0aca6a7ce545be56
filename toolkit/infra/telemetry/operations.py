"""The operators' face of a process: `/metrics`, `/health/live` and `/health/ready`.

It answers from a thread of its own, on a port of its own, so that a process whose event
loop is stuck still says so, and nothing of it is reachable where the API is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.metrics import Metrics

JSON = "application/json"


@contextmanager
def served(metrics: Metrics, health: Health, host: str, port: int) -> Iterator[str]:
    """Answer until the end, and say at which address; port 0 is any."""
    server = ThreadingHTTPServer((host, port), _face(metrics, health))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="operations", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _face(metrics: Metrics, health: Health) -> type[BaseHTTPRequestHandler]:
    class Face(BaseHTTPRequestHandler):
        server_version, sys_version = "operations", ""
        timeout = 10  # whoever connects and says nothing is let go

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(
                        200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry)
                    )
                case "/health/live":
                    self._answer(*_said("live", health.live()))
                case "/health/ready":
                    self._answer(*_said("ready", health.ready()))
                case _:
                    self._answer(404, JSON, b'{"status": "not found"}')

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: Any) -> None:
            """Probes come every few seconds: they are not news."""

    return Face


def _said(what: str, checks: Mapping[str, bool]) -> tuple[int, str, bytes]:
    is_so = all(checks.values())
    status = what if is_so else f"not {what}"
    body = json.dumps({"status": status, "checks": checks}).encode()
    return 200 if is_so else 503, JSON, body
