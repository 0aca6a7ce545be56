"""What comes back from a call, over HTTP and in process alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Response:
    """The body is shared with later replays of the same key: read it, do not change it."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    def replayed(self) -> Response:
        headers = self.headers | {
            "Idempotent-Replayed": "true",
            "Original-Request": self.headers["Request-Id"],
        }
        return Response(self.status, self.body, headers)
