"""The real parts on this machine: Postgres, a broker, handlers, and a consumer loop.

This is the one room of the simulator that touches the real world: it is there to be
measured. Postgres is the embedded one with its usual durability; the broker is librdkafka's
mock cluster, or a real Kafka whose address is given.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from uuid import UUID, uuid4

import toolkit.escrow
import toolkit.payments
import toolkit.projections
from toolkit.core.ports import Delivery, Entry
from toolkit.escrow.store import EscrowStore
from toolkit.infra.clock import SystemClock
from toolkit.infra.collector import set_for_batches
from toolkit.infra.embedded_postgres import embedded_postgres
from toolkit.infra.kafka import KafkaConsumer, KafkaProducer
from toolkit.infra.mock_cluster import MOCK_CONSUMER_SETTINGS, MockCluster
from toolkit.infra.postgres import PostgresDatabase, Store, migrate, open_pool
from toolkit.infra.topic_admin import TopicAdmin
from toolkit.infra.topic_plan import planned
from toolkit.messages.escrow import CreateEscrow
from toolkit.messages.topics import ALL_TOPICS, ENVIRONMENTS, PARTITIONS
from toolkit.messages.wire import WireFormat
from toolkit.payments.store import PaymentStore
from toolkit.projections.store import ViewStore
from toolkit.runtime.consumer import ConsumerLoop
from toolkit.runtime.handler import BatchHandler, Epochs
from toolkit.topology import ROUTES

STORES: Mapping[str, tuple[ModuleType, Callable[[], Store]]] = {
    "escrow": (toolkit.escrow, EscrowStore),
    "payments": (toolkit.payments, PaymentStore),
    "projections": (toolkit.projections, ViewStore),
}
FETCH_WAIT_MS = 50  # as the services have it
MOCK = "librdkafka's mock cluster"
MOCK_FETCH_WAIT_MS = MOCK_CONSUMER_SETTINGS["fetch.wait.max.ms"]  # it wakes no long poll


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch that was handled: when it began and ended, and how many it had."""

    begun_s: float
    ended_s: float
    count: int


@dataclass(slots=True)
class Watched:
    """A handler whose batches are timed, and whose messages are known by their ids."""

    inner: BatchHandler
    batches: list[Batch] = field(default_factory=list)
    done_s: dict[UUID, float] = field(default_factory=dict)
    awaited: int = sys.maxsize
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def have_done(self, count: int, within_s: float) -> None:
        """Wait until so many messages are done, or for so long."""
        self.awaited = count
        if len(self.done_s) >= count:
            return
        self.enough.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(within_s, 0.0)):
                await self.enough.wait()

    @property
    def service(self) -> str:
        return self.inner.service

    async def handle(
        self,
        deliveries: Sequence[Delivery],
        epochs: Epochs | None = None,
        answered: Sequence[Entry] = (),
    ) -> int:
        begun_s = time.time()
        count = await self.inner.handle(deliveries, epochs, answered)
        ended_s = time.time()
        self.batches.append(Batch(begun_s, ended_s, len(deliveries)))
        for delivery in deliveries:
            if delivery.envelope:
                self.done_s.setdefault(delivery.envelope.id, ended_s)
        if len(self.done_s) >= self.awaited:
            self.enough.set()
        return count


@dataclass(slots=True)
class Rig:
    """What is measured. `bootstrap` is the broker's address."""

    databases: dict[str, PostgresDatabase]
    bootstrap: str
    broker: str
    postgres: str
    wires: WireFormat
    fetch_wait_ms: int = FETCH_WAIT_MS
    clock: SystemClock = field(default_factory=SystemClock)

    def handler(self, service: str) -> BatchHandler:
        return BatchHandler(service, self.databases[service], self.clock, ROUTES[service]())

    @property
    def wakes(self) -> bool:
        """Does the broker wake whoever waits for records?"""
        return self.broker != MOCK

    @property
    def topic(self) -> str:
        return CreateEscrow.topic

    def producer(self) -> KafkaProducer:
        return KafkaProducer({"bootstrap.servers": self.bootstrap}, self.wires)

    @asynccontextmanager
    async def consuming(
        self, watched: Watched, records_max: int = 500
    ) -> AsyncIterator[KafkaConsumer]:
        """Keep a consumer loop of escrow running, as the service has it.

        Its group is a new one each time, so nobody waits for a member that is gone; the
        offsets are the database's.
        """
        settings = {
            "fetch.wait.max.ms": self.fetch_wait_ms,
            "bootstrap.servers": self.bootstrap,
        }
        group = f"calibration-{uuid4()}"
        consumer = KafkaConsumer(settings, group, [self.topic], self.wires)
        loop = ConsumerLoop(
            consumer,
            self.databases["escrow"],
            watched,  # type: ignore[arg-type]  # it handles like one, and is timed
            self.clock,
            records_max=records_max,
        )
        task = asyncio.create_task(loop.run())
        try:
            yield consumer
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await consumer.close()


@asynccontextmanager
async def rig(kafka: str | None = None) -> AsyncIterator[Rig]:
    """Start what is needed, and end it; a Kafka that is given gets its topics."""
    set_for_batches()  # as every service does
    with ExitStack() as stack:
        dsn = stack.enter_context(_postgres())
        if kafka is None:
            broker, address = MOCK, stack.enter_context(MockCluster(PARTITIONS)).bootstrap
        else:
            broker, address = f"Kafka at {kafka}", kafka
            admin = TopicAdmin({"bootstrap.servers": kafka})
            one_broker = ENVIRONMENTS["development"]
            admin.apply(planned(ALL_TOPICS, one_broker, admin.found()), grow=False)
        migrate(dsn, {name: Path(_folder(name)) for name in STORES})
        wires = WireFormat()
        async with (
            open_pool(dsn, "escrow") as escrow,
            open_pool(dsn, "payments") as payments,
            open_pool(dsn, "projections") as projections,
        ):
            pools = {"escrow": escrow, "payments": payments, "projections": projections}
            async with escrow.connection() as connection:
                row = await (await connection.execute("show server_version")).fetchone()
            yield Rig(
                databases={
                    name: PostgresDatabase(
                        pool, name, STORES[name][1](), wires.encode, wires.decode
                    )
                    for name, pool in pools.items()
                },
                bootstrap=address,
                broker=broker,
                fetch_wait_ms=FETCH_WAIT_MS if kafka else MOCK_FETCH_WAIT_MS,
                postgres=str(row[0]) if row else "unknown",
                wires=wires,
            )


@contextmanager
def _postgres() -> Iterator[str]:
    """Start a server on a folder that its other self may reach into."""
    with tempfile.TemporaryDirectory(prefix="calibrate-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        with embedded_postgres(data / "data") as dsn:
            yield dsn


def _folder(service: str) -> Path:
    file = STORES[service][0].__file__
    assert file is not None, "a service is a folder with a schema"
    return Path(file).parent
