"""How much of bare SQL's throughput is left when the runtime handles the same messages?

    python -m tests.bench.handler_path

opens escrows on a throw-away server with default durability, and prints messages a second:

- `bare_per_s`: the same rows by hand-written statements, one pipeline for each 500, from
  lists whose messages are encoded beforehand: the database and its driver;
- `adapter_per_s`: the same effects through `Transaction.open` and `write`, 500 at a time;
- `handled_per_s`: the same messages through the batch handler, decisions included;
- `watched_per_s`: the same once more, counted, timed, and one message in a hundred traced;
- `single_per_s`: the same messages through the batch handler, one transaction each.
"""

from __future__ import annotations

import asyncio
import gc
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import toolkit.escrow
from tests.bench.bare import Batch, layout, write_bare
from toolkit.core.message import Envelope, derived, first
from toolkit.core.money import Money
from toolkit.core.ports import Delivery, Effects, Partition, Snapshot
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.escrow.service import wire as escrow_routes
from toolkit.escrow.store import EscrowStore
from toolkit.infra.clock import SystemClock
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.telemetry.health import Health
from toolkit.infra.telemetry.metrics import Metrics
from toolkit.infra.telemetry.tracing import Tracing, provided
from toolkit.infra.telemetry.watch import Watch
from toolkit.messages.escrow import CreateEscrow
from toolkit.messages.wire import WireFormat
from toolkit.runtime.handler import BatchHandler

SCHEMA = "escrow"
LOG = Partition(CreateEscrow.topic, 0)
BATCH = 500
TRACED = 0.01
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Recorder:
    """Stands where a transaction stands, and keeps what it was asked to write."""

    ids: Sequence[UUID] = ()
    keys: Sequence[str] = ()
    effects: Effects = field(default_factory=Effects)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Recorder]:
        yield self

    async def open(self, ids: Sequence[UUID], keys: Sequence[str]) -> Snapshot:
        self.ids, self.keys = ids, keys
        return Snapshot(fresh=set(ids), states={}, parked=set())

    async def begin(self, effects: Effects) -> None:
        """Wait for the whole."""

    async def write(self, effects: Effects) -> None:
        self.effects = effects


def messages(series: str, start: int, count: int) -> list[Delivery]:
    """Say `count` openings of escrows, each of its own kind by `series` and number."""
    return [opening(derived(series, str(n)), n) for n in range(start, start + count)]


def opening(id: UUID, offset: int) -> Delivery:
    command = CreateEscrow(
        escrow_id=str(id),
        contract_id=f"contract-{offset}",
        buyer_id=f"buyer-{offset}",
        seller_id=f"seller-{offset}",
        amount=Money(125_00 + offset),
    )
    envelope = first(
        command, id, NOW, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    )
    return Delivery(
        partition=LOG, offset=offset, key=envelope.key, envelope=envelope, cargo=envelope
    )


async def recorded(deliveries: Sequence[Delivery], epoch: int) -> Recorder:
    """Let the handler judge a batch, and keep its effects."""
    recorder = Recorder()
    await handler(recorder).handle(deliveries, {LOG: epoch})
    return recorder


def handler(database: Any, telemetry: Telemetry = SILENCE) -> BatchHandler:
    return BatchHandler(SCHEMA, database, SystemClock(), escrow_routes(), telemetry)


def watcher() -> Watch:
    """Watch as production does, only that spans go nowhere in the end."""
    provider = provided(SCHEMA, ratio=TRACED)
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    metrics = Metrics()
    return Watch(metrics, Health(SCHEMA, metrics), Tracing(provider))


def traced_sparsely(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Take the mark off the traces of all messages but a few."""
    every = round(1 / TRACED)
    return [
        d
        if n % every == 0 or not d.envelope
        else replace(d, envelope=_unmarked(d.envelope))
        for n, d in enumerate(deliveries)
    ]


def _unmarked(envelope: Envelope) -> Envelope:
    assert envelope.traceparent
    return replace(envelope, traceparent=f"{envelope.traceparent[:-2]}00")


async def measure(dsn: str, batches: int = 20, singles: int = 300) -> dict[str, float]:
    """Run every path on its own messages, in turns, and answer messages a second.

    A path's figure is that of its median batch: now and then a batch pays for a new
    segment of the log, or for a neighbour on the machine.
    """
    migrate(dsn, {SCHEMA: Path(toolkit.escrow.__file__).parent})
    wires = WireFormat()
    async with open_pool(dsn, SCHEMA) as pool:
        database = PostgresDatabase(pool, SCHEMA, EscrowStore(), wires.encode, wires.decode)
        (cursor,) = await database.take_over([LOG])
        watch = watcher()
        rounds = [
            await play(database, wires, cursor.epoch, n, watch)
            for n in range(batches + 2)  # two to warm up
        ]
        one_by_one = handler(database)
        alone = [
            await timed(one_by_one.handle([delivery], {LOG: cursor.epoch}))
            for delivery in messages("single", 0, singles)
        ]
    figures = {
        f"{path}_per_s": BATCH / median(spent_s[path] for spent_s in rounds[2:])
        for path in ("bare", "adapter", "handled", "watched")
    }
    figures["single_per_s"] = 1 / median(alone)
    return figures | ratios(figures)


async def play(
    database: PostgresDatabase, wires: WireFormat, epoch: int, number: int, watch: Watch
) -> dict[str, float]:
    """Take one batch down every path, and answer how many seconds each took."""
    gc.collect()
    bare = layout(await recorded(batch_of("bare", number), epoch), wires.encode)
    adapter = await recorded(batch_of("adapter", number), epoch)
    handled = batch_of("handled", number)
    watched = traced_sparsely(batch_of("watched", number))
    return {
        "bare": await timed(through_sql(database.pool, bare)),
        "adapter": await timed(through_adapter(database, adapter)),
        "handled": await timed(handler(database).handle(handled, {LOG: epoch})),
        "watched": await timed(handler(database, watch).handle(watched, {LOG: epoch})),
    }


def ratios(figures: dict[str, float]) -> dict[str, float]:
    return {
        "adapter_to_bare": figures["adapter_per_s"] / figures["bare_per_s"],
        "handled_to_bare": figures["handled_per_s"] / figures["bare_per_s"],
        "watched_to_handled": figures["watched_per_s"] / figures["handled_per_s"],
        "handled_to_single": figures["handled_per_s"] / figures["single_per_s"],
    }


def batch_of(series: str, number: int) -> list[Delivery]:
    return messages(series, number * BATCH, BATCH)


async def timed(path: Awaitable[Any]) -> float:
    start = time.perf_counter()
    await path
    return time.perf_counter() - start


async def through_sql(pool: Any, batch: Batch) -> None:
    async with pool.connection() as connection:
        await write_bare(connection, batch)


async def through_adapter(database: PostgresDatabase, batch: Recorder) -> None:
    async with database.transaction() as transaction:
        await transaction.open(batch.ids, batch.keys)
        await transaction.write(batch.effects)


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as data,
        embedded_postgres(Path(data)) as dsn,
    ):
        figures = asyncio.run(measure(dsn))
    print(
        json.dumps({name: round(figure, 3) for name, figure in figures.items()}, indent=2)
    )


if __name__ == "__main__":
    main()
