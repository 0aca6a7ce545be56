"""Keeps every event for ever, outside any database: consume, gather, write a file.

Nothing is remembered but the files. Whoever is assigned a partition reads from them where
to go on, so a crash at any moment costs what was gathered, which is delivered again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from toolkit.archive.files import Overtaken, append, resume
from toolkit.core.message import Envelope
from toolkit.core.ports import Clock, Consumer, Cursor, Delivery, Partition
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.messages.payload import payload_json

log = logging.getLogger(__name__)

RECORDS_MAX = 10_000
AGE_MAX = timedelta(seconds=60)
WAIT_MAX = timedelta(seconds=1)


@dataclass(slots=True)
class Sheaf:
    """What was gathered of one partition since its last file."""

    first: int
    goes_on_at: int
    since: datetime
    readable: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[dict[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.readable) + len(self.unreadable)

    def add(self, delivery: Delivery, now: datetime) -> None:
        """Add a record; one that is there already came twice."""
        if delivery.offset < self.goes_on_at:
            return
        if not self.count:
            self.since = now
        if delivery.envelope is None:
            self.unreadable.append(_unreadable(delivery))
        else:
            self.readable.append(_readable(delivery, delivery.envelope))
        self.goes_on_at = delivery.offset + 1


@dataclass(slots=True)
class Archivist:
    """One member of the archive's consumer group, and what it holds in its hands."""

    consumer: Consumer
    clock: Clock
    root: Path
    records_max: int = RECORDS_MAX
    age_max: timedelta = AGE_MAX
    telemetry: Telemetry = SILENCE
    sheaves: dict[Partition, Sheaf] = field(default_factory=dict)

    async def run(self) -> None:
        while True:
            self.telemetry.beat("archive", "consumer")
            await self.turn()

    async def turn(self) -> None:
        """Hear once, gather, and write the sheaves that are full or old."""
        wait = min(self.age_max, WAIT_MAX)
        polled = await self.consumer.poll(self.records_max, wait)
        for partition in polled.revoked:
            self.sheaves.pop(partition, None)  # its next owner goes on at the files
        if polled.assigned:
            await self._begin(polled.assigned)
        now = self.clock.now()
        for delivery in polled.deliveries:
            if sheaf := self.sheaves.get(delivery.partition):
                sheaf.add(delivery, now)
        due = [p for p, sheaf in self.sheaves.items() if self._is_due(sheaf, now)]
        for partition in due:
            await self._write(partition)

    def _is_due(self, sheaf: Sheaf, now: datetime) -> bool:
        count = sheaf.count
        return count >= self.records_max or (
            count > 0 and now - sheaf.since >= self.age_max
        )

    async def _begin(self, partitions: Sequence[Partition]) -> None:
        """Go on where the files end."""
        now, cursors = self.clock.now(), []
        for partition in partitions:
            offset = resume(self.root, partition)
            self.sheaves[partition] = Sheaf(first=offset, goes_on_at=offset, since=now)
            cursors.append(Cursor(partition=partition, epoch=0, offset=offset))
        await self.consumer.start(cursors)

    async def _write(self, partition: Partition) -> None:
        done = self.sheaves[partition]
        try:
            append(
                self.root,
                partition,
                first=done.first,
                goes_on_at=done.goes_on_at,
                readable=done.readable,
                unreadable=done.unreadable,
            )
        except Overtaken as lost:
            # Another member owns it now, and the group has not told us yet.
            log.warning("gathered in vain: %s", lost)
            await self._begin([partition])
            return
        self.sheaves[partition] = Sheaf(
            first=done.goes_on_at, goes_on_at=done.goes_on_at, since=self.clock.now()
        )


async def archive(
    consumer: Consumer,
    clock: Clock,
    root: Path,
    *,
    records_max: int = RECORDS_MAX,
    age_max: timedelta = AGE_MAX,
    telemetry: Telemetry = SILENCE,
) -> None:
    """Archive what arrives: a file when enough has come, or enough time has gone by."""
    await Archivist(consumer, clock, root, records_max, age_max, telemetry).run()


def _readable(delivery: Delivery, envelope: Envelope) -> dict[str, Any]:
    return {
        "topic": delivery.partition.topic,
        "partition": delivery.partition.number,
        "offset": delivery.offset,
        "event_id": str(envelope.id),
        "event_type": envelope.type,
        "aggregate_id": envelope.key,
        "aggregate_version": envelope.version,
        "occurred_at": envelope.occurred_at,
        "correlation_id": str(envelope.correlation_id),
        "causation_id": str(envelope.causation_id) if envelope.causation_id else None,
        "payload": payload_json(envelope.message),
        "ce_source": f"/{delivery.partition.topic.partition('.')[0]}",
    }


def _unreadable(delivery: Delivery) -> dict[str, Any]:
    return {
        "topic": delivery.partition.topic,
        "partition": delivery.partition.number,
        "offset": delivery.offset,
        "key": delivery.key,
        "payload": _bytes_of(delivery.cargo),
        "problem": delivery.problem or "unreadable",
    }


def _bytes_of(cargo: Any) -> bytes:
    """Keep the bytes as they came, or what describes them best."""
    value = getattr(cargo, "value", cargo)
    return value if isinstance(value, bytes) else repr(cargo).encode()
