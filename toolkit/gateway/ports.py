"""What the gateway asks of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from fastapi import Request

from toolkit.core.message import Event
from toolkit.core.ports import Clock, Producer
from toolkit.gateway.idempotency import Keys
from toolkit.gateway.tokens import Tokens
from toolkit.projections.queries import Queries

BODY_BYTES_MAX = 262_144  # Stripe's largest events stay well below


class Intake(Protocol):
    """The way in for news from outside."""

    async def receive(
        self, message: Event, id: UUID, traceparent: str | None = None
    ) -> bool:
        """Keep the news and announce it; answer False if it is known already."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a request may need, in one hand."""

    queries: Queries
    producer: Producer
    intake: Intake
    keys: Keys
    clock: Clock
    tokens: Tokens
    webhook_secrets: Sequence[str]
    checks: Mapping[str, Callable[[], Awaitable[bool]]]
    body_bytes_max: int = BODY_BYTES_MAX

    def __post_init__(self) -> None:
        if not self.webhook_secrets or not all(s.strip() for s in self.webhook_secrets):
            raise ValueError("no webhook secret, or an empty one: anybody could sign")


def ports_of(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports
