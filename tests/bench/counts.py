"""What a batch costs whatever the machine: statements, round trips, bytes of the log.

    python -m tests.bench.counts   # into data/baselines/counts.json

Wall-clock time on a shared machine is noise, and these are not: the protocol's own trace
says what was sent, and the server how far its write-ahead log went on. A round trip is a
synchronisation that was asked for: a pipeline has one, however many statements are in it.
A test holds every change against the baseline that is checked in.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import toolkit.escrow
from tests.bench.handler_path import LOG, handler, messages
from toolkit.core.ports import Delivery
from toolkit.escrow.store import EscrowStore
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.postgres import PostgresDatabase, migrate, open_pool
from toolkit.infra.postgres.pool import Pool
from toolkit.messages.wire import WireFormat

BASELINE = Path("data/baselines/counts.json")
SCHEMA = "escrow"
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


async def measure(dsn: str) -> dict[str, float]:
    """Open escrows in batches of each size, and answer what one batch costs."""
    migrate(dsn, {SCHEMA: Path(toolkit.escrow.__file__).parent})
    wires, figures = WireFormat(), dict[str, float]()
    async with open_pool(dsn, SCHEMA, size_max=1) as pool:
        database = PostgresDatabase(pool, SCHEMA, EscrowStore(), wires.encode, wires.decode)
        (cursor,) = await database.take_over([LOG])
        start = 0
        for size in SIZES:
            rounds = []
            for _ in range(ROUNDS + 1):
                batch = messages("counts", start, size)
                start += size
                rounds.append(await _cost(database, pool, batch, cursor.epoch))
            for name in ("statements", "round_trips", "wal_bytes"):
                cost = median(one[name] for one in rounds[1:])
                figures[f"batch of {size}: {name} an event"] = round(cost / size, 3)
    return figures


async def _cost(
    database: PostgresDatabase, pool: Pool, batch: Sequence[Delivery], epoch: int
) -> dict[str, int]:
    """Handle one batch while the protocol is traced."""
    before = await _position(pool)
    with tempfile.TemporaryFile("w+") as trace:
        async with pool.connection() as connection:
            connection.pgconn.trace(trace.fileno())
        await handler(database).handle(batch, {LOG: epoch})
        async with pool.connection() as connection:
            connection.pgconn.untrace()
        trace.seek(0)
        sent = _sent(trace.read())
    return {
        "statements": sent["Execute"] + sent["Query"],
        "round_trips": sent["Sync"] + sent["Query"],
        "wal_bytes": await _position(pool) - before,
    }


def _sent(trace: str) -> Counter[str]:
    """Count what we sent: a line has the moment, F or B, the length and the message."""
    words = (line.split("\t") for line in trace.splitlines())
    return Counter(word[3] for word in words if len(word) > 3 and word[1] == "F")


async def _position(pool: Pool) -> int:
    async with pool.connection() as connection:
        asked = await connection.execute(
            "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
        )
        row = await asked.fetchone()
    assert row
    return int(row[0])


def worse(baseline: dict[str, Any], measured: dict[str, float]) -> list[str]:
    """Name every figure that costs more than the baseline says."""
    return [
        f"{name}: {measured[name]:g}, and the baseline says {kept:g}"
        for name, kept in baseline.items()
        if measured[name] > kept * (1 + (WAL_TOLERANCE if "wal" in name else 0.0)) + 1e-9
    ]


def measured() -> dict[str, float]:
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
