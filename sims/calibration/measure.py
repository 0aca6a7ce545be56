"""What the real parts take: each service's batches, the broker's way, and the relay."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median

import numpy as np

from sims.calibration.messages import deliveries, envelope
from sims.calibration.play import Load, play
from sims.calibration.profile import Machine, MeasuredStage, Profile
from sims.calibration.rig import Batch, Rig, Watched
from sims.capacity.estimates import Numbers
from sims.manifest import PACKAGES, commit, versions
from toolkit.core.message import record
from toolkit.core.ports import Effects, Posting
from toolkit.messages.escrow import CreateEscrow
from toolkit.runtime.relay import Relay

SIZES = {1: 120, 5: 60, 20: 30, 100: 15, 500: 8}  # batches of each size
PROBED = {1: 12, 20: 6, 100: 3}  # when only the machine's pace is asked for
PROBES, PROBE_EVERY_S = 5, 0.8
BURSTS = {1: 300, 5: 600, 20: 1_200, 100: 3_000, 500: 6_000}  # messages, by records_max
ALONE = Load(rate=40.0, lasts_s=8.0, seed=11)  # nobody waits for anybody
STRAINS = (0.1, 0.3, 0.5)  # of what one consumer carries: the loads it is measured under
STRAIN_S, STRAIN_RUNS = 5.0, 2
EVENLY = np.linspace(0, 1, 41)
RELAYED = 1_000
CLIP = 0.99  # the worst batch in a hundred is a neighbour's doing, on a shared machine
BURST_WITHIN_S = 60.0

Told = Callable[[str], None]


@record
class Fit:
    """A batch of n takes about `batch_s + n * message_s`."""

    batch_s: float
    message_s: float
    cv2: float
    means_s: Mapping[int, float]


async def profile(rig: Rig, now: datetime, told: Told) -> Profile:
    """Measure everything, and freeze it."""
    handled: dict[str, Fit] = {}
    bare: Mapping[int, Sequence[float]] = {}
    for service in rig.databases:
        told(f"handling batches of {service}")
        spent = await batches(rig, service, SIZES)
        handled[service] = fitted(spent)
        bare = spent if service == "escrow" else bare
    told("a backlog, through the broker")
    spent, returns_s = await backlog(rig)
    cycle = fitted(spent)
    told("batches while messages come")
    strain, spread = await strains(rig, cycle)
    told("one message at a time, through the broker")
    hops_s = await hops(rig)
    told("the relay")
    relay_s = await relayed(rig)
    hop_ms = 1_000 * float(np.mean(hops_s))
    stages = {
        name: _stage(cycle if name == "escrow" else polled(fit, handled["escrow"], cycle))
        for name, fit in handled.items()
    }
    return Profile(
        measured_at=now,
        commit=commit(),
        machine=machine(rig),
        stages={n: s.model_copy(update={"hop_ms": hop_ms}) for n, s in stages.items()},
        reference_ms={size: 1_000 * median(bare[size]) for size in PROBED if size in bare},
        hop_quantiles_ms=(1_000 * np.quantile(hops_s, EVENLY)).tolist(),
        relay_message_ms=1_000 * relay_s / RELAYED,
        fetch_wait_ms=0.0 if rig.wakes else float(rig.fetch_wait_ms),
        returns_ms=1_000 * returns_s,
        strain=strain,
        spread=tuple(spread),
        packages=versions(PACKAGES),
    )


def polled(fit: Fit, bare: Fit, cycle: Fit) -> Fit:
    """Add what the loop and the broker cost around a handler, as measured with escrow's."""
    batch_s = max(cycle.batch_s - bare.batch_s, 0.0)
    message_s = max(cycle.message_s - bare.message_s, 0.0)
    return Fit(
        batch_s=fit.batch_s + batch_s,
        message_s=fit.message_s + message_s,
        cv2=fit.cv2,
        means_s={n: s + batch_s + n * message_s for n, s in fit.means_s.items()},
    )


def _stage(fit: Fit) -> MeasuredStage:
    return MeasuredStage(
        batch_ms=1_000 * fit.batch_s,
        message_ms=1_000 * fit.message_s,
        cv2=fit.cv2,
        hop_ms=0.0,
        measured_ms={size: 1_000 * seconds for size, seconds in fit.means_s.items()},
    )


def machine(rig: Rig) -> Machine:
    """Say where it was measured; of the machine's name and paths, nothing."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=platform.machine(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        postgres=rig.postgres,
        broker=rig.broker,
    )


async def pace(rig: Rig, profile: Profile, series: str) -> float:
    """How many times as slow as in the profile the machine is: its neighbours change."""
    sizes = {size: PROBED[size] for size in profile.reference_ms if size in PROBED}
    found = []
    for number in range(PROBES):
        spent = await batches(rig, "escrow", sizes, f"{series} {number}")
        found += [1_000 * median(spent[n]) / profile.reference_ms[n] for n in sizes]
        await asyncio.sleep(PROBE_EVERY_S)
    return median(found)


async def batches(
    rig: Rig, service: str, sizes: Mapping[int, int], series: str = "first"
) -> dict[int, list[float]]:
    """Time batches of several sizes, straight into the handler."""
    handler = rig.handler(service)
    spent: dict[int, list[float]] = {size: [] for size in sizes}
    for size, rounds in sizes.items():
        for number in range(rounds):
            asked = deliveries(service, f"{series} {service} {size} {number}", size)
            started_s = time.perf_counter()
            await handler.handle(asked)
            spent[size].append(time.perf_counter() - started_s)
    return spent


async def backlog(rig: Rig) -> tuple[dict[int, list[float]], float]:
    """Time whole cycles, from one commit to the next, while there is always more to do.

    Answer also how long a consumer that comes needs until its first batch.
    """
    producer = rig.producer()
    spent: dict[int, list[float]] = {}
    returns_s: list[float] = []
    for records_max, count in BURSTS.items():
        said = [envelope("escrow", f"burst {records_max}", n) for n in range(count)]
        postings = [
            Posting(seq=n, topic=CreateEscrow.topic, key=e.key, cargo=e)
            for n, e in enumerate(said)
        ]
        await producer.publish(postings)
        watched, come_s = Watched(rig.handler("escrow")), time.time()
        async with rig.consuming(watched, records_max):
            await watched.have_done(count, BURST_WITHIN_S)
        spent[records_max] = cycles(watched.batches, records_max)
        returns_s += [batch.begun_s - come_s for batch in watched.batches[:1]]
    await producer.close()
    return {size: found for size, found in spent.items() if found}, median(returns_s)


async def strains(rig: Rig, cycle: Fit) -> tuple[dict[float, float], list[float]]:
    """What batches take while others send, by rate, to a backlog's; how they scatter."""
    full = max(cycle.means_s)
    carries = full / cycle.means_s[full]
    strain: dict[float, float] = {}
    shares: list[float] = []
    for place, share in enumerate(STRAINS):
        load = Load(rate=round(carries * share), lasts_s=STRAIN_S, seed=31 + place)
        ratios: list[float] = []
        for number in range(STRAIN_RUNS):
            _, watched = await play(rig, load, f"strain {load.name} {number}")
            ratios += longer(watched.batches, cycle)
        strain[load.rate] = float(np.mean(ratios))
        shares += [each / strain[load.rate] for each in ratios]
    return strain, np.quantile(shares, EVENLY).tolist()


def longer(found: Sequence[Batch], cycle: Fit) -> list[float]:
    """Set batches against a backlog's of their size; the first ones warm up."""
    sizes = sorted(cycle.means_s)
    known = [cycle.means_s[size] for size in sizes]
    settled = found[len(found) // 5 :]
    return [
        (batch.ended_s - batch.begun_s) / float(np.interp(batch.count, sizes, known))
        for batch in settled
    ]


def cycles(found: Sequence[Batch], full: int) -> list[float]:
    """Take the time from commit to commit of full batches; the first waited to start."""
    return [b.ended_s - a.ended_s for a, b in pairwise(found) if b.count == full]


def fitted(spent: Mapping[int, Sequence[float]]) -> Fit:
    """Draw the line through the medians, in shares of them, and what scatters around it."""
    sizes = np.array(sorted(spent), dtype=float)
    medians = np.array([median(spent[int(size)]) for size in sizes])
    rows = np.column_stack([1 / medians, sizes / medians])
    batch_s, message_s = np.linalg.lstsq(rows, np.ones(len(sizes)), rcond=None)[0]
    batch_s, message_s = max(float(batch_s), 0.0), max(float(message_s), 1e-7)
    shares = np.concatenate(
        [np.asarray(spent[int(s)]) / m for s, m in zip(sizes, medians, strict=True)]
    )
    kept = np.minimum(shares, np.quantile(shares, CLIP))
    mean = float(kept.mean())
    return Fit(
        batch_s=batch_s * mean,
        message_s=message_s * mean,
        cv2=float(kept.var()) / mean**2,
        means_s={int(s): mean * float(m) for s, m in zip(sizes, medians, strict=True)},
    )


async def hops(rig: Rig) -> Numbers:
    """How long a lonely message is on its way, without its handling."""
    times, watched = await play(rig, ALONE, "alone")
    stays = (times.done_s - times.due_s)[len(times.due_s) // 5 :]
    alone_s = median(batch.ended_s - batch.begun_s for batch in watched.batches)
    return np.maximum(stays[np.isfinite(stays)] - alone_s, 0.0)


async def relayed(rig: Rig, rounds: int = 5) -> float:
    """How long the relay takes for a thousand rows of the outbox."""
    producer, database = rig.producer(), rig.databases["escrow"]
    async with database.transaction() as transaction:
        del transaction
    relay, spent = Relay("escrow", database, producer, rig.clock), []
    for number in range(rounds):
        said = [envelope("projections", f"relay {number}", n) for n in range(RELAYED)]
        async with database.owned() as owned:
            while await relay.forward(owned):
                pass  # what the other measurements have left
        async with database.transaction() as transaction:
            await transaction.write(Effects(outbox=said))
        async with database.owned() as owned:
            started_s = time.perf_counter()
            moved = 0
            while moved < RELAYED:
                moved += await relay.forward(owned)
            spent.append(time.perf_counter() - started_s)
    await producer.close()
    return median(spent)
