"""Messages through stages by recursion: when does each one leave, if it arrives then?

A stage of partitions is what Kafka gives: keys are spread over partitions, partitions over
consumers, and each consumer handles what has arrived in batches, one after the other. A
stage of workers is one queue that they share. There is no list of events: a batch begins
when the last one has ended, and to say so is a hundred times faster than to simulate it.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heapreplace
from math import inf
from zlib import crc32

import numpy as np

from sims.capacity.estimates import Numbers
from toolkit.core.message import record

Keys = np.ndarray[tuple[int], np.dtype[np.int64]]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hash, 64 bits


@record
class Service:
    """How long a batch takes: a part of its own, and one for each of its messages.

    `cv2` is the squared coefficient of variation around that; 0 is always the same, 1 is
    exponential. A batch takes what has arrived, up to `records_max`; it begins once
    `records_min` are there, or the first of them has waited for `wait_s` (N or T). Where
    batches of several sizes were measured, `curve` has their sizes and seconds, and what
    lies between two of them is on the line between them. `spread` has the quantiles of what
    a batch was seen to take, to the mean, in equal steps from 0 to 1; it replaces `cv2`.
    """

    batch_s: float
    message_s: float
    cv2: float = 0.0
    records_max: int = 500
    records_min: int = 1
    wait_s: float = 0.0
    curve: tuple[tuple[float, float], ...] = ()
    spread: tuple[float, ...] = ()

    def lasts_s(self, count: int) -> float:
        """The mean time of a batch of so many."""
        if not self.curve:
            return self.batch_s + count * self.message_s
        sizes, seconds = zip(*self.curve, strict=True)
        if count > sizes[-1]:
            return float(seconds[-1] * count / sizes[-1])
        return float(np.interp(count, sizes, seconds))

    @property
    def single_s(self) -> float:
        """The mean time of a message that is handled alone."""
        return self.lasts_s(1)

    @property
    def rate_max(self) -> float:
        """Messages a second of one consumer whose batches are always full."""
        full = self.records_max
        return full / self.lasts_s(full)


@record
class Partitioned:
    """Consumers of a topic. One that has no partition has nothing to do."""

    name: str
    service: Service
    partitions: int
    consumers: int
    hop_s: float = 0.0  # until the broker has it and the consumer fetched it


@record
class Workers:
    """A pool that takes from one queue: calls to a provider, connections."""

    name: str
    service: Service
    workers: int
    hop_s: float = 0.0


Stage = Partitioned | Workers


@record
class Death:
    """One consumer of each partitioned stage dies, and its partitions rest for a while.

    Then the others have them, until it is back.
    """

    at_s: float
    unnoticed_s: float  # the session's timeout, and the rebalance
    back_s: float = inf

    @property
    def over_s(self) -> float:
        return self.at_s + self.unnoticed_s


@record
class Load:
    """Poisson arrivals of messages whose keys are drawn from so many that are alive.

    With `zipf` of 0 all keys are equal; with 1 the second is half as frequent as the first.
    """

    rate: float
    keys: int
    zipf: float = 0.0


@record
class Chance:
    """Whatever is drawn in one run of a study: two plans draw alike what both have."""

    seed: int
    run: int = 0

    def stream(self, *name: object) -> np.random.Generator:
        """A source of its own for each name."""
        named = crc32("/".join(map(str, (*name, self.run))).encode())
        return np.random.default_rng(np.random.SeedSequence([self.seed, named]))


def arrivals(load: Load, count: int, chance: Chance) -> tuple[Numbers, Keys]:
    """Draw when messages arrive, in order, and which key each has."""
    gaps = chance.stream("gaps").exponential(1 / load.rate, count)
    keys = chance.stream("keys")
    if load.zipf:
        weights = 1 / np.arange(1, load.keys + 1) ** load.zipf
        drawn = keys.choice(load.keys, count, p=weights / weights.sum())
    else:
        drawn = keys.integers(0, load.keys, count)
    return np.cumsum(gaps), drawn.astype(np.int64)


def through(
    stages: Sequence[Stage],
    at_s: Numbers,
    keys: Keys,
    chance: Chance,
    death: Death | None = None,
) -> Numbers:
    """Answer when each message has left the last stage; `at_s` need not be in order."""
    left: Numbers = at_s
    for stage in stages:
        left = passed(stage, left + stage.hop_s, keys, chance, death)
    return left


def passed(
    stage: Stage, at_s: Numbers, keys: Keys, chance: Chance, death: Death | None = None
) -> Numbers:
    """Answer when each message has left one stage."""
    noise = chance.stream("service", stage.name)
    if isinstance(stage, Workers):
        return _shared(stage, at_s, noise)
    owner = partition_of(keys, stage.partitions) % stage.consumers
    if death is None:
        return _owned(stage, at_s, owner, noise)
    before = _owned(stage, at_s, owner, noise)
    last = stage.consumers - 1
    undone = (owner == last) & (before > death.at_s) & (at_s < death.back_s)
    heirs = partition_of(keys, stage.partitions) % max(last, 1)  # the only one comes back
    ready = np.where(undone, np.maximum(at_s, death.over_s), at_s)
    after = _owned(stage, ready, np.where(undone, heirs, owner), noise)
    in_time = (owner == last) & (before <= death.at_s)
    return np.where(in_time, before, after)


def _owned(
    stage: Partitioned, at_s: Numbers, owner: Keys, noise: np.random.Generator
) -> Numbers:
    left = np.empty_like(at_s)
    for consumer in range(stage.consumers):
        mine = np.flatnonzero(owner == consumer)
        mine = mine[np.argsort(at_s[mine], kind="stable")]
        left[mine] = served(stage.service, at_s[mine], noise)
    return left


def partition_of(keys: Keys, partitions: int) -> Keys:
    """Spread keys as a hash does."""
    mixed = (keys.astype(np.uint64) + np.uint64(1)) * GOLDEN
    return ((mixed >> np.uint64(33)) % np.uint64(partitions)).astype(np.int64)


def served(service: Service, at_s: Numbers, noise: np.random.Generator) -> Numbers:
    """One server, first come first served, in batches of what has arrived."""
    if service.records_max == 1:
        return _lindley(at_s, service.single_s * _noise(service, len(at_s), noise))
    left = np.empty_like(at_s)
    factors = _noise(service, len(at_s), noise)
    count, begin, free_s = len(at_s), 0, -np.inf
    batches = 0
    while begin < count:
        start_s = max(free_s, _begins(service, at_s, begin))
        end = begin + service.records_max
        end = begin + int(np.searchsorted(at_s[begin:end], start_s, "right"))
        free_s = start_s + service.lasts_s(end - begin) * factors[batches]
        left[begin:end] = free_s
        begin, batches = end, batches + 1
    return left


def _begins(service: Service, at_s: Numbers, first: int) -> float:
    """When a batch may begin: with so many messages, or when its first has waited."""
    last = first + service.records_min - 1
    enough_s = at_s[last] if last < len(at_s) else np.inf
    return float(min(enough_s, at_s[first] + service.wait_s))


def _lindley(at_s: Numbers, service_s: Numbers) -> Numbers:
    """Lindley's recursion, for one at a time: a random walk above its minimum."""
    if not len(at_s):
        return at_s
    ahead = np.cumsum(service_s) - service_s  # the work of all who came before
    idle_until = np.maximum.accumulate(at_s - ahead)
    left: Numbers = idle_until + ahead + service_s
    return left


def _shared(stage: Workers, at_s: Numbers, noise: np.random.Generator) -> Numbers:
    """Several servers and one queue, by the times at which each server is free."""
    lasts_s = stage.service.single_s * _noise(stage.service, len(at_s), noise)
    free_s = [-np.inf] * stage.workers
    heapify(free_s)
    left = np.empty_like(at_s)
    for number in np.argsort(at_s, kind="stable"):
        done_s = max(free_s[0], at_s[number]) + lasts_s[number]
        heapreplace(free_s, done_s)
        left[number] = done_s
    return left


def _noise(service: Service, count: int, source: np.random.Generator) -> Numbers:
    if service.spread:
        steps = np.linspace(0, 1, len(service.spread))
        return np.interp(source.random(count), steps, service.spread)
    if not service.cv2:
        return np.ones(count)
    return source.gamma(1 / service.cv2, service.cv2, count)
