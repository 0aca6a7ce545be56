"""What a run tells its generators, which are processes of their own: one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "LOADTESTS_ORDERS"  # of the environment: where a generator finds its orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time in which the rate goes evenly from one figure to another."""

    length_s: float
    from_per_s: float
    to_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """One run: where to, who calls, how often, and where to write what was seen."""

    host: str
    output: str
    seed: int
    run: str  # is part of every id, so that runs on one platform do not meet
    segments: Sequence[Segment]
    journeys: Mapping[str, float]  # weights
    mean_amount_minor: int = 180_00
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # role, id, token
    provider: str = ""
    provider_key: str = ""
    custodian: str = ""
    webhook_secret: str = ""
    workers: int = 1
    closed_users: int = 0
    closed_pause_s: float = 1.0
    in_flight_max: int = 5_000
    connections_max: int = 256
    patience_s: float = 45.0  # of a person who waits for the next state
    look_every_s: float = 0.25
    kafka_rate_per_s: float = 0.0
    platform_env: str = ""

    @property
    def seconds(self) -> float:
        return sum(segment.length_s for segment in self.segments)

    def save(self, path: Path) -> None:
        """Write for the generators alone: the file holds tokens."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))


def read_orders(path: Path) -> Orders:
    told: dict[str, Any] = json.loads(path.read_text())
    told["segments"] = [Segment(**segment) for segment in told["segments"]]
    return Orders(**told)
