"""What the simulator says of a run's probes, from a measured profile alone.

The way of a probe is played by recursion: over the broker to the escrow's consumer, through
its relay and the broker to the read models, and until somebody who reloads sees it. Of the
run only the counts are taken, how many messages each consumer had; all times are the
profile's (`python -m sims calibrate`). The notebook holds the answer against what came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from loadtests.judge import PERCENTILES
from loadtests.notebook import PREDICTION
from loadtests.profiles import ProfileWrong
from sims.calibration.profile import MeasuredStage, Profile, curve_of, load
from sims.capacity.estimates import Numbers
from sims.capacity.flow import Chance, Service, served

SEEN = "kafka: sent to visible"
RUNS = 40
LOOKED_EVERY_S = 0.02
WAY = {"escrow consumer": "escrow", "projection": "projections"}  # stages, their services
RELAYED = "projections"  # what it hears comes out of an outbox; probes are sent by us
Prediction = dict[str, dict[str, float]]


def predicted(run: Path, profile_file: Path) -> Prediction:
    """Say what probes of a finished run should have waited; keep it in the run's folder."""
    summary = _summary(run)
    profile = load(profile_file)
    rates = {name: summary["stages"].get(f"count {name}", 0.0) for name in WAY}
    probes = sum(row["count"] for row in summary["latencies"] if row["name"] == SEEN)
    if not probes or not all(rates.values()):
        raise ProfileWrong(f"{run} had no probes over Kafka: drive it with --kafka-rate 1")
    said = probed(profile, rates, probes / summary["seconds"], summary["seconds"])
    found = {SEEN: said}
    (run / PREDICTION).write_text(json.dumps(found, indent=1) + "\n")
    return found


def probed(
    profile: Profile, rates: Mapping[str, float], probes_per_s: float, seconds: float
) -> dict[str, float]:
    """Play the probes' way so many times, and answer the percentiles of all."""
    waits_ms = np.concatenate(
        [
            1_000
            * _waits(profile, rates, probes_per_s, seconds, Chance(seed=1, run=number))
            for number in range(RUNS)
        ]
    )
    return {
        name: round(float(np.quantile(waits_ms, share, method="inverted_cdf")), 3)
        for name, share in PERCENTILES.items()
    }


def _waits(
    profile: Profile,
    rates: Mapping[str, float],
    probes_per_s: float,
    seconds: float,
    chance: Chance,
) -> Numbers:
    due_s = at_s = _poisson(probes_per_s, seconds, chance, "probes")
    for stage, name in WAY.items():
        if name == RELAYED:
            at_s = at_s + profile.relay_message_ms / 1_000
        at_s = at_s + _hops(profile, len(at_s), chance, stage)
        others = _poisson(max(rates[stage] - probes_per_s, 0.0), seconds, chance, stage)
        at_s = _through(profile.stages[name], at_s, others, chance, stage)
    looks_s = chance.stream("looks").uniform(0.0, LOOKED_EVERY_S, len(at_s))
    waits: Numbers = at_s - due_s + looks_s
    return waits


def _through(
    stage: MeasuredStage, ours: Numbers, others: Numbers, chance: Chance, name: str
) -> Numbers:
    """Let one consumer handle ours among the others; answer when ours were done."""
    service = Service(
        batch_s=stage.batch_ms / 1_000,
        message_s=stage.message_ms / 1_000,
        cv2=stage.cv2,
        records_max=stage.records_max,
        curve=curve_of(stage.measured_ms),
    )
    there_s = np.concatenate([ours, others])
    order = np.argsort(there_s, kind="stable")
    done_s = np.empty_like(there_s)
    done_s[order] = served(service, there_s[order], chance.stream("service", name))
    return done_s[: len(ours)]


def _poisson(rate: float, seconds: float, chance: Chance, name: str) -> Numbers:
    count = int(rate * seconds * 2) + 50
    if not rate:
        return np.empty(0)
    at_s = np.cumsum(chance.stream("gaps", name).exponential(1 / rate, count))
    within: Numbers = at_s[at_s < seconds]
    return within


def _hops(profile: Profile, count: int, chance: Chance, name: str) -> Numbers:
    """Draw how long messages are on their way over the broker, as it was measured."""
    steps = np.linspace(0, 1, len(profile.hop_quantiles_ms))
    drawn = chance.stream("hops", name).random(count)
    hops_s: Numbers = np.interp(drawn, steps, profile.hop_quantiles_ms) / 1_000
    return hops_s


def _summary(run: Path) -> dict[str, Any]:
    path = run / "summary.json"
    if not path.exists():
        raise ProfileWrong(f"{run} holds no finished run: there is no summary.json in it")
    summary: dict[str, Any] = json.loads(path.read_text())
    return summary
