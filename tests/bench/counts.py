"""What a batch costs whatever the machine: statements, round trips, bytes of the log.

    python -m tests.bench.counts   # into data/baselines/counts.json

Wall-clock time on a shared machine is noise, and these are not: the protocol's own trace
says what was sent, and the server how far its write-ahead log went on. A round trip is a
synchronisation that was asked for: a pipeline has one, however many statements are in it.
A test holds every change against the baseline that is checked in.

Counted are the handlers of three services, each with the first message that an escrow means
for it, and the relay, which forwards to a mock cluster what it then deletes.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any, Self

from sims.calibration.messages import deliveries, envelope
from sims.calibration.rig import STORES
from toolkit.core.ports import Effects
from toolkit.infra.clock import SystemClock
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.kafka import KafkaProducer
from toolkit.infra.mock_cluster import MockCluster
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.postgres.outbox import PostgresOutbox
from toolkit.messages.topics import PARTITIONS
from toolkit.messages.wire import WireFormat
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.relay import Relay
from toolkit.topology import ROUTES

BASELINE = Path("data/baselines/counts.json")
SIZES = (1, 100)
ROUNDS = 5  # after one that warms up: statements are prepared when they come again
# The log may not grow by more: an index page that splits in one run splits in all of them,
# but the server writes a few bytes of its own now and then.
WAL_TOLERANCE = 0.03
STEADY = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "bgwriter_delay": "10s",
}
WIRES = WireFormat()
Figures = dict[str, float]


async def measure(dsn: str) -> Figures:
    """Answer what each stage's batches of each size cost."""
    figures = Figures()
    for service in STORES:
        async with _database(dsn, service) as database:
            figures |= await _handled(database)
    async with _database(dsn, "escrow") as database:
        return figures | await _relayed(database)


@asynccontextmanager
async def _database(dsn: str, service: str) -> AsyncIterator[PostgresDatabase]:
    """Open a service's own database on a single connection, so that one trace sees all."""
    module, store = STORES[service]
    assert module.__file__
    migrate(dsn, {service: Path(module.__file__).parent})
    async with open_pool(dsn, service, size_max=1) as pool:
        yield PostgresDatabase(pool, service, store(), WIRES.encode, WIRES.decode)


async def _handled(database: PostgresDatabase) -> Figures:
    """Hand a service the first message of so many escrows."""
    service = database.schema
    handler = BatchHandler(service, database, SystemClock(), ROUTES[service]())
    first, *_ = deliveries(service, "counts", 1)
    (cursor,) = await database.take_over([first.partition])
    figures = Figures()
    for size in SIZES:
        rounds = []
        for number in range(ROUNDS + 1):
            batch = deliveries(service, f"counts {size} {number}", size)
            epochs = {first.partition: cursor.epoch}
            async with database.pool.connection() as connection:
                before = await _position(connection)
            with _Trace() as trace:
                async with database.pool.connection() as connection:
                    connection.pgconn.trace(trace.fileno)
                await handler.handle(batch, epochs)
                async with database.pool.connection() as connection:
                    connection.pgconn.untrace()
                    rounds.append(trace.counted() | await _grown(connection, before))
        figures |= _an_event(service, size, rounds)
    return figures


async def _relayed(database: PostgresDatabase) -> Figures:
    """Have the relay forward so many messages that a transaction left in the outbox."""
    figures = Figures()
    with MockCluster(PARTITIONS) as cluster:
        producer = KafkaProducer({"bootstrap.servers": cluster.bootstrap}, WIRES)
        relay = Relay(database.schema, database, producer, SystemClock())
        try:
            async with database.owned() as outbox:
                assert isinstance(outbox, PostgresOutbox)
                while await relay.forward(outbox):
                    pass  # what the handler has left
                for size in SIZES:
                    rounds = [
                        await _forwarded(database, relay, outbox, f"{size} {number}", size)
                        for number in range(ROUNDS + 1)
                    ]
                    figures |= _an_event("relay", size, rounds)
        finally:
            await producer.close()
    return figures


async def _forwarded(
    database: PostgresDatabase, relay: Relay, outbox: PostgresOutbox, series: str, size: int
) -> Figures:
    said = [envelope("projections", f"relay {series}", number) for number in range(size)]
    async with database.transaction() as transaction:
        await transaction.write(Effects(outbox=said))
    before = await _position(outbox.connection)
    with _Trace() as trace:
        outbox.connection.pgconn.trace(trace.fileno)
        moved = await relay.forward(outbox)
        outbox.connection.pgconn.untrace()
        assert moved == size, f"the relay moved {moved} of {size}"
        return trace.counted() | await _grown(outbox.connection, before)


class _Trace:
    """The protocol's own account of what one connection sent."""

    def __enter__(self) -> Self:
        self.file = tempfile.TemporaryFile("w+")
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    @property
    def fileno(self) -> int:
        return self.file.fileno()

    def counted(self) -> Figures:
        """Count what we sent: a line has the moment, F or B, the length, the message."""
        self.file.seek(0)
        words = (line.split("\t") for line in self.file.read().splitlines())
        sent = Counter(word[3] for word in words if len(word) > 3 and word[1] == "F")
        return {
            "statements": float(sent["Execute"] + sent["Query"]),
            "round_trips": float(sent["Sync"] + sent["Query"]),
        }


async def _position(connection: Any) -> int:
    asked = await connection.execute("select (pg_current_wal_insert_lsn() - '0/0')::bigint")
    row = await asked.fetchone()
    assert row
    return int(row[0])


async def _grown(connection: Any, before: int) -> Figures:
    return {"wal_bytes": float(await _position(connection) - before)}


def _an_event(stage: str, size: int, rounds: list[Figures]) -> Figures:
    """Answer the median of all rounds but the first, for one message."""
    return {
        f"{stage}, batch of {size}: {name} an event": round(
            median(one[name] for one in rounds[1:]) / size, 3
        )
        for name in ("statements", "round_trips", "wal_bytes")
    }


def worse(baseline: dict[str, Any], measured: Figures) -> list[str]:
    """Name every figure that costs more than the baseline says."""
    return [
        f"{name}: {measured[name]:g}, and the baseline says {kept:g}"
        for name, kept in baseline.items()
        if measured[name] > kept * (1 + (WAL_TOLERANCE if "wal" in name else 0.0)) + 1e-9
    ]


def measured() -> Figures:
    with tempfile.TemporaryDirectory(prefix="counts-") as folder:
        Path(folder).chmod(0o755)  # the server is not us when we are root
        with embedded_postgres(Path(folder) / "data", settings=STEADY) as dsn:
            return asyncio.run(measure(dsn))


def main() -> None:
    figures = measured()
    BASELINE.write_text(json.dumps(figures, indent=1) + "\n")
    print(BASELINE.read_text(), end="")


if __name__ == "__main__":
    main()
