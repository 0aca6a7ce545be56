"""A consumer in virtual time: what it has read, and how long the broker lets it wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Protocol

import simpy

from sims.world.garbage import PROBLEM, is_readable
from sims.world.groups import Group, Member
from sims.world.time import SimSignal
from toolkit.core.message import Envelope, record
from toolkit.core.ports import Cursor, Delivery, Partition, Polled

PATIENCE_MIN = timedelta(hours=1)  # an idle poll of a second would cost a month of wakes
INSTANT_S = 0.001  # less than this is no time to wait
RECORD_BYTES = 1_000  # what a record of ours weighs, about


@record
class Fetching:
    """What a fetch asks for: so many bytes, or whatever is there when its wait is over.

    A fetch that found nothing is sent again, so that a record comes at some moment of the
    wait that is under way, and not at its beginning.
    """

    bytes_min: float = 1  # `fetch.min.bytes`
    wait_max_s: float = 0.5  # `fetch.wait.max.ms`


AT_ONCE = Fetching()


def gathering(for_s: float) -> Fetching:
    """Ask for more than there ever is: records come together, once in a while."""
    return Fetching(bytes_min=inf, wait_max_s=for_s)


class Broker(Protocol):
    """What a reader wants of its broker."""

    @property
    def env(self) -> simpy.Environment: ...
    @property
    def logs(self) -> Mapping[Partition, Sequence[Envelope]]: ...

    async def fetched(self) -> None: ...
    def earliest(self, partition: Partition) -> int: ...
    def miss(self, group: str, partition: Partition, first: int, count: int) -> None: ...


@dataclass(slots=True, eq=False)
class SimConsumer:
    """One reader. It goes on where it is told to, which may be where it has been before."""

    broker: Broker
    group: Group
    topics: frozenset[str]
    arrived: SimSignal
    fetching: Fetching = AT_ONCE
    member: Member = field(init=False)
    positions: dict[Partition, int] = field(default_factory=dict)
    ready: dict[Partition, float] = field(default_factory=dict)  # since when there is more
    asked_s: float = field(init=False)  # when the first fetch since the last answer was
    is_gathering: bool = False

    def __post_init__(self) -> None:
        self.member = self.group.join(self.arrived)
        self.asked_s = self.broker.env.now

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        if told := await self._told(records_max):
            return told
        left_s = self._left_s() if self.ready else None
        self.is_gathering = left_s is not None
        left = timedelta(seconds=left_s) if left_s is not None else PATIENCE_MIN
        await self.arrived.heard(left if self.is_gathering else max(wait, left))
        self.is_gathering = False
        return await self._told(records_max) or Polled()

    async def start(self, cursors: Sequence[Cursor]) -> None:
        for cursor in cursors:
            if cursor.partition in self.member.owned:
                self.positions[cursor.partition] = cursor.offset
                self.ready[cursor.partition] = self.broker.env.now
        if cursors:
            self.arrived.ring()

    def hears(self, partition: Partition) -> None:
        """There is a further record; who gathers is told when there are enough."""
        self.ready.setdefault(partition, self.broker.env.now)
        if not self.is_gathering or self._has_enough():
            self.arrived.ring()

    def _has_enough(self) -> bool:
        wanted = self.fetching.bytes_min
        if wanted <= RECORD_BYTES:
            return True
        if wanted == inf:
            return False
        unread = sum(
            len(self.broker.logs[partition]) - self.positions[partition]
            for partition in self.ready
            if partition in self.positions
        )
        return unread * RECORD_BYTES >= wanted

    def _left_s(self) -> float | None:
        """Say how long the broker still waits for more; None when there is nothing yet."""
        since_s = [at_s for p, at_s in self.ready.items() if p in self.positions]
        if not since_s:
            return None
        if self._has_enough():
            return 0.0
        wait_s = self.fetching.wait_max_s
        waited_s = (min(since_s) - self.asked_s) % wait_s
        left_s = min(since_s) - waited_s + wait_s - self.broker.env.now
        return left_s if left_s > INSTANT_S else 0.0

    async def _told(self, records_max: int) -> Polled | None:
        """Say what is new in the group, or else what the broker has answered."""
        if news := self._news():
            return news
        is_prompt = self.fetching.bytes_min <= RECORD_BYTES
        if not self.ready or (not is_prompt and self._left_s()):
            return None
        deliveries = self._fetch(records_max)
        if not deliveries:
            return None
        self.member.works()
        await self.broker.fetched()
        self.asked_s = self.broker.env.now
        return Polled(deliveries=deliveries)

    def _news(self) -> Polled | None:
        """Hear what the group has to tell; whom it has given up begins anew."""
        if self.member.is_gone:
            gone: list[Partition] = sorted(self.member.owned)
            come: list[Partition] = []
            self.member = self.group.join(self.arrived)
        else:
            gone, come = self.member.polls()
        for partition in gone:
            self.positions.pop(partition, None)
            self.ready.pop(partition, None)
        return Polled(assigned=come, revoked=gone) if gone or come else None

    def _fetch(self, records_max: int) -> list[Delivery]:
        found: list[Delivery] = []
        for partition in list(self.ready):
            position = self._position(partition)
            if position is None:
                continue  # not started yet
            log = self.broker.logs[partition]
            stop = min(len(log), position + records_max - len(found))
            found += [_delivery(partition, o, log[o]) for o in range(position, stop)]
            self.positions[partition] = max(position, stop)
            if stop >= len(log):
                del self.ready[partition]
        return found

    def _position(self, partition: Partition) -> int | None:
        """Say where to read on: past what the broker has forgotten, which is noted.

        The real client stops there with an error, or says so in its log when it had read
        nothing yet; here a law complains, and the rest of the story can still be seen.
        """
        position = self.positions.get(partition)
        if position is None:
            return None
        earliest = self.broker.earliest(partition)
        if position < earliest:
            self.broker.miss(self.group.name, partition, position, earliest - position)
        return max(position, earliest)


def _delivery(partition: Partition, offset: int, envelope: Envelope) -> Delivery:
    readable = is_readable(envelope)
    return Delivery(
        partition=partition,
        offset=offset,
        key=envelope.key,
        envelope=envelope if readable else None,
        cargo=envelope,
        problem=None if readable else PROBLEM,
    )
