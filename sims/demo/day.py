"""One business day on the real platform: people, and the trouble that was planned."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from sims.demo.house import HttpChain, HttpHouse
from sims.world.habits import Habits, OnChain
from sims.world.people import Deal

# Hours of the played day: short enough to end with it, long enough to overlap.
HABITS = Habits(
    never_pays=0.05,
    cancels=0.03,
    pays_within_h=0.5,
    never_delivers=0.0,
    delivers_within_h=0.6,
    releases=0.75,
    releases_within_h=0.4,
    disputes=0.12,
    arbitrated_within_h=0.3,
    looks_every=timedelta(minutes=6),
    pays_on_chain=0.05,
    # Nobody is sanctioned: what is frozen waits for a person, and not until this evening.
    on_chain=OnChain(
        price_max_minor=60_000_00,
        sends_a_part_first=0.2,
        buyer_is_risky=0.1,
        buyer_is_sanctioned=0.0,
        seller_is_sanctioned=0.0,
    ),
)
ARRIVALS = 0.55  # of the day; the rest is for what they began


@dataclass(slots=True)
class Trouble:
    """What is done to the platform on purpose, and what came of it."""

    provider: httpx.AsyncClient
    directory: Path
    rogue_minor: int
    done: list[str] = field(default_factory=list)
    planted: list[str] = field(
        default_factory=list
    )  # the provider's ids of rogue movements

    async def strike(self, fault: str, count: int, sentence: str) -> None:
        """Order faults of the provider: the next so many calls or events suffer them."""
        await self._ask(f"/_sandbox/faults/{fault}/next", {"count": count})
        self.done.append(sentence)

    async def move_money(self) -> None:
        """Let the provider make a transfer that nobody asked for."""
        made = await self._ask(
            "/_sandbox/movements", {"kind": "transfer", "amount": self.rogue_minor}
        )
        self.planted.append(made["id"])
        self.done.append("the provider moved money that we never asked for")

    def kill(self, service: str) -> None:
        """Kill a service of the platform with no warning; its keeper starts it again."""
        pid = int((self.directory / f"{service}.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        self.done.append(f"the {service} service was killed")

    async def _ask(self, path: str, form: dict[str, Any]) -> Any:
        answer = await self.provider.post(path, json=form)
        answer.raise_for_status()
        return answer.json()


async def play(
    house: HttpHouse,
    chain: HttpChain,
    trouble: Trouble,
    *,
    seed: int,
    escrows: int,
    length: timedelta,
    ended: Callable[[], None],
) -> None:
    """Let so many contracts arrive. At closing time people go home, wherever they are."""
    random = Random(f"{seed}:arrivals")
    arrivals = sorted(random.uniform(0.0, ARRIVALS) for _ in range(escrows))

    async def one(number: int, at: float) -> None:
        await house.clock.sleep(length * at)
        deal = Deal(house, number, HABITS, Random(f"{seed}:deal {number}"), chain)
        await deal.live()
        ended()

    async with asyncio.TaskGroup() as group:
        people = [
            group.create_task(one(number, at))
            for number, at in enumerate(arrivals, start=1)
        ]
        group.create_task(_make_trouble(house, trouble, length))
        await house.clock.sleep(length)
        for person in people:
            person.cancel()


async def _make_trouble(house: HttpHouse, trouble: Trouble, length: timedelta) -> None:
    pause = length / 8
    await house.clock.sleep(pause)
    await trouble.strike("webhook_lost", 2, "two webhooks were lost")
    await house.clock.sleep(pause)
    await trouble.strike("webhook_doubled", 3, "three webhooks came twice")
    await trouble.strike(
        "timed_out_after", 2, "two calls to the provider timed out after they took effect"
    )
    await house.clock.sleep(pause)
    await trouble.move_money()
    trouble.kill("payments")
    await house.clock.sleep(pause)
    trouble.kill("escrow")
