"""The effects of a batch of openings by hand: plain set-based SQL and nothing around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from toolkit.core.message import Envelope
from toolkit.escrow.store import row_of
from toolkit.infra.postgres.columns import bigints, blobs, booleans, moments, texts, uuids
from toolkit.infra.postgres.wires import pack

CLAIM = """
    insert into inbox (id) select * from unnest(%s::uuid[])
    on conflict do nothing returning 1
"""
LOAD = "select * from escrows where escrow_id = any(%s) order by escrow_id for update"
STATES = """
    insert into escrows (
      escrow_id, version, state, contract_id, buyer_id, seller_id,
      amount_minor, currency, rail, fund_by
    )
    select * from unnest(
      %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
      %s::bigint[], %s::text[], %s::text[], %s::timestamptz[]
    ) on conflict do nothing
"""
EVENTS = """
    insert into events select * from unnest(
      %s::text[], %s::text[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[],
      %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::bytea[]
    )
"""
OUTBOX = """
    insert into outbox (topic, key, value, headers)
    select * from unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[])
"""
AGENDA = """
    insert into agenda (id, due_at, since, performs, topic, type, value, headers)
    select * from unnest(
      %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::boolean[],
      %s::text[], %s::text[], %s::bytea[], %s::bytea[]
    )
"""
OFFSET = """
    update offsets set next_offset = %s where topic = %s and partition = %s and epoch = %s
"""


class Batch(NamedTuple):
    """Every statement of a batch with its parameters, ready to be sent."""

    statements: Sequence[tuple[str, Sequence[Any]]]


def layout(recorded: Any, encode: Callable[[Envelope], Any]) -> Batch:
    """Lay out what a handler said, so that nothing but sending is left to do."""
    effects = recorded.effects
    (cursor,) = effects.cursors
    offset = [cursor.offset, *cursor.partition, cursor.epoch]
    return Batch(
        [
            (CLAIM, [uuids(recorded.ids)]),
            (LOAD, [texts(recorded.keys)]),
            (STATES, _states(effects.states)),
            (EVENTS, _events(effects.events, encode)),
            (OUTBOX, _outbox(effects.outbox, encode)),
            (AGENDA, _agenda(effects.agenda, encode)),
            (OFFSET, offset),
        ]
    )


async def write_bare(connection: Any, batch: Batch) -> None:
    """Send a batch as one transaction in one round trip."""
    async with connection.pipeline() as pipeline:
        await connection.execute("begin")
        for statement, parameters in batch.statements:
            await connection.execute(statement, parameters, binary=True)
        await connection.execute("commit")
        await pipeline.sync()


def _states(states: Any) -> list[Any]:
    rows = [row_of(key, state, version) for key, (state, version) in states.items()]
    kinds: dict[str, Callable[[Any], Any]] = {
        "version": bigints,
        "amount_minor": bigints,
        "fund_by": moments,
    }
    names = (
        "escrow_id version state contract_id buyer_id seller_id amount_minor currency rail"
        " fund_by"
    )
    return [kinds.get(n, texts)([row[n] for row in rows]) for n in names.split()]


def _events(events: Sequence[Envelope], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(e) for e in events]
    return [
        texts(e.message.topic for e in events),
        texts(e.key for e in events),
        bigints(e.version for e in events),
        uuids(e.id for e in events),
        texts(e.type for e in events),
        moments(e.occurred_at for e in events),
        uuids(e.correlation_id for e in events),
        uuids(e.causation_id for e in events),
        texts(e.traceparent for e in events),
        blobs([w.value for w in wires]),
        blobs([pack(w.headers) for w in wires]),
    ]


def _outbox(said: Sequence[Envelope], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(e) for e in said]
    return [
        texts(e.message.topic for e in said),
        texts(e.key for e in said),
        blobs([w.value for w in wires]),
        blobs([pack(w.headers) for w in wires]),
    ]


def _agenda(entries: Sequence[Any], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(entry.envelope) for entry in entries]
    return [
        uuids(entry.id for entry in entries),
        moments(entry.due_at for entry in entries),
        moments(entry.since for entry in entries),
        booleans(entry.performs for entry in entries),
        texts(entry.envelope.message.topic for entry in entries),
        texts(entry.envelope.type for entry in entries),
        blobs([w.value for w in wires]),
        blobs([pack(w.headers) for w in wires]),
    ]
