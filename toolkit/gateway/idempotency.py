"""Asked twice, done once: every answer is kept under the key that the caller chose.

A key is claimed before the work and answered after it. Should we die in between, the
claim runs out and a retry does the work again, which is harmless: what is said to the
house has an id derived from the same key, and is handled once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import NamedTuple, Protocol

from starlette.responses import Response

from toolkit.core.errors import Declined
from toolkit.core.message import record
from toolkit.core.ports import Clock
from toolkit.gateway.problems import RETRY_S, Refusal
from toolkit.gateway.together import Together

LEASE = timedelta(seconds=30)  # far longer than a command takes, or its callers wait
REPLAYED = "Idempotency-Replayed"


class Asked(NamedTuple):
    """What is asked for, under which key, and among whose keys."""

    scope: str
    key: str
    fingerprint: str


@record
class Claim:
    """What is asked for, and until when it is in hand."""

    scope: str
    key: str
    fingerprint: str
    at: datetime
    until: datetime

    @property
    def name(self) -> tuple[str, str]:
        return (self.scope, self.key)


@record
class Answer:
    """What was answered, to the byte."""

    status: int
    body: bytes


class Fresh:
    """Nobody has asked this before, or whoever did has given up: do it."""


class Busy:
    """Somebody is at it right now."""


class Different:
    """The key was used for something else."""


Outcome = Fresh | Busy | Different | Answer


class Keys(Protocol):
    """Where keys are kept: longer than the ids that are derived from them."""

    async def claim(self, claims: Sequence[Claim]) -> Sequence[Outcome]:
        """Claim keys, each as if it were alone and in this order."""
        ...

    async def keep(self, answered: Sequence[tuple[Claim, Answer]]) -> None:
        """Remember answers, whoever holds the claims by now: all answer the same."""
        ...

    async def release(self, claim: Claim) -> None:
        """Forget a claim that came to nothing, unless it was answered meanwhile."""
        ...

    async def reopen(self, claim: Claim) -> None:
        """Let the same request claim the key again at once, and no other request."""
        ...


@dataclass(slots=True)
class MemoryKeys:
    """Keys in a dictionary, for tests and simulators."""

    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)

    async def claim(self, claims: Sequence[Claim]) -> Sequence[Outcome]:
        return [self._claim(claim) for claim in claims]

    async def keep(self, answered: Sequence[tuple[Claim, Answer]]) -> None:
        for claim, answer in answered:
            self.claims.setdefault(claim.name, claim)
            self.answers.setdefault(claim.name, answer)

    async def release(self, claim: Claim) -> None:
        name = claim.name
        if self.claims.get(name) == claim and name not in self.answers:
            del self.claims[name]

    async def reopen(self, claim: Claim) -> None:
        if self.claims.get(claim.name) == claim:
            self.claims[claim.name] = replace(claim, until=claim.at)

    def _claim(self, claim: Claim) -> Outcome:
        name = claim.name
        held = self.claims.get(name)
        if held and held.fingerprint != claim.fingerprint:
            return Different()
        if answer := self.answers.get(name):
            return answer
        if held and held.until > claim.at:
            return Busy()
        self.claims[name] = claim
        return Fresh()


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Tell one request from another."""
    return sha256(f"{method} {path}\n".encode() + body).hexdigest()


@dataclass(slots=True)
class KeyRing:
    """Keys in the hands of many requests at once."""

    keys: Keys
    claims: Together[Claim, Outcome] = field(init=False)
    answers: Together[tuple[Claim, Answer], None] = field(init=False)

    def __post_init__(self) -> None:
        self.claims = Together(self.keys.claim)
        self.answers = Together(self._keep)

    async def _keep(self, answered: Sequence[tuple[Claim, Answer]]) -> Sequence[None]:
        await self.keys.keep(answered)
        return [None] * len(answered)


async def once(
    ring: KeyRing,
    clock: Clock,
    asked: Asked,
    work: Callable[[], Awaitable[Answer]],
) -> Response:
    """Do the work, or repeat what was answered when it was done.

    Only an answer is kept. What was refused is free: the caller may correct it under the
    same key. After any other failure nobody knows what was said already, so the key goes on
    standing for this request, which may be asked again at once.
    """
    now = clock.now()
    claim = Claim(**asked._asdict(), at=now, until=now + LEASE)
    match await ring.claims.ask(claim):
        case Answer() as kept:
            return _response(kept, {REPLAYED: "true"})
        case Busy():
            raise Refusal(
                409,
                "in-progress",
                "The same request is being handled right now. Wait, and ask again with the "
                "same key: the answer will be the same.",
                headers={"Retry-After": str(RETRY_S)},
            )
        case Different():
            raise Refusal(
                422,
                "idempotency-key-reused",
                "This key stands for another request. Use a new key for a new request, or "
                "repeat the first one exactly.",
            )
    try:
        answer = await work()
    except Exception as failure:
        free = ring.keys.release if _is_refused(failure) else ring.keys.reopen
        await free(claim)
        raise
    await ring.answers.ask((claim, answer))
    return _response(answer, {})


def _is_refused(failure: Exception) -> bool:
    """Tell what surely was not done from what nobody knows."""
    if isinstance(failure, Refusal):
        return failure.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(failure, Declined)


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    return Response(
        answer.body,
        answer.status,
        {"Cache-Control": "no-store", **headers},
        "application/json",
    )
