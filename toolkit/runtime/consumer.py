"""The consumer loop: own partitions, handle what they hold, never look back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from toolkit.core.errors import Fenced
from toolkit.core.message import derived
from toolkit.core.ports import Clock, Consumer, Cursor, Delivery, Partition, Transactions
from toolkit.core.telemetry import SILENCE, Telemetry
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import persistently

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConsumerLoop:
    """Where a service listens. Its offsets are rows beside its effects, never Kafka's."""

    consumer: Consumer
    database: Transactions
    handler: BatchHandler
    clock: Clock
    records_max: int = 500
    wait: timedelta = timedelta(seconds=1)
    telemetry: Telemetry = SILENCE
    owned: dict[Partition, Cursor] = field(default_factory=dict)
    fenced: set[Partition] = field(default_factory=set)  # taken over by somebody else

    async def run(self) -> None:
        while True:
            self.telemetry.beat(self.handler.service, "consumer")
            polled = await self.consumer.poll(self.records_max, self.wait)
            for partition in polled.revoked:
                self.owned.pop(partition, None)
            # What is ours still, after a poll, was taken by a process that was frozen on
            # its way to it: it will be told, and we take it back.
            ours = self.fenced.difference(polled.revoked, polled.assigned)
            self.fenced.clear()
            if taken := [*polled.assigned, *sorted(ours)]:
                await self._take_over(taken)
            await self._handle([d for d in polled.deliveries if d.partition in self.owned])

    async def _take_over(self, partitions: Sequence[Partition]) -> None:
        seed = derived("take over", self.handler.service)
        cursors = await persistently(
            self.clock, seed, lambda: self.database.take_over(partitions)
        )
        self.owned.update({cursor.partition: cursor for cursor in cursors})
        await self.consumer.start(cursors)

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        here = dict.fromkeys(d.partition for d in deliveries)
        epochs = {p: self.owned[p].epoch for p in here}
        seed = _seed(deliveries[0])
        try:
            await persistently(
                self.clock, seed, lambda: self.handler.handle(deliveries, epochs)
            )
        except Fenced as lost:
            log.warning("%s lost a partition: %s", self.handler.service, lost)
            await self._handle_apart(deliveries)

    async def _handle_apart(self, deliveries: Sequence[Delivery]) -> None:
        """Hand in each partition alone; one that has a newer owner is theirs to finish."""
        for partition in sorted({d.partition for d in deliveries}):
            cursor = self.owned.pop(partition)
            epochs = {partition: cursor.epoch}
            alone = [d for d in deliveries if d.partition == partition]
            handle = partial(self.handler.handle, alone, epochs)
            try:
                await persistently(self.clock, derived(*map(str, partition)), handle)
            except Fenced:
                self.fenced.add(partition)
                continue
            self.owned[partition] = cursor


def _seed(first: Delivery) -> UUID:
    """Say by what a batch waits before it is tried again, as its first message would."""
    if first.envelope is not None:
        return first.envelope.id
    return derived(*map(str, (*first.partition, first.offset)))
