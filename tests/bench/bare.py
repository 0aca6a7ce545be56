"""The effects of a batch of openings by hand: plain set-based SQL and nothing around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from toolkit.core.message import Envelope
from toolkit.escrow.store import row_of
from toolkit.infra.postgres.wires import pack

CLAIM = """
    insert into inbox (id) select * from unnest(%b::uuid[])
    on conflict do nothing returning 1
"""
LOAD = "select * from escrows where escrow_id = any(%b) order by escrow_id for update"
STATES = """
    insert into escrows (
      escrow_id, version, state, contract_id, buyer_id, seller_id,
      amount_minor, currency, rail, fund_by
    )
    select * from unnest(
      %b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[],
      %b::bigint[], %b::text[], %b::text[], %b::timestamptz[]
    ) on conflict do nothing
"""
EVENTS = """
    insert into events select * from unnest(
      %b::text[], %b::text[], %b::bigint[], %b::uuid[], %b::text[], %b::timestamptz[],
      %b::uuid[], %b::uuid[], %b::text[], %b::bytea[], %b::bytea[]
    )
"""
OUTBOX = """
    insert into outbox (topic, key, value, headers)
    select * from unnest(%b::text[], %b::text[], %b::bytea[], %b::bytea[])
"""
AGENDA = """
    insert into agenda (id, due_at, since, performs, topic, type, value, headers)
    select * from unnest(
      %b::uuid[], %b::timestamptz[], %b::timestamptz[], %b::boolean[],
      %b::text[], %b::text[], %b::bytea[], %b::bytea[]
    )
"""
OFFSET = """
    update offsets set next_offset = %b where topic = %b and partition = %b and epoch = %b
"""


class Batch(NamedTuple):
    """Every statement of a batch with its parameters, ready to be sent."""

    statements: Sequence[tuple[str, Sequence[Any]]]


def layout(recorded: Any, encode: Callable[[Envelope], Any]) -> Batch:
    """Gather what a handler said, encoded, so that only SQL is left to do."""
    effects = recorded.effects
    (cursor,) = effects.cursors
    offset = [cursor.offset, *cursor.partition, cursor.epoch]
    return Batch(
        [
            (CLAIM, [list(recorded.ids)]),
            (LOAD, [list(recorded.keys)]),
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
    names = (
        "escrow_id version state contract_id buyer_id seller_id amount_minor currency rail"
        " fund_by"
    )
    return [[row[name] for row in rows] for name in names.split()]


def _events(events: Sequence[Envelope], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(e) for e in events]
    return [
        [e.message.topic for e in events],
        [e.key for e in events],
        [e.version for e in events],
        [e.id for e in events],
        [e.type for e in events],
        [e.occurred_at for e in events],
        [e.correlation_id for e in events],
        [e.causation_id for e in events],
        [e.traceparent for e in events],
        [w.value for w in wires],
        [pack(w) for w in wires],
    ]


def _outbox(said: Sequence[Envelope], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(e) for e in said]
    return [
        [e.message.topic for e in said],
        [e.key for e in said],
        [w.value for w in wires],
        [pack(w) for w in wires],
    ]


def _agenda(entries: Sequence[Any], encode: Callable[[Envelope], Any]) -> list[Any]:
    wires = [encode(entry.envelope) for entry in entries]
    return [
        [entry.id for entry in entries],
        [entry.due_at for entry in entries],
        [entry.since for entry in entries],
        [entry.performs for entry in entries],
        [entry.envelope.message.topic for entry in entries],
        [entry.envelope.type for entry in entries],
        [w.value for w in wires],
        [pack(w) for w in wires],
    ]
