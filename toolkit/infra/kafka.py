"""Kafka by confluent-kafka: a producer that keeps the order, a consumer that never commits.

librdkafka is synchronous and has threads of its own. The producer's callbacks run in one
thread that does nothing but wait for them; every call of a consumer is made in that
consumer's one thread. The event loop is never blocked by either.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from toolkit.core.errors import Declined, Unreadable
from toolkit.core.message import Envelope
from toolkit.core.ports import Cursor, Delivery, Partition, Polled, Posting
from toolkit.infra.kafka_guard import Guard
from toolkit.messages.wire import Wire, WireFormat

log = logging.getLogger(__name__)

POLL_S = 0.1  # how long a thread waits at a stretch; bounds closing and rebalances
FULL_QUEUE_S = 0.01  # how long to wait for room in the producer's queue
CLOSE_S = 5.0  # how long closing waits for the broker's last answers
RECORD_BYTES = 100  # what a record weighs beside its key, value and headers

PRODUCER_SETTINGS: Mapping[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,
    "enable.gapless.guarantee": True,  # a lost record is fatal, not overtaken
    "message.timeout.ms": 0,  # try for ever: giving one up would break its key's order
    "partitioner": "murmur2_random",  # as every Java client places a key
    "linger.ms": 0,  # a relay's batch is there at once: nothing more is worth a wait
}
CONSUMER_SETTINGS: Mapping[str, Any] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # what the broker forgot before we read it is loud
    "allow.auto.create.topics": False,
}
# The members of a classic group agree among themselves, and each says how long it may be
# silent. In a group of KIP-848 the broker decides both, and takes no such setting.
CLASSIC = "classic"
CLASSIC_SETTINGS: Mapping[str, Any] = {
    "partition.assignment.strategy": "cooperative-sticky",
    "session.timeout.ms": 6_000,
    "heartbeat.interval.ms": 1_000,
}


def group_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the settings of a member, and leave out what is the broker's to decide."""
    if given.get("group.protocol", CLASSIC) == CLASSIC:
        return {**CONSUMER_SETTINGS, **CLASSIC_SETTINGS, **given}
    ours = {name: value for name, value in given.items() if name not in CLASSIC_SETTINGS}
    return {**CONSUMER_SETTINGS, **ours}


class _Batch:
    """The postings of one `publish`, until the broker has answered for each.

    Answers come in the producer's thread, and are counted without a lock: whoever sees
    that the last one is there says so, and it does no harm if two of us do.
    """

    def __init__(self, answered: Callable[[], object]) -> None:
        self.confirmed: list[int] = []
        self.failed: list[int] = []
        self._answered = answered
        self._awaited = -1  # not known before all are sent

    def sent(self, count: int) -> None:
        self._awaited = count
        self._check()

    def confirm(self, seq: int) -> None:
        self.confirmed.append(seq)
        self._check()

    def fail(self, seq: int) -> None:
        self.failed.append(seq)
        self._check()

    def _check(self) -> None:
        if len(self.confirmed) + len(self.failed) == self._awaited:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                self._answered()


class KafkaProducer:
    """The way to the broker; `toolkit.core.ports.Producer`."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        wire_format: WireFormat,
        guard: Guard | None = None,
    ) -> None:
        self._wire_format = wire_format
        self._guard = guard
        self._failure: KafkaError | None = None
        self._closing = threading.Event()
        self._producer = Producer(
            {**PRODUCER_SETTINGS, **settings, "error_cb": self._failed}, logger=log
        )
        self._thread = threading.Thread(
            target=self._poll, name="kafka producer", daemon=True
        )
        self._thread.start()

    async def publish(self, postings: Sequence[Posting]) -> set[int]:
        """Send in order; answer the `seq`s that the broker has confirmed as written.

        Raises Unavailable when readers are so far behind that the broker would forget,
        and KafkaException when only a new producer can help, or no producer can.
        """
        loop = asyncio.get_running_loop()
        answered = asyncio.Event()
        batch = _Batch(partial(loop.call_soon_threadsafe, answered.set))
        count = 0
        try:
            for posting, wire in self._admitted(postings):
                while not self._produced(posting, wire, batch):  # noqa: ASYNC110 - no signal
                    await asyncio.sleep(FULL_QUEUE_S)
                count += 1
        finally:
            batch.sent(count)
        await answered.wait()
        self._check()
        return set(batch.confirmed)

    async def close(self) -> None:
        """Wait a little for the last answers, then give up what has none."""
        await asyncio.to_thread(self._close)

    def _produced(self, posting: Posting, wire: Wire, batch: _Batch) -> bool:
        """Hand one record to the client; False when its queue is full."""
        self._check()
        try:
            self._producer.produce(
                posting.topic,
                key=posting.key,
                value=wire.value,
                headers=list(wire.headers),
                on_delivery=partial(self._delivered, batch, posting.seq, wire),
            )
        except BufferError:
            return False
        return True

    def _admitted(self, postings: Sequence[Posting]) -> Sequence[tuple[Posting, Wire]]:
        """Encode; where there is a guard, leave out the rest from where it says stop."""
        wires = [(posting, self._wire(posting)) for posting in postings]
        if self._guard is None:
            return wires
        sizes = ((posting.topic, _size(wire)) for posting, wire in wires)
        return wires[: self._guard.fitting(sizes)]

    def _wire(self, posting: Posting) -> Wire:
        """Encode what is not encoded yet, having seen that it belongs where it is sent."""
        if not isinstance(posting.cargo, Envelope):
            return posting.cargo  # type: ignore[no-any-return]  # the very bytes
        topic, key = posting.cargo.message.topic, posting.cargo.key
        if (posting.topic, posting.key) != (topic, key):
            raise Declined(
                f"a {posting.cargo.type} of key {key!r:.80} belongs on {topic}, and was "
                f"posted to {posting.topic} with key {posting.key!r:.80}"
            )
        return self._wire_format.encode(posting.cargo)

    def _check(self) -> None:
        if self._failure is not None:
            raise KafkaException(self._failure)

    # In the thread of the producer:

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(POLL_S)

    def _delivered(
        self,
        batch: _Batch,
        seq: int,
        wire: Wire,
        error: KafkaError | None,
        sent: Message,
    ) -> None:
        if error is not None:
            log.error("message %s was not written to %s: %s", seq, sent.topic(), error)
            batch.fail(seq)
            return
        if self._guard is not None:
            self._guard.written(*_place(sent), _size(wire))
        batch.confirm(seq)

    def _failed(self, error: KafkaError) -> None:
        if error.fatal():
            self._failure = error
        log.log(logging.ERROR if error.fatal() else logging.WARNING, "producer: %s", error)

    def _close(self) -> None:
        self._producer.flush(CLOSE_S)
        self._producer.purge()
        self._producer.flush(CLOSE_S)
        self._closing.set()
        self._thread.join()


def _size(wire: Wire) -> int:
    headers = sum(len(name) + len(value) for name, value in wire.headers)
    return len(wire.value) + headers + RECORD_BYTES


class KafkaConsumer:
    """One member of a consumer group; `toolkit.core.ports.Consumer`."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        group: str,
        topics: Sequence[str],
        wire_format: WireFormat,
    ) -> None:
        self._wire_format = wire_format
        self._next: dict[Partition, int] = {}  # of the started partitions: what to read
        self._assigned: list[Partition] = []
        self._revoked: list[Partition] = []
        self._polling: asyncio.Future[Polled] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"kafka {group}")
        self._consumer = Consumer(
            {**group_settings(settings), "group.id": group}, logger=log
        )
        self._consumer.subscribe(
            list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke
        )

    async def poll(self, records_max: int, wait: timedelta) -> Polled:
        """Wait for something to tell. Newly assigned partitions rest until `start`.

        A poll that is cancelled is not lost: the next one answers what it had found.
        """
        if self._polling is None:
            self._polling = asyncio.get_running_loop().run_in_executor(
                self._thread, self._poll, records_max, wait.total_seconds()
            )
        try:
            polled = await asyncio.shield(self._polling)
        except Exception:
            self._polling = None
            raise
        self._polling = None
        return polled

    async def start(self, cursors: Sequence[Cursor]) -> None:
        """Begin to deliver these partitions at their offsets."""
        if cursors:
            await self._in_thread(self._start, cursors)

    async def close(self) -> None:
        """Leave the group; what was polled and not handled is the next owner's."""
        await self._in_thread(self._leave)
        self._thread.shutdown()

    async def _in_thread(self, call: Callable[..., None], *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, call, *arguments)

    # In the thread of the consumer:

    def _poll(self, records_max: int, wait_s: float) -> Polled:
        deadline = time.monotonic() + wait_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            found = self._consumer.consume(1, timeout=min(left_s, POLL_S))
            if found and records_max > 1:  # one has come: take what came with it
                found += self._consumer.consume(records_max - 1, timeout=0)
            polled = self._told(found)
            if polled.assigned or polled.revoked or polled.deliveries or not left_s:
                return polled

    def _told(self, found: Iterable[Message]) -> Polled:
        deliveries = [d for message in found if (d := self._delivery(message))]
        polled = Polled(
            assigned=tuple(self._assigned),
            revoked=tuple(self._revoked),
            deliveries=deliveries,
        )
        self._assigned, self._revoked = [], []
        return polled

    def _delivery(self, message: Message) -> Delivery | None:
        """Read one record, unless it is of a partition that rests or was read before."""
        error = message.error()
        if error is not None:
            _judge(error)
            return None
        partition, offset = _place(message)
        expected = self._next.get(partition)
        if expected is None or offset < expected:
            return None
        if expected == 0 < offset:
            log.warning("%s/%s begins at %s: what was before is gone", *partition, offset)
        self._next[partition] = offset + 1
        wire, key = _wire(message), _text(message.key())
        try:
            envelope, problem = self._wire_format.receive(partition.topic, key, wire), None
        except Unreadable as reason:
            envelope, problem = None, str(reason)
        return Delivery(
            partition=partition,
            offset=offset,
            key=key,
            envelope=envelope,
            cargo=wire,
            problem=problem,
        )

    def _start(self, cursors: Sequence[Cursor]) -> None:
        ours = {Partition(p.topic, p.partition) for p in self._consumer.assignment()}
        for partition, offset in ((c.partition, c.offset) for c in cursors):
            if partition not in ours:
                continue  # it went while its cursor was read; `poll` tells, or has told
            self._consumer.seek(TopicPartition(*partition, offset or OFFSET_BEGINNING))
            self._consumer.resume([TopicPartition(*partition)])
            self._next[partition] = offset

    def _leave(self) -> None:
        """Give everything back while the group still listens, and only then close.

        A revocation that begins in the midst of closing may never be answered, and waits
        with all of Python (librdkafka's issue 4884).
        """
        self._consumer.unsubscribe()
        deadline = time.monotonic() + CLOSE_S
        while self._consumer.assignment() and time.monotonic() < deadline:
            self._consumer.consume(1, timeout=POLL_S)
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        # The offset is a placeholder that asks the broker nothing; `start` seeks.
        resting = [TopicPartition(p.topic, p.partition, 0) for p in partitions]
        consumer.incremental_assign(resting)
        consumer.pause(resting)
        self._assigned += [Partition(p.topic, p.partition) for p in partitions]

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        gone = [Partition(p.topic, p.partition) for p in partitions]
        for partition in gone:
            self._next.pop(partition, None)
        self._assigned = [p for p in self._assigned if p not in gone]
        self._revoked += gone
        consumer.incremental_unassign(partitions)


def _judge(error: KafkaError) -> None:
    """Let pass what librdkafka repairs itself; raise what would lose records."""
    if error.fatal() or error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - it is the public name
        raise KafkaException(error)
    log.warning("consumer: %s", error)


def _place(message: Message) -> tuple[Partition, int]:
    topic, number, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert number is not None
    assert offset is not None
    return Partition(topic, number), offset


def _wire(message: Message) -> Wire:
    headers: Any = message.headers() or []  # a list of pairs, as it comes from a broker
    return Wire.of(
        value=message.value() or b"",
        headers=tuple((name, value or b"") for name, value in headers),
    )


def _text(key: Any) -> str:
    return (key or b"").decode("utf-8", "backslashreplace")
