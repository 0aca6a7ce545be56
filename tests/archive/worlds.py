"""A broker of one partition that never forgets, and a clock that is set by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from toolkit.core.message import first
from toolkit.core.ports import Delivery, Partition, Polled
from toolkit.messages.escrow import EscrowDelivered

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
LOG = Partition("escrow.events.v1", 3)


class EndOfLogError(Exception):
    """Nothing more will ever come: what a test waits for."""


def said(offset):
    """The event at an offset."""
    return first(
        EscrowDelivered(escrow_id=f"E{offset}", delivered_at=NOW, auto_release_at=NOW),
        id=UUID(int=offset + 1),
        at=NOW + timedelta(microseconds=offset),
    )


def delivery(offset, *, readable=True, partition=LOG):
    envelope = said(offset) if readable else None
    return Delivery(
        partition=partition,
        offset=offset,
        key=f"E{offset}",
        envelope=envelope,
        cargo=envelope or b"\x00garbage",
        problem=None if readable else "no message we know",
    )


@dataclass
class HandClock:
    at: datetime = NOW

    def now(self):
        return self.at

    async def sleep(self, delay):
        self.at += delay


@dataclass
class Tape:
    """Plays a log from any offset, so much at a time, and then ends."""

    records: list
    at_a_time: int = 7
    news: list = field(default_factory=lambda: [Polled(assigned=[LOG])])
    position: int | None = None

    async def poll(self, records_max, wait):  # noqa: ARG002 - nobody waits for a tape
        if self.news:
            return self.news.pop(0)
        found = [r for r in self.records if r.offset >= self.position]
        found = found[: min(self.at_a_time, records_max)]
        if not found:
            raise EndOfLogError
        self.position = found[-1].offset + 1
        return Polled(deliveries=found)

    async def start(self, cursors):
        self.position = cursors[0].offset
