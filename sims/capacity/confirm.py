"""The plan once more with the real handlers: the whole platform plays the load it is for.

The recursion knows queues. Here the consumer loops, relays, deciders and agenda workers of
production handle every message, in virtual time: what the recursion has left out shows in
the difference. With everybody alive, stories of days and weeks go on meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from sims.capacity.alive import alive_mean, going_on, live, stories
from sims.capacity.estimates import Estimate, Numbers, pooled_quantile
from sims.capacity.flow import Chance, Partitioned, Service, Stage, Workers
from sims.capacity.question import Plan, Question, staged
from sims.studies.question import Question as Study
from sims.studies.story import Past
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
NEVER = timedelta(days=365)  # nobody reads what these runs would archive
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
    alive: float = 0.0  # how many are, in the mean, where their stories go on
    playing: int = 0  # of these, those in which something happened meanwhile
    handled: Mapping[str, float] = field(default_factory=dict)  # for each that was opened


@dataclass(slots=True)
class Watcher:
    """Notes when each escrow's page shows where to pay: all stages are behind it then."""

    platform: Platform
    peak_s: float = 0.0  # when the load begins
    begun_s: dict[str, float] = field(default_factory=dict)
    done_s: dict[str, float] = field(default_factory=dict)
    handled: dict[str, int] = field(default_factory=dict)  # while it lasted, by service

    def hear(self, effects: Effects) -> None:
        for key, versioned in effects.states.items():
            view = versioned.state
            if isinstance(view, EscrowView) and view.payment.provider_ref:
                self.done_s.setdefault(key, self.platform.env.now)

    def stays(self) -> Numbers:
        """How long each took that came after the start had settled."""
        settled_s = self.peak_s + SETTLES_S
        return np.array(
            [
                self.done_s[key] - at_s
                for key, at_s in self.begun_s.items()
                if at_s >= settled_s and key in self.done_s
            ]
        )

    def unfinished(self) -> int:
        return len(self.begun_s.keys() - self.done_s.keys())

    def count(self) -> dict[str, int]:
        """How many messages each service has handled so far."""
        return {name: len(self.platform.databases[name].claimed) for name in TOPICS}


@record
class Middle:
    """The stories that may be going on when the load begins."""

    study: Study
    past: Past


def _middle(seed: int) -> Middle:
    study, past = stories(seed)
    return Middle(study=study, past=past)


def can_be_confirmed(question: Question) -> bool:
    """Are all consumers of the question services of the platform?"""
    keyed = {s.name for s in question.stages if s.workers is None}
    return keyed == set(TOPICS)


def confirmed(
    question: Question, rate: float, plan: Plan, *, is_alive: bool = False
) -> Confirmation:
    """Play the load on the whole platform, several times; alive, amid all stories."""
    middle = _middle(question.seed) if is_alive else None
    runs = [_played(question, rate, plan, run, middle) for run in range(RUNS)]
    watchers = [watcher for watcher, _ in runs]
    opened = sum(len(w.begun_s) for w in watchers)
    return Confirmation(
        sojourn=pooled_quantile([w.stays() for w in watchers], question.objective.quantile),
        messages=opened,
        unfinished=sum(w.unfinished() for w in watchers),
        alive=alive_mean(middle.past, rate) if middle else 0.0,
        playing=sum(playing for _, playing in runs),
        handled={n: sum(w.handled[n] for w in watchers) / opened for n in TOPICS},
    )


def _played(
    question: Question, rate: float, plan: Plan, run: int, middle: Middle | None
) -> tuple[Watcher, int]:
    """Play once; answer what was seen, and how many stories went on meanwhile."""
    stages = staged(question, plan)
    opens_for_s = SETTLES_S + min(LASTS_S, question.escrows_confirmed / rate)
    chance = Chance(seed=question.seed, run=run)
    begun = going_on(middle.past, rate, opens_for_s, chance) if middle else []
    peak_s = begun[0].before_s + SETTLES_S if begun else 0.0
    with tempfile.TemporaryDirectory() as archive:
        platform = Platform(
            seed=question.seed * 1_000 + run,
            start_at=START_AT,
            archive_root=Path(archive),
            archive_every=NEVER,
            instances={s.name: s.consumers for s in stages if isinstance(s, Partitioned)},
            pace=_pace(stages),
        )
        watcher = Watcher(platform, peak_s)
        platform.databases["projections"].told = watcher.hear
        outside = SimTasks(platform.env)
        outside.spawn(open_escrows(watcher, rate, opens_for_s))
        if middle:
            outside.spawn(live(platform, middle.study, begun, peak_s))
        until_s = peak_s + opens_for_s + DRAINS_S
        platform.run(until=START_AT + timedelta(seconds=until_s))
    return watcher, len(begun)


async def open_escrows(watcher: Watcher, rate: float, for_s: float) -> None:
    """Let commands arrive as a Poisson stream, each of a key of its own."""
    platform = watcher.platform
    gaps, ids = platform.stream("gaps"), platform.stream("ids")
    await platform.clock.sleep(timedelta(seconds=watcher.peak_s))
    number, before = 0, watcher.count()
    while platform.env.now < watcher.peak_s + for_s:
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
    watcher.handled = {n: count - before[n] for n, count in watcher.count().items()}


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
