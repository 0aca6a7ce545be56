"""The plan once more with the real handlers: the whole platform plays the load it is for.

The recursion knows queues. Here the consumer loops, relays, deciders and agenda workers of
production handle every message, in virtual time: what the recursion has left out shows in
the difference.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from sims.capacity.estimates import Estimate, Numbers, pooled_quantile
from sims.capacity.flow import Partitioned, Service, Stage, Workers
from sims.capacity.question import Plan, Question, staged
from sims.world.platform import Pace, Platform
from sims.world.time import SimTasks
from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.core.ports import Effects
from toolkit.messages.escrow import CreateEscrow
from toolkit.messages.topics import PARTITIONS
from toolkit.projections.model import EscrowView
from toolkit.topology import (
    ESCROW_COMMANDS,
    ESCROW_EVENTS,
    PAYMENTS_COMMANDS,
    PAYMENTS_EVENTS,
)

START_AT = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = 3
SETTLES_S, LASTS_S, DRAINS_S = 10.0, 60.0, 30.0
PRICE = Money(125_00)
TOPICS = {  # which topics a service's number of partitions is of
    "escrow": (ESCROW_COMMANDS,),
    "payments": (PAYMENTS_COMMANDS,),
    "projections": (ESCROW_EVENTS, PAYMENTS_EVENTS),
}


@record
class Confirmation:
    """What the real handlers made of a plan. `unfinished` came and had no page in time."""

    sojourn: Estimate
    messages: int
    unfinished: int


@dataclass(slots=True)
class Watcher:
    """Notes when each escrow's page shows where to pay: all stages are behind it then."""

    platform: Platform
    begun_s: dict[str, float] = field(default_factory=dict)
    done_s: dict[str, float] = field(default_factory=dict)

    def hear(self, effects: Effects) -> None:
        for key, versioned in effects.states.items():
            view = versioned.state
            if isinstance(view, EscrowView) and view.payment.provider_ref:
                self.done_s.setdefault(key, self.platform.env.now)

    def stays(self) -> Numbers:
        """How long each took that came after the start had settled."""
        return np.array(
            [
                self.done_s[key] - at_s
                for key, at_s in self.begun_s.items()
                if at_s >= SETTLES_S and key in self.done_s
            ]
        )

    def unfinished(self) -> int:
        return len(self.begun_s.keys() - self.done_s.keys())


def can_be_confirmed(question: Question) -> bool:
    """Are all consumers of the question services of the platform?"""
    keyed = {s.name for s in question.stages if s.workers is None}
    return keyed == set(TOPICS)


def confirmed(question: Question, rate: float, plan: Plan) -> Confirmation:
    """Play the load on the whole platform, several times."""
    played = [_played(question, rate, plan, run) for run in range(RUNS)]
    return Confirmation(
        sojourn=pooled_quantile([w.stays() for w in played], question.objective.quantile),
        messages=sum(len(w.begun_s) for w in played),
        unfinished=sum(w.unfinished() for w in played),
    )


def _played(question: Question, rate: float, plan: Plan, run: int) -> Watcher:
    stages = staged(question, plan)
    with tempfile.TemporaryDirectory() as archive:
        platform = Platform(
            seed=question.seed * 1_000 + run,
            start_at=START_AT,
            archive_root=Path(archive),
            instances={s.name: s.consumers for s in stages if isinstance(s, Partitioned)},
            pace=_pace(stages),
        )
        watcher = Watcher(platform)
        platform.databases["projections"].told = watcher.hear
        opens_for_s = SETTLES_S + min(LASTS_S, question.escrows_confirmed / rate)
        SimTasks(platform.env).spawn(_open_escrows(watcher, rate, opens_for_s))
        until_s = opens_for_s + DRAINS_S
        platform.run(until=START_AT + timedelta(seconds=until_s))
    return watcher


async def _open_escrows(watcher: Watcher, rate: float, for_s: float) -> None:
    """Let commands arrive as a Poisson stream, each of a key of its own."""
    platform = watcher.platform
    gaps, ids = platform.stream("gaps"), platform.stream("ids")
    number = 0
    while platform.env.now < for_s:
        await platform.clock.sleep(timedelta(seconds=gaps.expovariate(rate)))
        number += 1
        escrow_id = f"E{number}"
        watcher.begun_s[escrow_id] = platform.env.now
        command = CreateEscrow(
            escrow_id=escrow_id,
            contract_id=f"C{number}",
            buyer_id=f"buyer {number}",
            seller_id=f"seller {number}",
            amount=PRICE,
        )
        await platform.send(command, ids)


def _pace(stages: list[Stage]) -> Pace:
    by_name = {s.name: s for s in stages}
    pools = [s for s in stages if isinstance(s, Workers)]
    partitions = dict(PARTITIONS)
    for name, topics in TOPICS.items():
        stage = by_name.get(name)
        if isinstance(stage, Partitioned):
            partitions.update(dict.fromkeys(topics, stage.partitions))
    return Pace(
        transactions={
            s.name: _Law(service=s.service).lasts
            for s in stages
            if isinstance(s, Partitioned)
        },
        call_mean_s=pools[0].service.single_s if pools else 0.001,
        partitions=partitions,
        fetches={},
    )


@record
class _Law:
    """A stage's service as the simulated database asks for it."""

    service: Service

    def lasts(self, random: Random, messages: int) -> float:
        mean_s = self.service.lasts_s(messages)
        if not self.service.cv2:
            return mean_s
        return mean_s * random.gammavariate(1 / self.service.cv2, self.service.cv2)
