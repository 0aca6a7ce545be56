"""End to end over Kafka: from when a record was meant to be sent until readers see it.

A process of its own: the client's threads know nothing of gevent. A probe is a contract of
its own id, put on the broker as the marketplace's topic carries it, and asked for at the
API until its escrow shows. Nothing waits for anything else: probes leave by the clock, and
a probe that is never seen is a failed sample.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import KafkaError, Message, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient

from loadtests.orders import VARIABLE, Orders, Segment, read_orders
from loadtests.samples import OK, PROBE, Recorder, Sample
from loadtests.schedule import Arrival, arrivals
from toolkit.core.message import derived, first
from toolkit.core.money import Money
from toolkit.infra import settings as configuration
from toolkit.infra.schemas import register_schemas
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.wire import WireFormat

PROBED = "kafka: sent to visible"
CONFIRMED = "kafka: sent to confirmed"
LOOK_EVERY_S = 0.02
ADMITTED_MAX = 64  # looks at once; more would measure ourselves


@dataclass(slots=True)
class Probes:
    """Sends and looks. `origin_s` is when the run begins."""

    orders: Orders
    recorder: Recorder
    producer: Any
    wires: WireFormat
    client: httpx.AsyncClient
    looks: asyncio.Semaphore
    origin_s: float
    opened: list[dict[str, Any]] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        return time.monotonic() - self.origin_s

    async def play(self) -> None:
        """Send each probe at its moment, and wait for all."""
        rate = self.orders.kafka_rate_per_s
        steady = [Segment(length_s=self.orders.seconds, from_per_s=rate, to_per_s=rate)]
        async with asyncio.TaskGroup() as group:
            for arrival in arrivals(steady, {"probe": 1.0}, self.orders.seed + 1):
                await asyncio.sleep(max(arrival.at_s - self.now_s, 0.0))
                group.create_task(self._probe(arrival))

    async def _probe(self, arrival: Arrival) -> None:
        contract = f"{self.orders.run}-probe-{arrival.number:06}"
        self._send(contract, arrival.at_s)
        people = self.orders.people["admin"]
        headers = {"Authorization": f"Bearer {people[min(people)]}"}
        end_s = self.now_s + self.orders.patience_s
        outcome = "never seen"
        while outcome != OK and self.now_s < end_s:
            await asyncio.sleep(LOOK_EVERY_S)
            async with self.looks:
                if await self._is_visible(contract, headers):
                    outcome = OK
        self._record(PROBED, arrival.at_s, outcome)

    async def _is_visible(self, contract: str, headers: dict[str, str]) -> bool:
        try:
            answer = await self.client.get(
                f"/api/contracts/{contract}/escrow", headers=headers
            )
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def _send(self, contract_id: str, at_s: float) -> None:
        contract = ContractExecuted(
            contract_id=contract_id,
            buyer_id="buyer-0000",
            seller_id="seller-0000",
            amount=Money(self.orders.mean_amount_minor),
            executed_at=datetime.now(UTC),
        )
        id = derived("load test", contract_id)
        wire = self.wires.encode(first(contract, id, contract.executed_at))
        self.producer.produce(
            ContractExecuted.topic,
            key=contract.key,
            value=wire.value,
            headers=list(wire.headers),
            on_delivery=partial(self._delivered, contract_id, at_s),
        )

    def _delivered(
        self, contract_id: str, at_s: float, error: KafkaError | None, _: Message
    ) -> None:
        self._record(CONFIRMED, at_s, OK if error is None else error.name())
        told = {"contract_id": contract_id, "amount_minor": self.orders.mean_amount_minor}
        self.opened.append({**told, "accepted": error is None, "paid": False, "shown": ""})

    def _record(self, name: str, at_s: float, outcome: str) -> None:
        took_s = self.now_s - at_s
        self.recorder.write(
            Sample(
                at_s=at_s,
                kind=PROBE,
                name=name,
                latency_s=took_s,
                service_s=took_s,
                outcome=outcome,
            )
        )


async def _play(orders: Orders, producer: Any, wires: WireFormat) -> None:
    folder = Path(orders.output)
    recorder = Recorder.to(folder / "samples-probe.csv")
    limits = httpx.Limits(max_connections=ADMITTED_MAX)
    async with httpx.AsyncClient(
        base_url=orders.host, timeout=10.0, limits=limits
    ) as client:
        looks, origin_s = asyncio.Semaphore(ADMITTED_MAX), time.monotonic()
        probes = Probes(orders, recorder, producer, wires, client, looks, origin_s)
        await probes.play()
    producer.flush(10.0)
    recorder.close()
    (folder / "probes.json").write_text(json.dumps({"opened": probes.opened}))


def main() -> None:
    orders = read_orders(Path(os.environ[VARIABLE]))
    kept = configuration.kept(Path(orders.platform_env))
    with SchemaRegistryClient({"url": kept["registry_url"]}) as registry:
        wires = WireFormat(register_schemas(registry))
    producer = Producer(
        {"bootstrap.servers": kept["kafka_bootstrap"], "acks": "all", "linger.ms": 0}
        | {"enable.idempotence": True, "partitioner": "murmur2_random"}
    )
    ended = threading.Event()

    def poll() -> None:
        while not ended.is_set():
            producer.poll(0.05)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        asyncio.run(_play(orders, producer, wires))
    finally:
        ended.set()
        thread.join(5.0)


if __name__ == "__main__":
    main()
