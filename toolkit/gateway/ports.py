"""What the gateway asks of the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request

from toolkit.core.details import Details
from toolkit.core.message import Envelope, Event
from toolkit.core.money import Money
from toolkit.core.ports import Clock, Posting, Producer, Transactions
from toolkit.gateway.idempotency import KeyRing
from toolkit.gateway.limits import Limits
from toolkit.gateway.lookups import PublicKeys
from toolkit.gateway.proposals import Proposals
from toolkit.gateway.signers import NOBODY, Signers
from toolkit.gateway.together import Together
from toolkit.gateway.tokens import Tokens
from toolkit.messages.notifications import (
    Preference,
    ReplaceSecret,
    ReportReturn,
    SetPreference,
)
from toolkit.projections.model import Terms
from toolkit.projections.queries import Queries, Reader

BODY_BYTES_MAX = 262_144  # Stripe's largest events stay well below
BODY_WITHIN_S = 10.0
ALONE_UP_TO = Money(10_000_00)  # above, what an admin decides needs another's approval


class Intake(Protocol):
    """The way in for news from outside."""

    async def receive(
        self, message: Event, id: UUID, traceparent: str | None = None
    ) -> bool:
        """Keep the news and announce it; answer False if it is known already."""
        ...


class Preferences(Protocol):
    """Where people want to be told."""

    @property
    def events(self) -> Sequence[str]:
        """Name all that people are told of, and may mute."""
        ...

    async def of(self, person_id: str) -> Sequence[Preference]:
        """Read what a person has set."""
        ...

    @property
    def has_webhooks(self) -> bool:
        """Say whether webhooks are connected."""
        ...

    async def set(self, wish: SetPreference) -> str | None:
        """Set one channel's preference; answer the secret of a new endpoint."""
        ...

    async def replace_secret(self, wish: ReplaceSecret) -> str | None:
        """Answer the secret that signs from now on; None where there is no endpoint."""
        ...

    async def report(self, report: ReportReturn) -> bool:
        """Take back that a letter was delivered; answer False if it is known already."""
        ...


class Trails(Protocol):
    """The audit trail; what it answers are the documents that are shown."""

    async def page(
        self,
        stream_id: str,
        *,
        kinds: Sequence[str] = (),
        actor_id: str | None = None,
        from_at: datetime | None = None,
        until_at: datetime | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> dict[str, Any] | None:
        """Read some events of a trail; None where there is none."""
        ...

    async def event(self, leaf_hash: str) -> dict[str, Any] | None: ...

    async def verify(self, leaf_hash: str) -> dict[str, Any] | None:
        """Judge an event: whether it holds, what does not, what is open, what is erased."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a request may need, in one hand."""

    queries: Queries
    producer: Producer
    intake: Intake
    preferences: Preferences
    keys: KeyRing
    approvals: Transactions
    proposals: Proposals
    clock: Clock
    tokens: Tokens
    webhook_secrets: Sequence[str]
    checks: Mapping[str, Callable[[], Awaitable[bool]]]
    body_bytes_max: int = BODY_BYTES_MAX
    body_within_s: float = BODY_WITHIN_S
    limits: Limits | None = None
    alone_up_to: Money = ALONE_UP_TO
    custodian_keys: PublicKeys | None = None
    details: Details | None = None  # absent, nobody's details are kept
    trails: Trails | None = None
    signers: Signers = NOBODY
    webhook_allows_private: bool = False
    terms: Together[tuple[str, Reader], Terms | None] = field(init=False)
    posts: Together[Envelope, bool] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", Together(self.queries.terms))
        object.__setattr__(self, "posts", Together(self._publish))
        if not self.webhook_secrets or not all(s.strip() for s in self.webhook_secrets):
            raise ValueError("no webhook secret, or an empty one: anybody could sign")

    async def _publish(self, envelopes: Sequence[Envelope]) -> Sequence[bool]:
        """Hand messages to the broker, and say of each whether it was confirmed."""
        postings = [
            Posting(seq=seq, topic=e.message.topic, key=e.key, cargo=e)
            for seq, e in enumerate(envelopes)
        ]
        confirmed = await self.producer.publish(postings)
        return [posting.seq in confirmed for posting in postings]


def ports_of(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports
