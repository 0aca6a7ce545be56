"""The audit trail over HTTP: what happened to a transaction, and each event's proof."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal, Self

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints, model_validator
from starlette.responses import Response

from toolkit.gateway.models import ID_PATTERN, Id, Instant
from toolkit.gateway.pages import EPOCH, PageAsked, cursor_at, mark_in, unknown_cursor
from toolkit.gateway.ports import Trails, ports_of
from toolkit.gateway.problems import ADVICE, Refusal
from toolkit.projections.queries import Mark

TransactionId = Annotated[str, Path(pattern=ID_PATTERN)]
EventHash = Annotated[
    str, Path(pattern=r"^[0-9a-f]{64}$", description="Of the event's entry in its trail.")
]
Kind = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,64}$", strict=True)]
DIGITS_MAX = 18  # of a position: they fit 64 bits
NO_STORE = {"Cache-Control": "no-store"}


class TrailAsked(PageAsked):
    """Which events of a trail to list, in their order."""

    kind: list[Kind] = Field(default=[], max_length=32, description="Any of these.")
    actor_id: Id | None = Field(None, description="Who did it, where an event says so.")
    occurred_from: Instant | None = None
    occurred_until: Instant | None = Field(None, description="This moment is not in it.")

    @model_validator(mode="after")
    def runs_forward(self) -> Self:
        first, last = self.occurred_from, self.occurred_until
        if first is not None and last is not None and last <= first:
            raise ValueError("occurred_until is not after occurred_from")
        return self

    def filters(self, transaction_id: str) -> str:
        """Tell the lists apart that a cursor may be of."""
        asked = self.model_dump(mode="json", exclude={"limit", "cursor"})
        text = json.dumps([transaction_id, asked], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:16]


class TrailEntry(BaseModel):
    """One event; `look_at` has its proof, `hash` names it there."""

    position: int
    event_id: str
    kind: str
    topic: str
    occurred_at: datetime
    actor_id: str | None = None
    hash: str
    is_sealed: bool = Field(description="Whether it is in a checkpoint of the log.")
    look_at: str


class TrailPage(BaseModel):
    transaction_id: str
    entries: list[TrailEntry]
    next_cursor: str | None = None


class Disclosed(BaseModel):
    """A value that the entry has only a commitment of, with its salt."""

    path: str
    value: str
    salt: str


class ProvenEntry(BaseModel):
    position: int
    canonical: str
    salt: str
    leaf_hash: str
    leaf_index: int | None = None
    path: list[str]
    disclosures: list[Disclosed]


class AnchorOut(BaseModel):
    """Where on chain an earlier root is, and that the checkpoint goes on from it."""

    size: int
    merkle_root: str
    chain_id: int
    tx_hash: str
    block_number: int
    path: list[str]


class EventProof(BaseModel):
    """A document that `python -m toolkit audit verify` judges without any server."""

    format: Literal["escrow-audit-trail/1"]
    stream_id: str
    is_whole: bool
    entries: list[ProvenEntry]
    checkpoint: str | None = Field(None, description="A signed note, as C2SP has it.")
    anchor: AnchorOut | None = None


class VerdictOut(BaseModel):
    """What was found: nothing of it needs to be believed, see the event's proof."""

    hash: str
    holds: bool
    problems: list[str] = Field(description="What does not hold.")
    open: list[str] = Field(description="What cannot be said (yet).")
    erased: list[str] = Field(description="Values of people that were erased.")


async def audit_trail(
    request: Request, transaction_id: TransactionId, asked: Annotated[TrailAsked, Query()]
) -> Response:
    """What happened to a transaction or an escrow, as the audit trail has it."""
    filters = asked.filters(transaction_id)
    after = _position(asked.cursor, filters) if asked.cursor else None
    found = await _trails(request).page(
        transaction_id,
        kinds=tuple(asked.kind),
        actor_id=asked.actor_id,
        from_at=asked.occurred_from,
        until_at=asked.occurred_until,
        after=after,
        limit=asked.limit,
    )
    if found is None:
        raise Refusal(404, "not-found", ADVICE[404])
    more = found["next"]
    return _shown(
        TrailPage(
            transaction_id=transaction_id,
            entries=[_entry(each) for each in found["entries"]],
            next_cursor=None
            if more is None
            else cursor_at(Mark(EPOCH, str(more)), filters),
        )
    )


async def audit_event(request: Request, hash: EventHash) -> Response:
    """An event with all that proves it: save the answer, and verify it anywhere."""
    found = await _trails(request).event(hash)
    if found is None:
        raise Refusal(404, "not-found", ADVICE[404])
    return _shown(EventProof.model_validate(found))


async def verify_event(request: Request, hash: EventHash) -> Response:
    """Judge an event here and now: its hash, its place in the log, and the signature."""
    found = await _trails(request).verify(hash)
    if found is None:
        raise Refusal(404, "not-found", ADVICE[404])
    return _shown(VerdictOut.model_validate({"hash": hash, **found}))


def _position(cursor: str, filters: str) -> int:
    """Read after which position the page begins."""
    place = mark_in(cursor, filters).escrow_id
    if not (place.isascii() and place.isdecimal() and len(place) < DIGITS_MAX):
        raise unknown_cursor()
    return int(place)


def _trails(request: Request) -> Trails:
    kept = ports_of(request).trails
    if kept is None:
        raise Refusal(503, "not-connected", "No audit trail is connected here.")
    return kept


def _entry(found: dict[str, Any]) -> TrailEntry:
    place = found["leaf_index"]
    return TrailEntry(
        **{k: v for k, v in found.items() if k != "leaf_index"},
        is_sealed=place is not None,
        look_at=f"/api/escrow/events/{found['hash']}",
    )


def _shown(answer: BaseModel) -> Response:
    text = answer.model_dump_json(exclude_none=True)
    return Response(text, 200, NO_STORE, "application/json")
