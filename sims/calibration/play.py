"""One open-loop run on the real parts: how long messages took, and how far it lagged."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median_low

import numpy as np

from sims.calibration.messages import envelope, named
from sims.calibration.rig import Rig, Watched
from sims.calibration.sender import moments
from sims.capacity.estimates import Numbers
from toolkit.core.message import record
from toolkit.core.ports import Posting

STARTS_AFTER_S = 0.5  # the sender has heard of it by then
WARM = 50
SETTLES = 0.2  # of a run's messages at its beginning are not looked at
DRAINS_S = 20.0


@record
class Load:
    """What is sent, and whether the consumer is away for a while in the middle."""

    rate: float
    lasts_s: float
    seed: int
    away_from_s: float | None = None
    away_for_s: float = 0.0

    @property
    def name(self) -> str:
        away = f", away for {self.away_for_s:g} s" if self.away_from_s else ""
        return f"{self.rate:.0f}/s{away}"


@record
class Outcome:
    """What a planner asks of a run, in messages and seconds."""

    throughput: float
    p50_s: float
    p99_s: float
    lag_max: int
    drain_s: float  # after the absence, until the lag is what it was; 0 without one


def middle(seen: Sequence[Outcome]) -> Outcome:
    """Answer the median of several runs, figure by figure."""
    figures = {f.name: [getattr(each, f.name) for each in seen] for f in fields(Outcome)}
    return Outcome(**{name: median_low(values) for name, values in figures.items()})


@dataclass(frozen=True, slots=True)
class Times:
    """When messages were due and when they were done; what never was is infinite."""

    due_s: Numbers
    done_s: Numbers

    def outcome(self, load: Load) -> Outcome:
        """Say what came of it; a prediction is measured by the very same ruler."""
        seen = slice(int(len(self.due_s) * SETTLES), None)
        stays = (self.done_s - self.due_s)[seen]
        lag = self.lag()
        settled = lag[self.due_s >= self.due_s[seen][0]]
        first = self.due_s[seen][0]
        spent_s = max(float(self.done_s[np.isfinite(self.done_s)].max()) - first, 1e-9)
        return Outcome(
            throughput=float(np.isfinite(stays).sum()) / spent_s,
            p50_s=float(np.quantile(stays, 0.5, method="higher")),
            p99_s=float(np.quantile(stays, 0.99, method="higher")),
            lag_max=int(settled.max()),
            drain_s=self._drain_s(load, lag),
        )

    def lag(self) -> Numbers:
        """How many are due and not done, seen at each moment at which one is due."""
        before = np.searchsorted(np.sort(self.done_s), self.due_s, "right")
        return np.arange(1, len(self.due_s) + 1, dtype=float) - before

    def _drain_s(self, load: Load, lag: Numbers) -> float:
        """How long after the return the first message comes that meets no backlog."""
        if load.away_from_s is None:
            return 0.0
        back_s = load.away_from_s + load.away_for_s
        usual = lag[(self.due_s > 0.2 * load.away_from_s) & (self.due_s < load.away_from_s)]
        drained = (self.due_s > back_s) & (lag <= max(float(usual.max()), 1.0))
        after = self.due_s[drained]
        return float(after[0] - back_s) if len(after) else float("inf")


async def play(rig: Rig, load: Load, series: str) -> tuple[Times, Watched]:
    """Send from another process, handle here, and note when each message was done."""
    watched = Watched(rig.handler("escrow"))
    due_s = moments(load.rate, load.lasts_s, load.seed)
    sender = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sims.calibration.sender"),
        *("--bootstrap", rig.bootstrap, "--series", series),
        *("--rate", repr(load.rate), "--lasts-s", repr(load.lasts_s)),
        *("--seed", str(load.seed)),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert sender.stdin is not None
    assert sender.stdout is not None
    await sender.stdout.readline()
    async with rig.consuming(watched):
        await _awake(rig, watched, series)
        start_s = time.time() + STARTS_AFTER_S
        until_s = start_s + load.lasts_s + DRAINS_S
        sender.stdin.write(f"{start_s!r}\n".encode())
        if load.away_from_s is None:
            await watched.have_done(len(due_s), until_s - time.time())
        else:
            await asyncio.sleep(start_s + load.away_from_s - time.time())
    if load.away_from_s is not None:
        await asyncio.sleep(start_s + load.away_from_s + load.away_for_s - time.time())
        async with rig.consuming(watched):
            await watched.have_done(len(due_s), until_s - time.time())
    await sender.communicate()
    done_s = np.array(
        [
            watched.done_s.get(named(series, number), np.inf) - start_s
            for number in range(len(due_s))
        ]
    )
    return Times(due_s=due_s, done_s=done_s), watched


async def _awake(rig: Rig, watched: Watched, series: str) -> None:
    """Wait until the consumer has its partitions and everything was used once.

    What that takes is a deployment's matter, not a running consumer's.
    """
    said = [envelope("escrow", f"before {series}", number) for number in range(WARM)]
    producer = rig.producer()
    for number, each in enumerate(said):
        posting = Posting(seq=number, topic=each.message.topic, key=each.key, cargo=each)
        await producer.publish([posting])
    await producer.close()
    await watched.have_done(WARM, DRAINS_S)
    watched.done_s.clear()
    watched.batches.clear()
