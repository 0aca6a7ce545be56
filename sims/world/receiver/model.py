"""People's endpoints as a stateful model: what each received, verified and kept once.

It verifies by the standard, on its own: none of the sender's code is used. An endpoint
whose path ends in `gone` answers 410, one that ends in `moved` redirects.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sims.world.faults import CALM, Dice, Faults
from sims.world.rest import NoAnswer, Reply, through_faults

TOLERANCE = timedelta(minutes=5)
GONE, MOVED = "gone", "moved"


@dataclass(slots=True)
class ReceiverModel:
    """All endpoints of the world; `secrets` are known by their paths."""

    now: Callable[[], datetime]
    seed: int = 7
    faults: Faults = CALM
    dice: Dice = field(init=False)
    secrets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # by webhook-id
    readers: dict[str, str] = field(default_factory=dict)  # of each message, the path
    seen: Counter[str] = field(default_factory=Counter)
    forged: list[str] = field(default_factory=list)
    calls: int = 0

    def __post_init__(self) -> None:
        self.dice = Dice(self.seed, self.faults)

    def receive(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take one delivery. Raises NoAnswer where nothing comes back."""
        self.calls += 1
        path = urlsplit(url).path
        slow_down = Reply(429, None, {"retry-after": "120"})
        return through_faults(
            self.dice, self.now(), slow_down, lambda: self._take(path, headers, body)
        )

    def shown(self) -> list[dict[str, Any]]:
        return [
            {"path": self.readers[id], "times": self.seen[id], **message}
            for id, message in self.kept.items()
        ]

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], authorization: str
    ) -> Reply:
        """Stand where other sandboxes answer calls: an endpoint is only posted to."""
        del method, path, params, authorization
        raise NoAnswer("not an endpoint")

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if path.endswith(GONE):
            return Reply(410)
        if path.endswith(MOVED):
            return Reply(302, None, {"location": "http://127.0.0.1/elsewhere"})
        id = headers.get("webhook-id", "")
        if not self._is_signed(path, id, headers, body):
            self.forged.append(path)
            return Reply(401)
        self.seen[id] += 1
        self.kept.setdefault(id, json.loads(body))
        self.readers[id] = path
        return Reply(204)

    def _is_signed(
        self, path: str, id: str, headers: Mapping[str, str], body: bytes
    ) -> bool:
        timestamp = headers.get("webhook-timestamp", "")
        if not timestamp.isdecimal():
            return False
        if abs(self.now().timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
            return False
        signed = f"{id}.{timestamp}.".encode() + body
        given = headers.get("webhook-signature", "").split(" ")
        return any(_signature(s, signed) in given for s in self.secrets.get(path, ()))


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix("whsec_"))
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()
