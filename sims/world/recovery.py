"""How long a healed house needs until all that had piled up is handled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sims.world.time import Wait

LOOKS_EVERY_S = 5.0
CATCHES_UP_WITHIN = timedelta(minutes=15)  # dead and frozen ones come back, and retry


@dataclass(slots=True)
class Recovery:
    """When the trouble ended, and when the last of what had piled up was done."""

    healed_at: datetime
    took: timedelta | None = None

    @property
    def is_in_time(self) -> bool:
        return self.took is not None and self.took <= CATCHES_UP_WITHIN

    def __str__(self) -> str:
        if self.took is None:
            return "never caught up"
        return f"caught up after {self.took.total_seconds():.0f} s"


async def recover(platform: Any, recovery: Recovery) -> None:
    """Note what is undone now, and wait until it is done."""
    broker, databases = platform.broker, platform.databases
    ends = {
        (name, partition): len(broker.logs[partition])
        for name, group in broker.groups.items()
        if name in databases and name not in platform.pace.fetches
        for partition in group.partitions
        if broker.logs[partition]
    }
    unsaid = {name: set(kept.outbox) for name, kept in databases.items()}
    while ends or any(unsaid.values()):
        for (name, partition), end in list(ends.items()):
            cursor = databases[name].cursors.get(partition)
            if cursor is not None and cursor.offset >= end:
                del ends[name, partition]
        for name in unsaid:
            unsaid[name] &= databases[name].outbox.keys()
        if ends or any(unsaid.values()):
            await Wait(platform.env.timeout(LOOKS_EVERY_S))
    recovery.took = platform.clock.now() - recovery.healed_at
