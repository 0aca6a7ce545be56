"""A frozen profile: what one machine took, so that questions need no guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from sims.given import Given, Positive, read_as

NotNegative = Annotated[float, Field(ge=0)]
FILLED = ("batch_ms", "message_ms", "cv2", "hop_ms")  # of a stage that names no figure
TIMES = ("batch_ms", "message_ms")  # whoever names one of these means a line of their own


class MeasuredStage(Given):
    """One service: a part for each batch, one for each message, and how much they vary."""

    batch_ms: NotNegative
    message_ms: Positive
    cv2: NotNegative
    hop_ms: NotNegative  # from the producer's hand to the consumer's, in the mean
    measured_ms: Mapping[int, Positive]  # mean of a batch, by its size
    records_max: int = 500


class Machine(Given):
    """Where it was measured."""

    system: str
    processor: str
    cores: int
    python: str
    postgres: str
    broker: str


class Profile(Given):
    """The whole file."""

    measured_at: datetime
    commit: str
    machine: Machine
    stages: Mapping[str, MeasuredStage]
    reference_ms: Mapping[int, Positive]  # medians of escrow's bare batches
    hop_quantiles_ms: Sequence[float]  # from 0 to 1 in equal steps, one message at a time
    relay_message_ms: Positive
    fetch_wait_ms: NotNegative = 0.0  # of a broker that wakes nobody who waits for records
    returns_ms: NotNegative = 0.0  # until a consumer that comes back has its first batch
    strain: Mapping[float, Positive] = {}  # of a batch by rate, to a backlog's
    spread: tuple[NotNegative, ...] = ()  # what batches took to their mean, from 0 to 1
    packages: Mapping[str, str]

    def strain_at(self, rate: float) -> float:
        """How many times as long a batch takes while so many messages a second come.

        Whoever sends, the broker and the database share the machine with the handler.
        """
        if not self.strain:
            return 1.0
        rates = sorted(self.strain)
        return float(np.interp(rate, rates, [self.strain[each] for each in rates]))

    def fill(self, stage: Mapping[str, Any]) -> dict[str, Any]:
        """Give a stage of a question what it does not say itself."""
        known = self.stages.get(str(stage.get("name")))
        if known is None:
            return dict(stage)
        measured = {name: getattr(known, name) for name in FILLED}
        if not any(name in stage for name in TIMES):
            measured["measured_ms"] = dict(known.measured_ms)
        return {**measured, **stage}


def curve_of(measured_ms: Mapping[int, float]) -> tuple[tuple[float, float], ...]:
    """Order the measured sizes, in seconds."""
    return tuple((size, measured_ms[size] / 1_000) for size in sorted(measured_ms))


def load(path: Path) -> Profile:
    """Read a profile.

    Raises UnclearError with the file and the field.
    """
    return read_as(Profile, path)


def save(profile: Profile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(profile.model_dump_json(indent=1) + "\n", encoding="utf-8")
