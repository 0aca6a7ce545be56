"""Trails and the log at rest: entries are added, never changed, and the tree grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from toolkit.audit.entry import Entry
from toolkit.audit.merkle import Frontier, Node, complete_subtrees
from toolkit.audit.state import LOG_PREFIX, Log, Trail
from toolkit.core.message import Envelope
from toolkit.core.ports import Versioned
from toolkit.infra.postgres.columns import bigints, moments, texts, uuids
from toolkit.infra.postgres.store import Connection
from toolkit.infra.postgres.table import StateTable
from toolkit.messages.audit import (
    CheckpointSealed,
    CheckpointSigned,
    PersonalDataErased,
)
from toolkit.messages.closing import AuditAnchored
from toolkit.messages.payload import from_payload_json, payload_json

TRAILS = StateTable(
    "trails",
    {
        "stream_id": "text",
        "version": "bigint",
        "count": "bigint",
        "head": "text",
        "erasures": "bigint",
    },
)
LOGS = StateTable("logs", {"log_id": "text", "version": "bigint", "document": "jsonb"})

ENTER = """
    insert into entries (
      stream_id, position, event_id, topic, kind, occurred_at, canonical, salt, leaf_hash
    )
    select * from unnest(
      %(stream_id)s::text[], %(position)s::bigint[], %(event_id)s::uuid[],
      %(topic)s::text[], %(kind)s::text[], %(occurred_at)s::timestamptz[],
      %(canonical)s::text[], %(salt)s::text[], %(leaf_hash)s::text[]
    )
"""
DISCLOSE = """
    insert into disclosures (stream_id, position, path, value, salt)
    select * from unnest(
      %(stream_id)s::text[], %(position)s::bigint[], %(path)s::text[], %(value)s::text[],
      %(salt)s::text[]
    )
"""
NAME = """
    insert into actors (stream_id, position, actor_id)
    select * from unnest(
      %(stream_id)s::text[], %(position)s::bigint[], %(actor_id)s::text[]
    )
"""
FORGET = (
    "delete from disclosures where stream_id = any(%s::text[])",
    "delete from actors where stream_id = any(%s::text[])",
)
GROW = """
    insert into nodes (level, place, hash)
    select * from unnest(%(level)s::bigint[], %(place)s::bigint[], %(hash)s::text[])
"""
NODES = """
    select level, place, hash from nodes
    join unnest(%s::bigint[], %s::bigint[]) as wanted (level, place) using (level, place)
"""
SEAL = """
    insert into checkpoints (size, from_index, merkle_root, chain_head, sealed_at)
    select * from unnest(
      %(size)s::bigint[], %(from_index)s::bigint[], %(merkle_root)s::text[],
      %(chain_head)s::text[], %(sealed_at)s::timestamptz[]
    )
"""
SIGN = """
    insert into signatures (size, note, signed_at)
    select * from unnest(%(size)s::bigint[], %(note)s::text[], %(at)s::timestamptz[])
"""
ANCHOR = """
    insert into anchors (size, chain_id, tx_hash, block_number, anchored_at)
    select * from unnest(
      %(size)s::bigint[], %(chain_id)s::bigint[], %(tx_hash)s::text[],
      %(block_number)s::bigint[], %(at)s::timestamptz[]
    )
"""


class AuditStore:
    """Keeps trails and the log apart, and adds what happened to either."""

    async def load(
        self, connection: Connection, keys: Sequence[str]
    ) -> Mapping[str, Versioned]:
        logs = [key for key in keys if key.startswith(LOG_PREFIX)]
        streams = [key for key in keys if not key.startswith(LOG_PREFIX)]
        found = {}
        for row in await TRAILS.load(connection, streams) if streams else ():
            trail = Trail(count=row["count"], head=row["head"], erasures=row["erasures"])
            found[row["stream_id"]] = Versioned(trail, row["version"])
        for row in await LOGS.load(connection, logs) if logs else ():
            log = from_payload_json(Log, row["document"])
            found[row["log_id"]] = Versioned(log, row["version"])
        return found

    async def save(
        self,
        connection: Connection,
        states: Mapping[str, Versioned],
        found: Mapping[str, int],
        events: Sequence[Envelope],
    ) -> None:
        trails = {k: v for k, v in sorted(states.items()) if isinstance(v.state, Trail)}
        logs = {k: v for k, v in sorted(states.items()) if isinstance(v.state, Log)}
        await _enter(
            connection, [(k, e) for k, v in trails.items() for e in v.state.entries]
        )
        await _forget(connection, events)
        await _seal(connection, events)
        if trails:
            rows = [
                {
                    "stream_id": k,
                    "version": version,
                    "count": t.count,
                    "head": t.head,
                    "erasures": t.erasures,
                }
                for k, (t, version) in trails.items()
            ]
            await TRAILS.save(connection, rows, found)
        if logs:
            rows = [
                {"log_id": k, "version": version, "document": payload_json(log)}
                for k, (log, version) in logs.items()
            ]
            await LOGS.save(connection, rows, found)


async def nodes(connection: Connection, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Read the roots of these subtrees."""
    asked = list(wanted)
    columns = [bigints(level for level, _ in asked), bigints(place for _, place in asked)]
    answer = await connection.execute(NODES, columns, binary=True)
    rows = await answer.fetchall()
    return {(level, place): bytes.fromhex(hash) for level, place, hash in rows}


async def _enter(connection: Connection, new: Sequence[tuple[str, Entry]]) -> None:
    """Write entries; what they commit to goes into tables of its own, which can forget."""
    if not new:
        return
    columns = {
        "stream_id": texts(stream for stream, _ in new),
        "position": bigints(e.position for _, e in new),
        "event_id": uuids(UUID(e.event_id) for _, e in new),
        "topic": texts(e.topic for _, e in new),
        "kind": texts(e.kind for _, e in new),
        "occurred_at": moments(datetime.fromisoformat(e.occurred_at) for _, e in new),
        "canonical": texts(e.canonical for _, e in new),
        "salt": texts(e.salt for _, e in new),
        "leaf_hash": texts(e.leaf_hash for _, e in new),
    }
    await connection.execute(ENTER, columns, binary=True)
    told = [(stream, e.position, d) for stream, e in new for d in e.disclosures]
    columns = {
        "stream_id": texts(stream for stream, _, _ in told),
        "position": bigints(position for _, position, _ in told),
        "path": texts(d.path for _, _, d in told),
        "value": texts(d.value for _, _, d in told),
        "salt": texts(d.salt for _, _, d in told),
    }
    await connection.execute(DISCLOSE, columns, binary=True)
    by = [(stream, e) for stream, e in new if e.actor_id is not None]
    columns = {
        "stream_id": texts(stream for stream, _ in by),
        "position": bigints(e.position for _, e in by),
        "actor_id": texts(e.actor_id for _, e in by),
    }
    await connection.execute(NAME, columns, binary=True)


async def _forget(connection: Connection, events: Sequence[Envelope]) -> None:
    erased = [e.key for e in events if isinstance(e.message, PersonalDataErased)]
    for statement in FORGET if erased else ():
        await connection.execute(statement, [texts(erased)], binary=True)


async def _seal(connection: Connection, events: Sequence[Envelope]) -> None:
    """Write what became of the log: leaves, checkpoints, signatures and anchors."""
    sealed = [
        (e.message, e.occurred_at)
        for e in events
        if isinstance(e.message, CheckpointSealed)
    ]
    signed = [
        (e.message, e.occurred_at)
        for e in events
        if isinstance(e.message, CheckpointSigned)
    ]
    anchored = [
        (e.message, e.occurred_at) for e in events if isinstance(e.message, AuditAnchored)
    ]
    if sealed:
        await _grow(connection, [m for m, _ in sealed])
        columns = {
            "size": bigints(m.to_index for m, _ in sealed),
            "from_index": bigints(m.from_index for m, _ in sealed),
            "merkle_root": texts(m.merkle_root for m, _ in sealed),
            "chain_head": texts(m.chain_head for m, _ in sealed),
            "sealed_at": moments(at for _, at in sealed),
        }
        await connection.execute(SEAL, columns, binary=True)
    if signed:
        columns = {
            "size": bigints(m.size for m, _ in signed),
            "note": texts(m.note for m, _ in signed),
            "at": moments(at for _, at in signed),
        }
        await connection.execute(SIGN, columns, binary=True)
    if anchored:
        columns = {
            "size": bigints(m.to_sequence + 1 for m, _ in anchored),
            "chain_id": bigints(m.chain_id for m, _ in anchored),
            "tx_hash": texts(m.tx_hash for m, _ in anchored),
            "block_number": bigints(m.block_number for m, _ in anchored),
            "at": moments(at for _, at in anchored),
        }
        await connection.execute(ANCHOR, columns, binary=True)


async def _grow(connection: Connection, sealed: Sequence[CheckpointSealed]) -> None:
    """Add leaves to the tree, and every subtree that they complete."""
    first = sealed[0].from_index
    wanted = list(complete_subtrees(0, first))
    known = await nodes(connection, wanted) if wanted else {}
    frontier = Frontier(size=first, peaks=tuple(known[node] for node in wanted))
    grown: list[tuple[Node, bytes]] = []
    for leaf in (bytes.fromhex(h) for each in sealed for h in each.leaf_hashes):
        grown += frontier.completed(leaf)
        frontier = frontier.append(leaf)
    assert frontier.root().hex() == sealed[-1].merkle_root, "the tree at rest is another"
    columns = {
        "level": bigints(level for (level, _), _ in grown),
        "place": bigints(place for (_, place), _ in grown),
        "hash": texts(hash.hex() for _, hash in grown),
    }
    await connection.execute(GROW, columns, binary=True)
