"""How much of bare produce-and-delete's throughput is left to the relay?

Both move the same rows from a throw-away server with default durability to a mock cluster:

- `bare_per_s`: read 1,000 rows, produce them with headers that were laid out beforehand,
  flush, delete them, all by hand-written statements;
- `relay_per_s`: `Relay.forward` over the adapters that production uses.

The mock cluster forgets the oldest records beyond 5 MiB a partition, which costs neither
side anything here: nobody reads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from confluent_kafka import Producer

import toolkit.escrow
from toolkit.core.message import Envelope, derived, first
from toolkit.core.ports import Effects
from toolkit.escrow.store import EscrowStore
from toolkit.infra.clock import SystemClock
from toolkit.infra.kafka import PRODUCER_SETTINGS, KafkaProducer
from toolkit.infra.mock_cluster import MockCluster
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.messages.escrow import EscrowDelivered
from toolkit.messages.topics import PARTITIONS
from toolkit.messages.wire import WireFormat
from toolkit.runtime.relay import Relay

SCHEMA = "relay_bench"
BATCH = 1_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Headers = list[tuple[str, bytes]]
READ = "select seq, topic, key, value, headers from outbox order by seq limit %s"
DELETE = "delete from outbox where seq = any(%s)"


def said(series: str, count: int) -> list[Envelope]:
    """Say so many events, spread over as many escrows."""
    return [
        first(
            EscrowDelivered(escrow_id=str(id), delivered_at=NOW, auto_release_at=NOW),
            id,
            NOW,
        )
        for id in (derived(series, str(number)) for number in range(count))
    ]


async def measure(dsn: str, rounds: int = 15) -> dict[str, float]:
    """Take turns, and answer messages a second of each side's median batch."""
    migrate(dsn, {SCHEMA: Path(toolkit.escrow.__file__).parent})
    wires = WireFormat()
    with MockCluster(PARTITIONS) as cluster:
        settings = {"bootstrap.servers": cluster.bootstrap}
        bare = Producer({**PRODUCER_SETTINGS, **settings})
        producer = KafkaProducer(settings, wires)
        try:
            async with open_pool(dsn, SCHEMA) as pool:
                database = PostgresDatabase(
                    pool, SCHEMA, EscrowStore(), wires.encode, wires.decode
                )
                relay = Relay(SCHEMA, database, producer, SystemClock())
                spent = [
                    await _turn(database, pool, relay, bare, number)
                    for number in range(rounds + 2)  # two to warm up
                ]
        finally:
            await producer.close()
    figures = {
        f"{side}_per_s": BATCH / median(turn[side] for turn in spent[2:])
        for side in ("bare", "relay")
    }
    return figures | {"relay_to_bare": figures["relay_per_s"] / figures["bare_per_s"]}


async def _turn(
    database: PostgresDatabase, pool: Any, relay: Relay, bare: Producer, number: int
) -> dict[str, float]:
    spent = {}
    posted = said(f"bare {number}", BATCH)
    await _post(database, posted)
    headers = {e.key: list(database.encode(e).headers) for e in posted}
    async with pool.connection() as connection:
        start = time.perf_counter()
        await _forward_bare(connection, bare, headers)
        spent["bare"] = time.perf_counter() - start
    await _post(database, said(f"relay {number}", BATCH))
    async with database.owned() as owned:
        start = time.perf_counter()
        moved = await relay.forward(owned)
        spent["relay"] = time.perf_counter() - start
    assert moved == BATCH, f"the relay moved {moved} of {BATCH}"
    return spent


async def _post(database: PostgresDatabase, envelopes: Sequence[Envelope]) -> None:
    async with database.transaction() as transaction:
        await transaction.write(Effects(outbox=list(envelopes)))


async def _forward_bare(
    connection: Any, producer: Producer, headers: Mapping[str, Headers]
) -> None:
    rows = await (await connection.execute(READ, [BATCH], binary=True)).fetchall()
    for _, topic, key, value, _ in rows:
        producer.produce(topic, key=key, value=value, headers=headers[key])
    await asyncio.to_thread(producer.flush)
    await connection.execute(DELETE, [[seq for seq, *_ in rows]])
