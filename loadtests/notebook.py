"""Everything that the load test's notebook calls: what a run's folder says, as pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pyarrow.parquet as pq

from loadtests.judge import PERCENTILES
from loadtests.profiles import ProfileWrong
from loadtests.samples import FLOW, OK, OPEN, PROBE, percentile
from loadtests.watch import STAGES, series
from recon.pages.figures import Picture
from recon.pages.html import Html, stylesheet

__all__ = ["stylesheet"]

CURVE = [0.0, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999]
PREDICTION = "prediction.json"  # in a run's folder, if `loadtests predict` wrote it
INK, PALE, WARN = "#2b6cb0", "#a0aec0", "#c05621"
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Run:
    """A run's folder, with what it may be compared with."""

    folder: Path
    summary: dict[str, Any]
    rows: Rows
    baseline: Run | None
    prediction: Mapping[str, Mapping[str, float]]

    @property
    def requests_ms(self) -> list[float]:
        return [row["latency_ms"] for row in self.rows if row["kind"] == OPEN]


def load(run_folder: str, baseline_folder: str = "", prediction_file: str = "") -> Run:
    """Read a run, and the run and the simulator's answer that it is held against.

    A prediction is JSON: for `requests` or a flow's name, percentiles like `p99_ms`. One
    that `loadtests predict` left in the folder is read without being named.
    """
    folder = Path(run_folder)
    if not (folder / "summary.json").exists():
        raise ProfileWrong(
            f"{folder} holds no finished run: there is no summary.json in it"
        )
    said = Path(prediction_file) if prediction_file else folder / PREDICTION
    predicted = json.loads(said.read_text()) if prediction_file or said.exists() else {}
    return Run(
        folder=folder,
        summary=json.loads((folder / "summary.json").read_text()),
        rows=pq.read_table(folder / "samples.parquet").to_pylist(),
        baseline=load(baseline_folder) if baseline_folder else None,
        prediction=predicted,
    )


def banner(run: Run) -> Html:
    """Say the verdict, of what, and on what machine."""
    told, machine = run.summary, run.summary["machine"]
    return Html(
        f"<h1>Load test: {escape(told['verdict'])}</h1><p>{escape(told['mix'])}, "
        f"{escape(told['shape'])}, {told['rate_per_s']:g} journeys a second for "
        f"{told['seconds']:g} s, seed {told['seed']}, on {machine['cores']} cores "
        f"({escape(machine['processor'])}), Python {machine['python']}, "
        f"commit {escape(str(machine['commit'])[:12])}. "
        f"The machine's load before was {machine['load_before']:g}.</p>"
    )


def promises(run: Run) -> pd.DataFrame:
    return pd.DataFrame(run.summary["promises"])


def money(run: Run) -> Html:
    found = run.summary["findings"]
    if found:
        return Html(
            "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in found) + "</ul>"
        )
    looked = "Every cent is there." if run.summary["money_checked"] else "Not looked into."
    books = escape(run.summary.get("reconciliation", "not asked for"))
    return Html(
        f"<p>{looked} {run.summary['opened']} escrows were opened. With the providers' "
        f"reports of the day: {books}.</p>"
    )


def latency_over_time(run: Run) -> Picture:
    """Show what a request took, by the second in which it was meant to start."""
    seconds: dict[int, list[float]] = {}
    for row in run.rows:
        if row["kind"] == OPEN:
            seconds.setdefault(int(row["at_s"]), []).append(row["latency_ms"])
    moments = sorted(seconds)
    figure = go.Figure()
    for name, share, ink in (("p50", 0.5, INK), ("p99", 0.99, WARN)):
        values = [percentile(seconds[at], share) for at in moments]
        figure.add_scatter(x=moments, y=values, name=name, line={"color": ink})
    return _picture("over-time", figure, "second of the run", "ms")


def percentile_curve(run: Run) -> Picture:
    """Show the whole distribution; the tail has as much room as the rest."""
    figure = go.Figure()
    for name, one, ink in (("this run", run, INK), ("baseline", run.baseline, PALE)):
        if one is not None:
            values = [percentile(one.requests_ms, share) for share in CURVE]
            places = [-math.log10(1 - share) for share in CURVE]
            figure.add_scatter(x=places, y=values, name=name, line={"color": ink})
    figure.update_xaxes(
        tickvals=[-math.log10(1 - share) for share in CURVE],
        ticktext=[f"{share * 100:g} %" for share in CURVE],
    )
    return _picture("percentiles", figure, "of requests are faster", "ms")


def flows(run: Run) -> pd.DataFrame:
    """Table what people waited for."""
    rows = [row for row in run.summary["latencies"] if row["kind"] in (FLOW, PROBE)]
    return pd.DataFrame(rows)


def throughput(run: Run) -> Picture:
    """Show what each stage did in each second."""
    figure = go.Figure()
    for stage in STAGES:
        points = _since_its_begin(run, f"count {stage}")
        pairs = list(pairwise(points))
        figure.add_scatter(
            x=[at for _, (at, _) in pairs],
            y=[(b - a) / (at - before) for (before, a), (at, b) in pairs],
            name=stage,
        )
    return _picture("throughput", figure, "second of the run", "a second")


def lag(run: Run) -> Picture:
    points = _since_its_begin(run, "lag")
    figure = go.Figure()
    figure.add_scatter(x=[at for at, _ in points], y=[value for _, value in points])
    return _picture("lag", figure, "second of the run", "events not heard by read models")


def _since_its_begin(run: Run, what: str) -> list[tuple[float, float]]:
    """Leave out the seconds in which the generators were still starting."""
    return [point for point in series(run.folder).get(what, []) if point[0] >= 0.0]


def stages(run: Run) -> pd.DataFrame:
    """Table what each stage did a second, and how much of a core each service took."""
    told = run.summary["stages"].items()
    return pd.DataFrame([{"what": name, "a second": value} for name, value in told])


def saturation(run: Run) -> Picture | Html:
    """Show where the knee is, if this run is a step of a search for it."""
    path = run.folder.parent / "knee.json"
    if not path.exists():
        return Html(
            "<p>One rate was driven; <code>loadtests knee</code> finds the knee.</p>"
        )
    knee = json.loads(path.read_text())
    steps = sorted(knee["steps"], key=lambda step: float(step["rate_per_s"]))
    p99 = [_p99_of(path.parent / f"rate-{step['rate_per_s']:07.2f}") for step in steps]
    figure = go.Figure()
    figure.add_scatter(
        x=[step["rate_per_s"] for step in steps],
        y=p99,
        mode="lines+markers",
        marker={"color": [INK if step["held"] else WARN for step in steps], "size": 12},
    )
    return _picture("saturation", figure, "journeys a second", "p99 of requests, ms")


def comparison(run: Run) -> pd.DataFrame | Html:
    """Hold each wait against the baseline's."""
    if run.baseline is None:
        return Html("<p>No baseline was named.</p>")
    key = ["kind", "name"]
    ours = pd.DataFrame(run.summary["latencies"])
    theirs = pd.DataFrame(run.baseline.summary["latencies"])
    both = ours.merge(theirs, on=key, suffixes=("", " baseline"))
    both["p99 ratio"] = (both["p99_ms"] / both["p99_ms baseline"]).round(2)
    return both[
        [*key, "p50_ms", "p50_ms baseline", "p99_ms", "p99_ms baseline", "p99 ratio"]
    ]


def prediction(run: Run) -> pd.DataFrame | Html:
    """Hold what was measured against what the simulator had said of the same profile."""
    if not run.prediction:
        return Html("<p>No prediction was named.</p>")
    lines = []
    for name, figures in run.prediction.items():
        taken = _taken(run, name)
        for figure, predicted in figures.items():
            measured = percentile(taken, PERCENTILES[figure])
            error = (predicted - measured) / measured if measured else None
            lines.append(
                {
                    "name": name,
                    "figure": figure,
                    "predicted": predicted,
                    "measured": measured,
                    "error": error,
                }
            )
    return pd.DataFrame(lines)


def verdict_follows(run: Run) -> bool:
    """Check that the verdict is what its promises and the money say."""
    kept = all(promise["kept"] for promise in run.summary["promises"])
    passed = kept and not run.summary["findings"]
    return bool(run.summary["verdict"] == ("PASSED" if passed else "FAILED"))


def every_sample_is_counted(run: Run) -> bool:
    return bool(sum(row["count"] for row in run.summary["latencies"]) == len(run.rows))


def errors_are_the_samples(run: Run) -> bool:
    failed = sum(row["outcome"] != OK for row in run.rows)
    return bool(sum(row["failed"] for row in run.summary["latencies"]) == failed)


def confirmed(run: Run) -> Html:
    return Html(
        f"<p>confirmed: {len(run.rows)} samples, the verdict follows from them, and it is "
        f"{escape(run.summary['verdict'])}.</p>"
    )


def _taken(run: Run, name: str) -> list[float]:
    if name == "requests":
        return run.requests_ms
    return [row["latency_ms"] for row in run.rows if row["name"] == name]


def _p99_of(folder: Path) -> float | None:
    return percentile(load(str(folder)).requests_ms, 0.99)


def _picture(name: str, figure: go.Figure, x: str, y: str) -> Picture:
    figure.update_layout(
        template="plotly_white",
        height=360,
        margin={"l": 10, "r": 20, "t": 20, "b": 40},
        xaxis_title=x,
        yaxis_title=y,
        yaxis_rangemode="tozero",
    )
    return Picture(name, figure)
