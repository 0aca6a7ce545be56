"""The read side of the trails: pages with filters, and documents that prove themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed
from psycopg_pool import AsyncConnectionPool

from toolkit.audit.merkle import consistency_path, inclusion_path, nodes_between, nodes_of
from toolkit.audit.note import Signer, Verifier
from toolkit.audit.proof import DOCUMENT, statement, verify
from toolkit.audit.store import nodes
from toolkit.core.errors import Unavailable
from toolkit.infra.postgres.store import Connection

Row = tuple[Any, ...]
Document = dict[str, Any]
LIMIT_MAX = 500

ENTRIES = """
    select e.position, e.event_id::text, e.topic, e.kind, e.occurred_at, e.canonical,
      e.salt, e.leaf_hash, n.place, a.actor_id,
      coalesce(
        (select json_agg(json_build_object('path', d.path, 'value', d.value, 'salt', d.salt)
                         order by d.path)
         from disclosures as d
         where d.stream_id = e.stream_id and d.position = e.position), '[]'), e.stream_id
    from entries as e
    left join nodes as n on n.level = 0 and n.hash = e.leaf_hash
    left join actors as a on a.stream_id = e.stream_id and a.position = e.position
    where {conditions} order by e.position limit %(limit)s
"""
CONDITIONS = {
    "stream_id": "e.stream_id = %(stream_id)s",
    "leaf_hash": "e.leaf_hash = %(leaf_hash)s",
    "kinds": "e.kind = any(%(kinds)s)",
    "actor_id": "a.actor_id = %(actor_id)s",
    "from_at": "e.occurred_at >= %(from_at)s",
    "until_at": "e.occurred_at < %(until_at)s",
    "after": "e.position > %(after)s",
}
TRAIL = "select 1 from trails where stream_id = %(stream_id)s"
# The newest that is signed, or the oldest one with at least so many leaves.
CHECKPOINT = """
    select s.size, s.note from signatures as s
    where %(size)s::bigint is null or s.size >= %(size)s::bigint
    order by case when %(size)s::bigint is null then -s.size else s.size end limit 1
"""
ANCHOR = """
    select a.size, c.merkle_root, a.chain_id, a.tx_hash, a.block_number
    from anchors as a join checkpoints as c on c.size = a.size
    where a.size <= %(size)s order by a.size desc limit 1
"""


@dataclass(frozen=True, slots=True)
class TrailReader:
    """Reads audit's tables. Whoever has a `signer` states with it where a trail ends."""

    pool: AsyncConnectionPool[Connection]
    signer: Signer | None = None
    verifier: Verifier | None = None

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
    ) -> Document | None:
        """Answer some entries of a trail, and after which position the next page begins.

        None says that there is no such trail; one without what is wanted is an empty page.
        """
        values = {
            "stream_id": stream_id,
            "kinds": list(kinds),
            "actor_id": actor_id,
            "from_at": from_at,
            "until_at": until_at,
            "after": after,
        }
        count = max(1, min(limit, LIMIT_MAX))
        rows = await self._all(_entries(values), {**values, "limit": count + 1})
        if not rows and not await self._all(SQL(TRAIL), values):
            return None
        shown = [_shown(row) for row in rows[:count]]
        more = shown[-1]["position"] if len(rows) > count else None
        return {"stream_id": stream_id, "entries": shown, "next": more}

    async def verify(self, leaf_hash: str) -> Document | None:
        """Judge an event as whoever has its document would."""
        document = await self.event(leaf_hash)
        if document is None:
            return None
        verdict = verify(document, self.verifier)
        return {
            "holds": verdict.holds,
            "problems": verdict.problems,
            "open": verdict.doubts,
            "erased": verdict.erased,
        }

    async def event(self, leaf_hash: str) -> Document | None:
        """Answer one entry with its proof, as a document that can be verified."""
        values = {"leaf_hash": leaf_hash}
        rows = await self._all(_entries(values), {**values, "limit": 1})
        return await self._document(rows[0][-1], rows) if rows else None

    async def trail(self, stream_id: str) -> Document | None:
        """Answer a whole trail with all its proofs, as a document that can be verified."""
        values = {"stream_id": stream_id}
        rows = await self._all(_entries(values), {**values, "limit": None})
        if not rows:
            return None
        said = statement(stream_id, len(rows), rows[-1][7])
        document = await self._document(stream_id, rows)
        return document | {
            "is_whole": True,
            "statement": self.signer.sign(said) if self.signer else None,
        }

    async def checkpoint(self, size: int | None = None) -> Document | None:
        """Answer the newest signed checkpoint, or the first with so many leaves."""
        rows = await self._all(SQL(CHECKPOINT), {"size": size})
        if not rows:
            return None
        ((found, note),) = rows
        return {"size": found, "note": note, "anchor": await self._anchor(found)}

    async def consistency(self, old: int, new: int) -> Document:
        """Prove that the log of `new` leaves begins with the one of `old` leaves."""
        async with self.pool.connection() as connection:
            known = await nodes(connection, nodes_between(old, new))
        path = consistency_path(old, new, lambda level, place: known[level, place])
        return {"old": old, "new": new, "path": [hash.hex() for hash in path]}

    async def _document(self, stream_id: str, rows: Sequence[Row]) -> Document:
        newest = await self.checkpoint()
        size = newest["size"] if newest else 0
        places = [row[8] for row in rows if row[8] is not None and row[8] < size]
        wanted = {node for place in places for node in nodes_of(place, size)}
        async with self.pool.connection() as connection:
            known = await nodes(connection, sorted(wanted)) if wanted else {}

        def path(place: int) -> list[str]:
            found = inclusion_path(place, size, lambda level, at: known[level, at])
            return [hash.hex() for hash in found]

        entries = [_proven(row) for row in rows]
        for entry in entries:
            place = entry["leaf_index"]
            if place is None or place >= size:
                entry["leaf_index"], entry["path"] = None, []
            else:
                entry["path"] = path(place)
        return {
            "format": DOCUMENT,
            "stream_id": stream_id,
            "is_whole": False,
            "entries": entries,
            "checkpoint": newest and newest["note"],
            "anchor": newest and newest["anchor"],
            "statement": None,
        }

    async def _anchor(self, size: int) -> Document | None:
        """Answer the newest anchor, and the proof that the checkpoint goes on from it."""
        rows = await self._all(SQL(ANCHOR), {"size": size})
        if not rows:
            return None
        names = ("size", "merkle_root", "chain_id", "tx_hash", "block_number")
        found = dict(zip(names, rows[0], strict=True))
        return found | {"path": (await self.consistency(found["size"], size))["path"]}

    async def _all(self, query: SQL | Composed, values: Mapping[str, Any]) -> list[Row]:
        try:
            async with self.pool.connection() as connection:
                await connection.set_autocommit(True)  # one statement, one round trip
                return await (await connection.execute(query, values)).fetchall()
        except psycopg.OperationalError as failure:
            raise Unavailable(f"the audit trail does not answer: {failure}") from failure


def _entries(values: Mapping[str, Any]) -> Composed:
    """Ask only for what is wanted, so that the plan fits it."""
    asked = [
        SQL(CONDITIONS[name])
        for name, value in values.items()
        if value is not None and value != []
    ]
    return SQL(ENTRIES).format(conditions=SQL(" and ").join(asked))


def _shown(row: Row) -> Document:
    """Show an entry to a person: what happened, when, by whom, and its hash."""
    position, event_id, topic, kind, occurred_at, *_ = row
    return {
        "position": position,
        "event_id": event_id,
        "topic": topic,
        "kind": kind,
        "occurred_at": occurred_at.isoformat(),
        "actor_id": row[9],
        "hash": row[7],
        "leaf_index": row[8],
    }


def _proven(row: Row) -> Document:
    """Lay an entry out for whoever verifies it."""
    return {
        "position": row[0],
        "canonical": row[5],
        "salt": row[6],
        "leaf_hash": row[7],
        "leaf_index": row[8],
        "path": [],
        "disclosures": row[10],
    }
