"""Kafka in virtual time: ordered partitions, delivered at least once, sometimes late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from zlib import crc32

import simpy

from sims.world.time import Danger, SimSignal, Wait, no_danger
from toolkit.core.message import Envelope
from toolkit.core.ports import Cursor, Delivery, Partition, Polled, Posting

PATIENCE_MIN = timedelta(hours=1)  # an idle poll of a second would cost a month of wakes


@dataclass(slots=True)
class SimBroker:
    """The logs. A record is written once or, when an acknowledgement is lost, twice."""

    env: simpy.Environment
    random: Random
    partitions: Mapping[str, int]
    latency_mean_s: float = 0.005
    duplicate_probability: float = 0.0
    doubled: int = 0
    danger: Danger = no_danger
    logs: dict[Partition, list[Envelope]] = field(default_factory=lambda: defaultdict(list))
    listeners: list[SimConsumer] = field(default_factory=list)

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        latency_s = self.latency_s()
        self.danger(latency_s)
        await Wait(self.env.timeout(latency_s))
        for posting in postings:
            self.append(posting.topic, posting.key, posting.cargo)
            if self.random.random() < self.duplicate_probability:
                self.doubled += 1
                self.append(posting.topic, posting.key, posting.cargo)
        return {posting.seq for posting in postings}

    def latency_s(self) -> float:
        """Draw the time that records need to the broker or from it."""
        return self.random.expovariate(1 / self.latency_mean_s)

    def append(self, topic: str, key: str, envelope: Envelope) -> None:
        partition = Partition(topic, crc32(key.encode()) % self.partitions[topic])
        self.logs[partition].append(envelope)
        for listener in self.listeners:
            if topic in listener.topics:
                listener.ready[partition] = None
                listener.arrived.ring()

    def consumer(self, topics: Sequence[str], linger_s: float = 0.0) -> SimConsumer:
        """Join as the one member of a group: all partitions of its topics are its own.

        One that lingers lets more arrive before it takes what there is.
        """
        consumer = SimConsumer(self, frozenset(topics), SimSignal(self.env), linger_s)
        self.listeners.append(consumer)
        return consumer

    def leave(self, consumer: SimConsumer) -> None:
        self.listeners.remove(consumer)


@dataclass(slots=True, eq=False)
class SimConsumer:
    """One reader. It goes on where it is told to, which may be where it has been before."""

    broker: SimBroker
    topics: frozenset[str]
    arrived: SimSignal
    linger_s: float
    is_assigned: bool = False
    positions: dict[Partition, int] = field(default_factory=dict)
    ready: dict[Partition, None] = field(default_factory=dict)  # those with more to read

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        if not self.is_assigned:
            self.is_assigned = True
            return Polled(assigned=self._partitions())
        deliveries = self._fetch(records_max)
        if not deliveries:
            await self.arrived.heard(max(wait, PATIENCE_MIN))
            if self.linger_s:
                await Wait(self.broker.env.timeout(self.linger_s))
            deliveries = self._fetch(records_max)
        if deliveries:
            await Wait(self.broker.env.timeout(self.broker.latency_s()))
        return Polled(deliveries=deliveries)

    async def start(self, cursors: Sequence[Cursor]) -> None:
        for cursor in cursors:
            self.positions[cursor.partition] = cursor.offset
            self.ready[cursor.partition] = None
        self.arrived.ring()

    def _partitions(self) -> list[Partition]:
        return [
            Partition(topic, number)
            for topic in sorted(self.topics)
            for number in range(self.broker.partitions[topic])
        ]

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
    return Delivery(
        partition=partition,
        offset=offset,
        key=envelope.key,
        envelope=envelope,
        cargo=envelope,
    )
