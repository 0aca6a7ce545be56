"""A person's call of the API from a greenlet, timed from when it was meant to be made."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from geventhttpclient.client import HTTPClientPool
from geventhttpclient.useragent import UserAgent

from loadtests.orders import Orders
from loadtests.samples import OK, OPEN, PROVIDER, Recorder, Sample

TIMEOUT_S = 30.0
TOOK = frozenset({200, 201, 202})


class _Agent(UserAgent):
    def _verify_status(self, status_code: int, url: Any = None) -> None:
        """Leave it to the caller which answers are good ones."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Status 0: nothing did."""

    status: int
    body: Any

    @property
    def is_good(self) -> bool:
        return self.status in TOOK


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    name: str  # the route, without ids
    to: str
    headers: Mapping[str, str]
    body: bytes | None
    good: Collection[int]


Told = Callable[[str, str, Sample, int], None]  # Locust's statistics hear of it too


@dataclass(slots=True)
class Calls:
    """Calls the platform and the provider, and records each call."""

    orders: Orders
    recorder: Recorder
    origin_s: float
    agent: Any
    told: Told

    @classmethod
    def of(
        cls,
        orders: Orders,
        recorder: Recorder,
        origin_s: float,
        told: Told,
    ) -> Calls:
        agent = _Agent(
            max_retries=0, connection_timeout=TIMEOUT_S, network_timeout=TIMEOUT_S
        )
        agent.clientpool = HTTPClientPool(
            concurrency=orders.connections_max,
            connection_timeout=TIMEOUT_S,
            network_timeout=TIMEOUT_S,
        )
        return cls(orders, recorder, origin_s, agent, told)

    @property
    def now_s(self) -> float:
        """Seconds of the run."""
        return time.monotonic() - self.origin_s

    def ask(
        self,
        name: str,
        path: str,
        role: str,
        person: str,
        *,
        due_s: float,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        good: Collection[int] = TOOK,
    ) -> Answer:
        """Ask the API as somebody. A call with a key is a POST, and any other a GET."""
        token = self.orders.people[role][person]
        headers = {"Authorization": f"Bearer {token}"}
        if key is None:
            return self._send(_Request("GET", name, path, headers, None, good), due_s)
        headers |= {"Idempotency-Key": key, "Content-Type": "application/json"}
        payload = json.dumps(body or {}).encode()
        return self._send(_Request("POST", name, path, headers, payload, good), due_s)

    def post(
        self, name: str, url: str, headers: Mapping[str, str], body: bytes, *, due_s: float
    ) -> Answer:
        """Send raw bytes, as a provider does, or somebody who pays at one."""
        return self._send(_Request("POST", name, url, headers, body, TOOK), due_s)

    def _send(self, request: _Request, due_s: float) -> Answer:
        is_path = request.to.startswith("/")
        url = f"{self.orders.host}{request.to}" if is_path else request.to
        sent_s = self.now_s
        try:
            response = self.agent.urlopen(
                url, method=request.method, headers=request.headers, payload=request.body
            )
            text, status = bytes(response.content), int(response.status_code)
        except Exception as failure:  # noqa: BLE001 - whatever it was, it is a failed call
            status, text, outcome = 0, b"", type(failure).__name__
        else:
            outcome = OK if status in request.good else str(status)
        sample = Sample(
            at_s=due_s,
            kind=OPEN if url.startswith(self.orders.host) else PROVIDER,
            name=f"{request.method} {request.name}",
            latency_s=self.now_s - due_s,
            service_s=self.now_s - sent_s,
            outcome=outcome,
        )
        self.recorder.write(sample)
        self.told(request.method, request.name, sample, len(text))
        return Answer(status, _read(text))


def _read(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
