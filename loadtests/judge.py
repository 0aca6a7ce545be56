"""The verdict: what was measured against what was asked, one line a promise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from loadtests.profiles import ProfileWrong
from loadtests.samples import FLOW, OK, OPEN, PROBE, percentile

DEFAULT = Path(__file__).parent / "objectives.yaml"
PERCENTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "p99_9_ms": 0.999}
SINGLE = (
    *("achieved_to_intended", "gave_up", "lag_slope_per_s", "drain_s"),
    *("generator_late_p99_ms", "in_flight_refused"),
)
AT_LEAST = ("achieved_to_intended",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One thing that was asked, and what came of it."""

    name: str
    asked: float
    measured: float | None
    kept: bool

    def __str__(self) -> str:
        sign = ">=" if self.name in AT_LEAST else "<="
        word = "kept  " if self.kept else "BROKEN"
        seen = "nothing was measured" if self.measured is None else f"{self.measured:,.4g}"
        return f"{word} {self.name} {sign} {self.asked:g}: {seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All promises, and every sentence about money that is not where it should be."""

    promises: Sequence[Promise]
    findings: Sequence[str]

    @property
    def passed(self) -> bool:
        return not self.findings and all(promise.kept for promise in self.promises)


def objectives(path: Path = DEFAULT) -> dict[str, Any]:
    """Read what is asked, and refuse a name or a figure that means nothing."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProfileWrong(f"{path} cannot be read: {error}") from error
    if not isinstance(told, dict) or not told:
        raise ProfileWrong(f"{path}: write a mapping of objectives")
    figures = {name: value for name, value in told.items() if name in SINGLE}
    groups = {"requests": told.get("requests") or {}, **(told.get("flows") or {})}
    known = {*SINGLE, "requests", "flows"}
    if unknown := set(told) - known:
        raise ProfileWrong(f"{path}: {min(unknown)} is none of {', '.join(known)}")
    for group, asked in groups.items():
        for name, value in asked.items():
            if name not in {*PERCENTILES, "error_ratio"}:
                raise ProfileWrong(f"{path}: {group}.{name} is no figure that is measured")
            figures[f"{group}.{name}"] = value
    for name, value in figures.items():
        if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise ProfileWrong(f"{path}: {name} is {value!r}; write a number from 0 up")
    return told


def judged(
    asked: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    figures: Mapping[str, float | None],
    findings: Sequence[str],
) -> Verdict:
    """Hold samples and figures against the objectives."""
    promises = [
        *_of_group("requests", asked.get("requests") or {}, _open(rows)),
        *(
            promise
            for flow, figure in (asked.get("flows") or {}).items()
            if (ofs := [row for row in rows if _is_flow(row, flow)])
            for promise in _of_group(flow, figure, ofs)
        ),
        *(
            _promise(name, float(asked[name]), figures[name])
            for name in SINGLE
            if name in asked and name in figures
        ),
    ]
    return Verdict(promises=promises, findings=findings)


def _open(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["kind"] == OPEN]


def _is_flow(row: Mapping[str, Any], name: str) -> bool:
    return row["kind"] in (FLOW, PROBE) and row["name"] == name


def _of_group(
    group: str, asked: Mapping[str, float], rows: Sequence[Mapping[str, Any]]
) -> Iterator[Promise]:
    taken = [row["latency_ms"] for row in rows]
    for name, limit in asked.items():
        if name in PERCENTILES:
            measured = percentile(taken, PERCENTILES[name])
        else:
            failed = sum(row["outcome"] != OK for row in rows)
            measured = failed / len(rows) if rows else None
        yield _promise(f"{group} {name}", float(limit), measured)


def _promise(name: str, asked: float, measured: float | None) -> Promise:
    if measured is None:
        kept = False
    elif name in AT_LEAST:
        kept = measured >= asked
    else:
        kept = measured <= asked
    return Promise(name=name, asked=asked, measured=measured, kept=kept)
