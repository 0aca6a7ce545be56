"""What waits, as figures: read now and then from the service's own tables and the broker.

The truth of how far a service has come is its rows, so lag is the broker's end less the
offset that was committed with the effects, and is right even where a consumer is stuck.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg_pool import PoolTimeout

from toolkit.core.errors import Unavailable
from toolkit.core.ports import Clock, Partition
from toolkit.infra.postgres.pool import Pool
from toolkit.infra.postgres.wires import unpack
from toolkit.infra.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

EVERY_S = 15.0
OFFSETS = "select topic, partition, next_offset from offsets"
# An outbox is nearly empty, an agenda may not be: its index answers for the oldest.
OUTBOX = """
    select (select count(*) from outbox),
           (select headers from outbox order by seq limit 1)
"""
AGENDA = "select performs, count(*), min(due_at) from agenda group by performs"
LETTERS = """
    select count(*), count(distinct key) filter (where key <> ''),
           (select count(*) from parked)
    from dead_letters where resolved_at is null
"""

Positions = Callable[[], Awaitable[Mapping[Partition, int]]]
Newest = Callable[[], Awaitable[datetime | None]]
Ends = Callable[[Mapping[Partition, int]], Awaitable[Mapping[Partition, int]]]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Reads the figures of one service. Without a pool it has only a position."""

    service: str
    metrics: Metrics
    clock: Clock
    ends: Ends
    pool: Pool | None = None
    positions: Positions | None = None
    newest: Newest | None = None  # when the newest that read models know of happened

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (psycopg.Error, PoolTimeout, Unavailable, OSError) as obstacle:
                log.warning("the backlog cannot be read: %s", type(obstacle).__name__)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Read everything once."""
        reached: Mapping[Partition, int] = {}
        if self.pool is not None:
            reached = await self._look_into(self.pool)
        if self.positions is not None:
            reached = await self.positions()
        behind = 0
        for partition, end in (await self.ends(reached)).items():
            topic, number = partition
            lag = max(end - reached[partition], 0)
            behind += lag
            self.metrics.lag.labels(self.service, topic, number).set(lag)
        if self.newest is not None:
            newest_at = await self.newest() if behind else None
            lag_s = (self.clock.now() - newest_at).total_seconds() if newest_at else 0.0
            self.metrics.projection_lag_s.labels(self.service).set(max(lag_s, 0.0))
        self.metrics.seen_at.labels(self.service).set_to_current_time()

    async def _look_into(self, pool: Pool) -> Mapping[Partition, int]:
        async with pool.connection() as connection:
            outbox = await (await connection.execute(OUTBOX)).fetchone()
            agenda = await (await connection.execute(AGENDA)).fetchall()
            letters = await (await connection.execute(LETTERS)).fetchone()
            offsets = await (await connection.execute(OFFSETS)).fetchall()
        assert outbox is not None, "an aggregate always answers"
        assert letters is not None, "an aggregate always answers"
        metrics, now = self.metrics, self.clock.now()
        count, headers = outbox
        metrics.outbox.labels(self.service).set(count)
        metrics.outbox_age_s.labels(self.service).set(_age_s(headers, now))
        due = {performs: (entries, due_at) for performs, entries, due_at in agenda}
        for kind, performs in (("call", True), ("timer", False)):
            entries, due_at = due.get(performs, (0, now))
            overdue = max(now - due_at, timedelta())
            metrics.agenda.labels(self.service, kind).set(entries)
            metrics.overdue_s.labels(self.service, kind).set(overdue.total_seconds())
        for gauge, figure in zip(
            (metrics.dead_letters, metrics.parked_keys, metrics.parked),
            letters,
            strict=True,
        ):
            gauge.labels(self.service).set(figure)
        return {Partition(topic, number): offset for topic, number, offset in offsets}


def _age_s(headers: bytes | None, now: datetime) -> float:
    """Say how long ago the message with these headers was said; 0 where there is none."""
    if headers is None:
        return 0.0
    said = dict(unpack(headers)).get("ce_time")
    if said is None:
        return 0.0
    said_at = datetime.fromisoformat(said.decode()).astimezone(UTC)
    return max((now - said_at).total_seconds(), 0.0)
