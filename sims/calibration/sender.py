"""Sends openings of escrows at fixed moments, in a process of its own.

The load is open: a message is due when it is due, whether the last one has arrived or not,
and its time counts from then.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

import numpy as np

from sims.calibration.messages import envelope
from sims.capacity.estimates import Numbers
from toolkit.core.ports import Posting
from toolkit.infra.kafka import KafkaProducer
from toolkit.messages.wire import WireFormat

TICK_S = 0.001


def moments(rate: float, lasts_s: float, seed: int) -> Numbers:
    """Draw when messages are due, in seconds from the start: a Poisson stream."""
    chance = np.random.default_rng(np.random.SeedSequence([seed, 17]))
    count = int(rate * lasts_s * 1.5) + 50
    at_s = np.cumsum(chance.exponential(1 / rate, count))
    return at_s[at_s < lasts_s]


async def send(bootstrap: str, series: str, at_s: Numbers, wires: WireFormat) -> None:
    """Publish each message when it is due, those together that are due together.

    It says when it is ready, and is told when to begin.
    """
    producer = KafkaProducer({"bootstrap.servers": bootstrap}, wires)
    said = [envelope("escrow", series, number) for number in range(len(at_s))]
    postings = [
        Posting(seq=n, topic=e.message.topic, key=e.key, cargo=e)
        for n, e in enumerate(said)
    ]
    print("ready", flush=True)
    start_s = float(await asyncio.to_thread(sys.stdin.readline))
    under_way: set[asyncio.Task[set[int]]] = set()
    sent = 0
    while sent < len(at_s):
        due = int(np.searchsorted(at_s, time.time() - start_s, "right"))
        if due > sent:
            task = asyncio.create_task(producer.publish(postings[sent:due]))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            sent = due
        await asyncio.sleep(TICK_S)
    await asyncio.gather(*under_way)
    await producer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bootstrap", "series"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("rate", "lasts-s"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    asked = parser.parse_args()
    at_s = moments(asked.rate, asked.lasts_s, asked.seed)
    asyncio.run(send(asked.bootstrap, asked.series, at_s, WireFormat()))


if __name__ == "__main__":
    main()
