"""Every latency as it was: written by the generators line by line, kept as Parquet.

Locust's own statistics round to two digits; an objective for the 99.9th percentile needs
what was measured.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

OPEN, CLOSED, FLOW, PROBE, DISPATCH = "OPEN", "CLOSED", "FLOW", "E2E", "DISPATCH"
PROVIDER = "PROVIDER"  # what people pay at: it is part of a journey, and not ours
COLUMNS = ("at_s", "kind", "name", "latency_ms", "service_ms", "outcome")
OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What somebody waited for.

    `at_s` is the intended start, in seconds of the run; `latency_s` counts from there,
    `service_s` from when the request was really sent.
    """

    at_s: float
    kind: str
    name: str
    latency_s: float
    service_s: float
    outcome: str = OK


@dataclass(slots=True)
class Recorder:
    """Appends samples to a file, for all greenlets of one process."""

    sink: IO[str]
    lock: threading.Lock

    @classmethod
    def to(cls, path: Path) -> Recorder:
        return cls(path.open("w", newline=""), threading.Lock())

    def write(self, sample: Sample) -> None:
        row = (
            f"{sample.at_s:.4f}",
            sample.kind,
            sample.name,
            f"{sample.latency_s * 1e3:.3f}",
            f"{sample.service_s * 1e3:.3f}",
            sample.outcome,
        )
        with self.lock:
            csv.writer(self.sink).writerow(row)

    def close(self) -> None:
        self.sink.close()


def gathered(folder: Path) -> Any:
    """Read what all generators wrote as one table, ordered by intended start; keep it."""
    import pyarrow as pa  # noqa: PLC0415 - not for the generators
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for path in sorted(folder.glob("samples-*.csv")):
        with path.open(newline="") as source:
            for row in csv.reader(source):
                for name, value in zip(COLUMNS, row, strict=True):
                    number = name.endswith(("_s", "_ms"))
                    columns[name].append(float(value) if number else value)
    table = pa.table(
        {
            name: pa.array(
                values, pa.float64() if name.endswith(("_s", "_ms")) else pa.string()
            )
            for name, values in columns.items()
        }
    ).sort_by("at_s")
    pq.write_table(table, folder / "samples.parquet", compression="zstd")
    return table


def percentile(values: Sequence[float], share: float) -> float | None:
    """Answer the smallest value that at least this share of all does not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    place = max(int(-(-share * len(ordered) // 1)) - 1, 0)
    return ordered[min(place, len(ordered) - 1)]


def latencies(rows: Iterable[dict[str, Any]], kinds: Sequence[str]) -> list[float]:
    return [row["latency_ms"] for row in rows if row["kind"] in kinds]
