"""What becomes of an event in its trail: canonical bytes, people as salted hashes.

Whatever may tell of a person stands in the entry as a commitment, and beside it, until it
is erased, as a disclosure: the value and the salt that make the commitment. Without them
the commitment says nothing, and the entry's own hash is what it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from toolkit.audit.merkle import leaf_hash
from toolkit.core.message import Envelope, record
from toolkit.messages.payload import instant, payload_json
from toolkit.messages.shape import Arity, shape

FORMAT = "escrow-audit/1"
GENESIS = "0" * 64  # what stands before the first entry of a trail, and of the log
LEAF = ""  # the part whose salt is the entry's own
# Texts that name a thing and no person. A text that is not named here is taken for
# personal, so that a new field is salted before anybody has thought about it.
IMPERSONAL = frozenset(
    {
        "escrow_id", "transaction_id", "contract_id", "payment_id", "transfer_id",
        "refund_id", "dispute_id", "task_id", "wallet_id", "property_id", "milestone_id",
        "settlement_id", "log_id", "dispute_ref", "provider_ref", "source_ref",
        "subject_ref", "tx_hash", "statement_hash", "report_hash", "merkle_root",
        "order_ref", "closing_date", "command", "code", "provider", "symbol", "contract",
        "base_units",
    }
)  # fmt: skip
# Who did it, where an event says so: the first of these that it has.
ACTORS = ("actor_id", "raised_by", "agent_id", "assignee_id")

Salts = Callable[[UUID, str], bytes]  # of a part of an event; never the same again


@record
class Disclosure:
    """One value that was committed to: its place, its JSON text, and its salt."""

    path: str
    value: str
    salt: str


@record
class Entry:
    """One event in its trail."""

    position: int
    event_id: str
    topic: str
    kind: str
    occurred_at: str
    canonical: str
    salt: str
    leaf_hash: str
    actor_id: str | None = None
    disclosures: tuple[Disclosure, ...] = ()


def entry_of(envelope: Envelope, position: int, previous: str, salts: Salts) -> Entry:
    """Write an event down behind the entry that stood last in its trail."""
    payload, disclosures = _committed(envelope, salts)
    content = {
        "format": FORMAT,
        "stream_id": envelope.key,
        "position": position,
        "previous": previous,
        "event_id": str(envelope.id),
        "topic": envelope.message.topic,
        "kind": envelope.type,
        "version": envelope.version,
        "occurred_at": instant(envelope.occurred_at),
        "correlation_id": str(envelope.correlation_id),
        "causation_id": envelope.causation_id and str(envelope.causation_id),
        "payload": payload,
    }
    text, salt = canonical(content), salts(envelope.id, LEAF)
    return Entry(
        position=position,
        event_id=str(envelope.id),
        topic=envelope.message.topic,
        kind=envelope.type,
        occurred_at=instant(envelope.occurred_at),
        canonical=text,
        salt=salt.hex(),
        leaf_hash=hash_of(text, salt).hex(),
        actor_id=_actor(disclosures),
        disclosures=disclosures,
    )


def canonical(content: Any) -> str:
    """Write JSON in one way only: sorted names, no spaces, whole numbers alone."""
    return json.dumps(
        content,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )


def hash_of(text: str, salt: bytes) -> bytes:
    """Hash an entry's canonical text as a leaf."""
    return leaf_hash(text.encode() + salt)


def commitment(value: str, salt: bytes) -> str:
    """Commit to a JSON text. A salt has one size, so no two texts share a commitment."""
    return sha256(b"\2" + salt + value.encode()).hexdigest()


def commitments(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Find the commitments in a payload, by their places."""
    match content:
        case {"sha256": str(found), **rest} if not rest:
            yield path, found
        case dict():
            for name, part in content.items():
                yield from commitments(part, f"{path}.{name}" if path else name)
        case list():
            for number, part in enumerate(content):
                yield from commitments(part, f"{path}[{number}]")


def _committed(envelope: Envelope, salts: Salts) -> tuple[Any, tuple[Disclosure, ...]]:
    """Put commitments in the place of what may be personal."""
    disclosures: list[Disclosure] = []

    def commit(path: str, value: str) -> Mapping[str, str]:
        salt, text = salts(envelope.id, path), canonical(value)
        disclosures.append(Disclosure(path=path, value=text, salt=salt.hex()))
        return {"sha256": commitment(text, salt)}

    def walk(cls: Any, fields: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        made: dict[str, Any] = {}
        for field in shape(cls):
            if field.name not in fields:
                continue
            place = f"{path}.{field.name}" if path else field.name
            value = fields[field.name]
            if field.arity is Arity.REPEATED:
                made[field.name] = [
                    one(field.kind, field.name, item, f"{place}[{number}]")
                    for number, item in enumerate(value)
                ]
            else:
                made[field.name] = one(field.kind, field.name, value, place)
        return made

    def one(kind: Any, name: str, value: Any, place: str) -> Any:
        if is_dataclass(kind):
            return walk(kind, value, place)
        return commit(place, value) if kind is str and name not in IMPERSONAL else value

    message = envelope.message
    payload = walk(type(message), json.loads(payload_json(message)), "")
    return payload, tuple(disclosures)


def _actor(disclosures: tuple[Disclosure, ...]) -> str | None:
    said = {d.path: json.loads(d.value) for d in disclosures}
    return next((said[name] for name in ACTORS if name in said), None)
