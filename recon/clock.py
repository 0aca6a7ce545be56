"""Tell how long the parts of a run take, and speak up when one lets its reader wait."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE_S = 3.0


@dataclass(slots=True)
class Stopwatch:
    """Seconds by part. Measured for the reader; no result depends on it."""

    started_s: float = field(default_factory=time.perf_counter)
    told_s: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure one part, and announce it where the reader has waited for long."""
        begun_s = time.perf_counter()
        if begun_s - self.told_s > PATIENCE_S:
            self.told_s = begun_s
            print(f"{begun_s - self.started_s:6.1f} s  {name}", file=sys.stderr, flush=True)
        yield
        self.seconds[name] = round(time.perf_counter() - begun_s, 3)


@dataclass(slots=True)
class Progress:
    """Speaks up about a long piece of work, every few seconds and not before."""

    started_s: float = field(default_factory=time.perf_counter)
    told_s: float = field(default_factory=time.perf_counter)

    def tell(self, how_far: str) -> None:
        """Say how far it is, where the reader has waited for long."""
        now_s = time.perf_counter()
        if now_s - self.told_s > PATIENCE_S:
            self.told_s = now_s
            print(
                f"{now_s - self.started_s:6.1f} s  {how_far}", file=sys.stderr, flush=True
            )
