"""Kafka in virtual time: ordered partitions, delivered at least once, sometimes late."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from zlib import crc32

import simpy

from sims.world.garbage import PROBLEM, is_readable
from sims.world.groups import Group, Member, Protocol, Timing
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.message import Envelope, record
from toolkit.core.ports import Cursor, Delivery, Partition, Polled, Posting

PATIENCE_MIN = timedelta(hours=1)  # an idle poll of a second would cost a month of wakes
DELIVERY_TIMEOUT_S = 120.0  # as librdkafka's default of five minutes, and no less telling
Watcher = Callable[[Partition, Envelope], None]


@record
class Hiccups:
    """What goes wrong on the way to the broker, by chance at each batch of a producer."""

    doubled: float = 0.0  # of each record: it is written twice
    unconfirmed: float = 0.0  # written in part, and confirmed of an even smaller part
    linger_s: float = 0.0  # how long a producer waits for more before it sends


SMOOTH = Hiccups()


@dataclass(slots=True)
class SimBroker:
    """The logs. A record is written once or, when an acknowledgement is lost, twice."""

    env: simpy.Environment
    random: Random
    partitions: Mapping[str, int]
    latency_mean_s: float = 0.005
    duplicate_probability: float = 0.0
    hiccups: Hiccups = SMOOTH
    doubled: int = 0
    danger: Danger = no_danger
    logs: dict[Partition, list[Envelope]] = field(default_factory=lambda: defaultdict(list))
    listeners: list[SimConsumer] = field(default_factory=list)
    protocol: Protocol = Protocol.COOPERATIVE
    groups: dict[str, Group] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    away_until_s: float = -1.0

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        """Write in order; answer what is confirmed, which may be less than is written."""
        await self._travel("before the broker has it", self.hiccups.linger_s)
        if self.env.now < self.away_until_s:
            self.struck["unreachable"] += 1
            await Wait(self.env.timeout(DELIVERY_TIMEOUT_S))
            return set()
        written, confirmed = self._fate(len(postings))
        for posting in postings[:written]:
            self.append(posting.topic, posting.key, posting.cargo)
            if (
                self.duplicate_probability
                and self.random.random() < self.duplicate_probability
            ):
                self.doubled += 1
                self.append(posting.topic, posting.key, posting.cargo)
        await self._travel("before the broker's word arrives")
        return {posting.seq for posting in postings[:confirmed]}

    def _fate(self, count: int) -> tuple[int, int]:
        """Say how many of a batch are written, and of how many that is said."""
        chance = self.hiccups.unconfirmed
        if not chance or self.random.random() >= chance:
            return count, count
        self.struck["unconfirmed"] += 1
        written = self.random.randint(0, count)
        return written, self.random.randint(0, min(written, count - 1))

    def leave(self, for_s: float) -> None:
        """Be out of reach for a while: nothing is written, and nothing is fetched."""
        self.struck["away"] += 1
        self.away_until_s = self.env.now + for_s

    def lag(self, group: str) -> int:
        """Say how many records a group has yet to read."""
        behind = 0
        for partition in self.groups[group].partitions:
            read = [
                listener.positions[partition]
                for listener in self.listeners
                if listener.group.name == group and partition in listener.positions
            ]
            behind += len(self.logs[partition]) - max(read, default=0)
        return behind

    async def _travel(self, step: str, at_least_s: float = 0.0) -> None:
        latency_s = at_least_s + self.latency_s() / 2
        self.danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))

    def latency_s(self) -> float:
        """Draw the time that records need to the broker or from it."""
        return self.random.expovariate(1 / self.latency_mean_s)

    async def fetched(self) -> None:
        """Wait until records have come from the broker, who may be out of reach."""
        latency_s = self.latency_s() + max(self.away_until_s - self.env.now, 0.0)
        self.danger(latency_s, "before the records arrive")
        await Wait(self.env.timeout(latency_s))

    def append(self, topic: str, key: str, envelope: Envelope) -> None:
        partition = Partition(topic, crc32(key.encode()) % self.partitions[topic])
        self.logs[partition].append(envelope)
        for watcher in self.watchers:
            watcher(partition, envelope)
        for listener in self.listeners:
            if partition in listener.positions:
                listener.ready[partition] = None
                listener.arrived.ring()

    def consumer(
        self, group: str, topics: Sequence[str], linger_s: float = 0.0
    ) -> SimConsumer:
        """Join a group. All its members listen to the same topics.

        One that lingers lets more arrive before it takes what there is.
        """
        found = self.groups.get(group)
        if found is None:
            parts = [
                Partition(topic, number)
                for topic in sorted(set(topics))
                for number in range(self.partitions[topic])
            ]
            timing = Timing.of(self.protocol)
            found = self.groups[group] = Group(
                self.env, parts, self.protocol, timing, name=group
            )
        consumer = SimConsumer(
            self, found, frozenset(topics), SimSignal(self.env), linger_s
        )
        self.listeners.append(consumer)
        return consumer

    def dismiss(self, consumer: SimConsumer) -> None:
        """A consumer said goodbye: its partitions go on at once."""
        self.listeners.remove(consumer)
        consumer.group.leave(consumer.member)

    def lose(self, consumer: SimConsumer) -> None:
        """A consumer died: its group will notice when its session is over."""
        self.listeners.remove(consumer)
        consumer.group.lose(consumer.member)


@dataclass(slots=True, eq=False)
class SimConsumer:
    """One reader. It goes on where it is told to, which may be where it has been before."""

    broker: SimBroker
    group: Group
    topics: frozenset[str]
    arrived: SimSignal
    linger_s: float
    member: Member = field(init=False)
    positions: dict[Partition, int] = field(default_factory=dict)
    ready: dict[Partition, None] = field(default_factory=dict)  # those with more to read

    def __post_init__(self) -> None:
        self.member = self.group.join(self.arrived)

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        if news := self._news():
            return news
        deliveries = self._fetch(records_max)
        if not deliveries:
            await self.arrived.heard(max(wait, PATIENCE_MIN))
            if news := self._news():
                return news
            if self.linger_s:
                await Wait(self.broker.env.timeout(self.linger_s))
            deliveries = self._fetch(records_max)
        if deliveries:
            self.member.works()
            await self.broker.fetched()
        return Polled(deliveries=deliveries)

    async def start(self, cursors: Sequence[Cursor]) -> None:
        for cursor in cursors:
            if cursor.partition in self.member.owned:
                self.positions[cursor.partition] = cursor.offset
                self.ready[cursor.partition] = None
        self.arrived.ring()

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
            position = self.positions.get(partition)
            if position is None:
                continue  # not started yet
            log = self.broker.logs[partition]
            stop = min(len(log), position + records_max - len(found))
            found += [_delivery(partition, o, log[o]) for o in range(position, stop)]
            self.positions[partition] = max(position, stop)
            if stop >= len(log):
                del self.ready[partition]
        return found


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
