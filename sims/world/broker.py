"""Kafka in virtual time: ordered partitions, delivered at least once, sometimes late.

Producers send batches, one partition's records in each; a batch is written whole or not at
all. What is older than its topic's retention is forgotten, whoever has not read it yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from zlib import crc32

import simpy

from sims.world.groups import Group, Protocol, Timing
from sims.world.reader import AT_ONCE, Fetching, SimConsumer
from sims.world.tally import Tally
from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.message import Envelope, record
from toolkit.core.ports import Partition, Posting

DELIVERY_TIMEOUT_S = 120.0  # as librdkafka's default of five minutes, and no less telling
Watcher = Callable[[Partition, Envelope], None]


@record
class Producing:
    """How a producer gathers what it sends; the defaults are those of our relays."""

    linger_s: float = 0.0  # how long a batch that is not full waits for more
    batch_records: int = 1_000  # a megabyte of what we say, as `batch.size` counts
    apart_s: float = 0.0  # in the mean, by which partitions on other brokers come later


@record
class Hiccups:
    """What goes wrong on the way to the broker, by chance at each batch of a producer."""

    unconfirmed: float = 0.0  # it is written or not, and nobody says so


SMOOTH, PROMPT = Hiccups(), Producing()


@record
class Missed:
    """Records that the broker had forgotten when their reader came."""

    group: str
    partition: Partition
    first: int
    count: int


@dataclass(slots=True)
class Batch:
    """Records of one partition, and how long after they are sent the broker has them."""

    partition: Partition
    postings: Sequence[Posting]
    arrives_s: float


@dataclass(slots=True)
class SimBroker:
    """The logs. A record is written once or, when an acknowledgement is lost, twice."""

    env: simpy.Environment
    random: Random
    partitions: Mapping[str, int]
    latency_mean_s: float = 0.005
    duplicate_probability: float = 0.0
    hiccups: Hiccups = SMOOTH
    producing: Producing = PROMPT
    retention_s: Mapping[str, float] = field(default_factory=dict)  # by topic, if any
    doubled: int = 0
    danger: Danger = no_danger
    logs: dict[Partition, list[Envelope]] = field(default_factory=lambda: defaultdict(list))
    written_s: dict[Partition, list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    missed: list[Missed] = field(default_factory=list)
    listeners: list[SimConsumer] = field(default_factory=list)
    protocol: Protocol = Protocol.COOPERATIVE
    groups: dict[str, Group] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
    struck: Tally = field(default_factory=Tally)
    away_until_s: float = -1.0

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        """Write in order; answer what is confirmed, which may be less than is written."""
        confirmed: set[int] = set()
        failed: set[Partition] = set()  # nothing overtakes there what was not written
        sent_s = self.env.now
        batches = sorted(self._batches(postings), key=lambda batch: batch.arrives_s)
        self.danger(batches[-1].arrives_s, "before the broker has it")
        for batch in batches:
            if (left_s := sent_s + batch.arrives_s - self.env.now) > 0:
                await Wait(self.env.timeout(left_s))
            if self.env.now < self.away_until_s:
                self.struck.strike("unreachable")
                await Wait(self.env.timeout(DELIVERY_TIMEOUT_S))
                return confirmed
            if batch.partition not in failed and self._is_confirmed(batch):
                confirmed.update(posting.seq for posting in batch.postings)
            else:
                failed.add(batch.partition)
        await self._travel("before the broker's word arrives")
        return confirmed

    def _batches(self, postings: Sequence[Posting]) -> Iterator[Batch]:
        """Gather the records of each partition, and say when they are at the broker.

        Partitions on one broker arrive with one request, those on others by themselves.
        """
        by_partition: dict[Partition, list[Posting]] = defaultdict(list)
        for posting in postings:
            by_partition[self.partition_of(posting.topic, posting.key)].append(posting)
        usual, latency_s = self.producing, self.latency_s() / 2
        for partition, given in by_partition.items():
            on_its_way_s = latency_s
            if usual.apart_s and len(by_partition) > 1:
                self.struck["apart"] += 1
                on_its_way_s += self.random.expovariate(1 / usual.apart_s)
            for start in range(0, len(given), usual.batch_records):
                batch = given[start : start + usual.batch_records]
                is_full = len(batch) == usual.batch_records
                lingers_s = 0.0 if is_full else usual.linger_s
                yield Batch(partition, batch, on_its_way_s + lingers_s)

    def _is_confirmed(self, batch: Batch) -> bool:
        """Write a batch, or not, and answer whether its producer hears that it is."""
        chance = self.hiccups.unconfirmed
        is_silent = bool(chance) and self.random.random() < chance
        if is_silent:
            self.struck.strike("unconfirmed", str(batch.partition))
            if self.random.random() < 0.5:
                return False
        doubles = self.duplicate_probability
        for posting in batch.postings:
            self.append(posting.topic, posting.key, posting.cargo)
            if doubles and self.random.random() < doubles:
                self.doubled += 1
                self.struck.strike("record doubled", posting.key)
                self.append(posting.topic, posting.key, posting.cargo)
        return not is_silent

    def leave(self, for_s: float) -> None:
        """Be out of reach for a while: nothing is written, and nothing is fetched."""
        self.struck.strike("away", f"for {for_s:.0f} s")
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

    async def _travel(self, step: str) -> None:
        latency_s = self.latency_s() / 2
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

    def partition_of(self, topic: str, key: str) -> Partition:
        """Say where records of a key are."""
        return Partition(topic, crc32(key.encode()) % self.partitions[topic])

    def append(self, topic: str, key: str, envelope: Envelope) -> None:
        partition = self.partition_of(topic, key)
        self.logs[partition].append(envelope)
        if topic in self.retention_s:
            self.written_s[partition].append(self.env.now)
        for watcher in self.watchers:
            watcher(partition, envelope)
        for listener in self.listeners:
            if partition in listener.positions:
                listener.hears(partition)

    def earliest(self, partition: Partition) -> int:
        """Say which record is the oldest that is kept; the logs keep all, for the laws."""
        kept_s = self.retention_s.get(partition.topic)
        if kept_s is None:
            return 0
        return bisect_left(self.written_s[partition], self.env.now - kept_s)

    def miss(self, group: str, partition: Partition, first: int, count: int) -> None:
        """Note what a reader will never see."""
        self.struck.strike("forgotten", f"{count} records of {partition}, for {group}")
        self.missed.append(
            Missed(group=group, partition=partition, first=first, count=count)
        )

    def consumer(
        self, group: str, topics: Sequence[str], fetching: Fetching = AT_ONCE
    ) -> SimConsumer:
        """Join a group. All its members listen to the same topics."""
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
            self, found, frozenset(topics), SimSignal(self.env), fetching
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
