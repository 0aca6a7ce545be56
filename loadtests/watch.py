"""What the platform shows of itself while it is driven: rates of each stage, and its lag.

Rates come from the services' own metrics, which any platform has. Lag is read from the
tables each second where the database may be asked: what was said, less what the read
models have heard of it.
"""

from __future__ import annotations

import csv
import json
import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from prometheus_client.parser import text_string_to_metric_families

from loadtests.orders import Segment
from loadtests.schedule import rate_at

EVERY_S = 1.0
LAG = """
    select (select count(*) from escrow.events) + (select count(*) from payments.events)
      - coalesce((select sum(next_offset) from projections.offsets
                  where topic in ('escrow.events.v1', 'payments.events.v1')), 0)
"""
# The stages of a command, and which counter of which service tells of each.
STAGES: Mapping[str, tuple[str, str]] = {
    "gateway": ("gateway", "escrow_http_requests_total"),
    "intake relay": ("gateway", "escrow_relay_messages_total"),
    "escrow consumer": ("escrow", "escrow_handler_messages_total"),
    "escrow relay": ("escrow", "escrow_relay_messages_total"),
    "payments consumer": ("payments", "escrow_handler_messages_total"),
    "payments relay": ("payments", "escrow_relay_messages_total"),
    "payments calls": ("payments", "escrow_provider_calls_total"),
    "projection": ("projections", "escrow_handler_messages_total"),
}
COLUMNS = ("at_s", "what", "value")
SURE_ERRORS = 3  # beyond so many standard errors a slope is no chance


@dataclass(slots=True)
class Watch:
    """Looks every second, in a thread of its own, and writes a line a figure."""

    folder: Path
    targets: Mapping[str, str]  # service, where its metrics are
    dsn: str | None
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _grown: dict[str, float] = field(default_factory=dict)
    _before: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join(10.0)

    def _run(self) -> None:
        with (
            (self.folder / "watch.csv").open("w", newline="") as sink,
            httpx.Client(timeout=2.0) as client,
        ):
            writer = csv.writer(sink)
            writer.writerow(COLUMNS)
            while not self._end.is_set():
                at_s = time.monotonic()  # one clock for all processes of a machine
                for what, value in self._seen(client).items():
                    writer.writerow((f"{at_s:.2f}", what, f"{value:.6g}"))
                sink.flush()
                self._end.wait(max(at_s + EVERY_S - time.monotonic(), 0.05))

    def _seen(self, client: httpx.Client) -> dict[str, float]:
        seen: dict[str, float] = {}
        for service, url in self.targets.items():
            try:
                shown = client.get(f"{url}/metrics").text
            except httpx.TransportError:
                continue  # it is being started again
            sums = _sums(shown)
            seen |= {
                f"count {stage}": self._grows(f"{service} {metric}", sums.get(metric, 0.0))
                for stage, (of, metric) in STAGES.items()
                if of == service
            }
            cpu_s = sums.get("process_cpu_seconds_total", 0.0)
            seen[f"cpu {service}"] = self._grows(f"{service} cpu", cpu_s)
            seen[f"memory {service}"] = sums.get("process_resident_memory_bytes", 0.0)
        if self.dsn is not None:
            lag = lag_of(self.dsn)
            seen |= {"lag": lag} if lag is not None else {}
        return seen

    def _grows(self, name: str, value: float) -> float:
        """Add up what a counter gained; one that fell belongs to a new process."""
        before = self._before.get(name)
        gained = 0.0 if before is None else value - before if value >= before else value
        self._before[name] = value
        self._grown[name] = self._grown.get(name, 0.0) + gained
        return self._grown[name]


def lag_of(dsn: str) -> float | None:
    """Ask how many events the read models have not heard; None when nobody answers."""
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=2) as connection:
            row = connection.execute(LAG).fetchone()
    except psycopg.Error:
        return None
    return float(row[0]) if row else None


def _sums(shown: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(shown):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


def targets_in(path: Path) -> dict[str, str]:
    """Read where each service shows its metrics, as Prometheus discovers it."""
    if not path.exists():
        return {}
    listed: Sequence[Mapping[str, Any]] = json.loads(path.read_text())
    return {entry["labels"]["job"]: f"http://{entry['targets'][0]}" for entry in listed}


def series(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Read back what was seen: by what, the moments (seconds of the run) and values."""
    told = [json.loads(path.read_text()) for path in folder.glob("generator-*.json")]
    origin_s = min((generator["origin_s"] for generator in told), default=0.0)
    found: dict[str, list[tuple[float, float]]] = {}
    path = folder / "watch.csv"
    if path.exists():
        with path.open(newline="") as source:
            for row in csv.DictReader(source):
                point = (float(row["at_s"]) - origin_s, float(row["value"]))
                found.setdefault(row["what"], []).append(point)
    return found


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Answer how fast a figure surely grows a second.

    That is the least-squares slope less three of its standard errors: a backlog that only
    comes and goes has none, and a short look proves little.
    """
    count = len(points)
    if count < 4:
        return None
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return None
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    error = math.sqrt(left / (count - 2) / spread)
    sure = SURE_ERRORS * error
    return max(rise - sure, 0.0) if rise > 0 else min(rise + sure, 0.0)


def evened(
    points: Sequence[tuple[float, float]], segments: Sequence[Segment]
) -> list[tuple[float, float]]:
    """Take out of a lag what only follows the rate: as many wait as come in a wait's time.

    Each is told as it would be at the mean rate; where nobody comes, nothing is told.
    """
    length_s = sum(segment.length_s for segment in segments)
    came = sum(s.length_s * (s.from_per_s + s.to_per_s) / 2 for s in segments)
    mean_per_s = came / length_s
    rates = [(at_s, lag, rate_at(segments, at_s)) for at_s, lag in points]
    return [(at_s, lag * mean_per_s / rate) for at_s, lag, rate in rates if rate > 0]


def rates(folder: Path, seconds: float) -> dict[str, float]:
    """Answer what each stage did a second, and how much of a core each service took."""
    found: dict[str, float] = {}
    for what, points in series(folder).items():
        within = [point for point in points if 0.0 <= point[0] <= seconds]
        if what.startswith(("count ", "cpu ")) and len(within) > 1:
            (start_s, start), (end_s, end) = within[0], within[-1]
            found[what] = round((end - start) / (end_s - start_s), 4)
    return found
