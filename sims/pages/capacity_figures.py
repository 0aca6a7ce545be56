"""The pictures of a capacity plan: what a load needs, what a plan carries, what matters."""

from __future__ import annotations

import json

import plotly.graph_objects as go

from recon.pages.figures import ABOVE, BELOW, TOTAL, Picture, styled
from recon.pages.html import Html
from sims.pages.capacity import carried, goal
from sims.pages.kept import Kept
from sims.pages.words import paragraph

HEIGHT_PX, BAR_PX = 300, 30
COLOURS = (ABOVE, BELOW, "#2f855a", "#6b46c1", TOTAL)
SHOWN = 10
FEW = 10
WITHOUT_END = 1.25  # of the longest that ends: how far a bar without end is drawn


def titled(figure: go.Figure, name: str, title: str, drawn_px: int) -> Picture:
    """A picture whose title is the answer to its question."""
    figure.update_layout(
        title={"text": f"<b>{title}</b>", "font_size": 14, "x": 0, "xref": "container"},
        title_pad_l=10,
        legend={"orientation": "h", "y": -0.25},
    )
    return Picture(name, styled(figure, drawn_px))


def demand_curve(run: Kept) -> Picture | Html:
    """How much does each stage need at each rate?"""
    rates = [row["rate_per_s"] for row in run["curve"]]
    plans = [json.loads(row["plan"]) for row in run["curve"]]
    if not plans[-1]:
        return paragraph("Nothing was chosen: the file gives everything.")
    figure = go.Figure()
    for place, stage in enumerate(plans[-1]):
        needed = [p[stage].get("workers") or p[stage]["consumers"] for p in plans]
        figure.add_trace(
            go.Scatter(
                name=stage,
                x=rates,
                y=needed,
                mode="lines+markers",
                line={"shape": "hv", "color": COLOURS[place % len(COLOURS)]},
                hovertemplate="%{x} messages/s: %{y}<extra>" + stage + "</extra>",
            )
        )
    figure.update_xaxes(title_text="messages a second")
    most = max(max(trace.y) for trace in figure.data)
    whole = 1 if most <= FEW else None  # there is no half of a consumer
    figure.update_yaxes(title_text="consumers or workers", rangemode="tozero", dtick=whole)
    first = run["curve"][-1]["bottleneck"]
    title = f"At {rates[-1]:g} messages a second {first} is next in the way"
    return titled(figure, "demand-curve", title, HEIGHT_PX)


def load_carried(run: Kept) -> Picture | Html:
    """How much more load does the plan carry before it breaks its promise?"""
    asked = run.told["question"]
    rate, within_ms = asked["load"]["rate_per_s"], asked["objective"]["within_ms"]
    points = [row for row in run["curve"] if row["rate_per_s"] == rate]
    points += run["headroom"]
    shown = [row for row in points if row["sojourn_s"] is not None]
    if not shown:
        return paragraph("No plan was found, so none can carry more.")
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[row["rate_per_s"] for row in shown],
            y=[row["sojourn_s"] * 1_000 for row in shown],
            error_y={
                "array": [(row["high_s"] - row["sojourn_s"]) * 1_000 for row in shown],
                "arrayminus": [(row["sojourn_s"] - row["low_s"]) * 1_000 for row in shown],
            },
            mode="lines+markers",
            marker_color=ABOVE,
            showlegend=False,
            hovertemplate="%{x} messages/s: %{y:.0f} ms<extra></extra>",
        )
    )
    figure.add_hline(y=within_ms, line_dash="dash", line_color=BELOW)
    figure.update_xaxes(title_text="messages a second")
    figure.update_yaxes(title_text="quantile, ms", rangemode="tozero")
    held = carried(run)
    title = f"{goal(run)}: kept up to {held:g}/s, {held / rate:.2f} of the load"
    return titled(figure, "load-carried", title, HEIGHT_PX)


def tornado(run: Kept) -> Picture | Html:
    """Which number should be known best?"""
    rows = run["sensitivity"][:SHOWN]
    if not rows:
        return paragraph("Nothing was changed.")
    ends = [row[end] for row in rows for end in ("less_s", "more_s") if row[end]]
    without_end_ms = max(ends, default=1.0) * 1_000 * WITHOUT_END
    rate = run.told["question"]["load"]["rate_per_s"]
    (asked,) = (row for row in run["curve"] if row["rate_per_s"] == rate)
    base_ms = asked["sojourn_s"] * 1_000
    figure = go.Figure()
    for end, name, colour in (
        ("less_s", "a fifth less", ABOVE),
        ("more_s", "a fifth more", BELOW),
    ):
        figure.add_trace(
            go.Bar(
                name=name,
                orientation="h",
                y=[row["parameter"] for row in rows],
                x=[_ms(row[end], without_end_ms) - base_ms for row in rows],
                base=base_ms,
                marker_color=colour,
                text=["" if row[end] else "no end" for row in rows],
                hovertemplate="%{y}, " + name + "<extra></extra>",
            )
        )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title_text="quantile, ms")
    title = f"Know {rows[0]['parameter']} best: it moves the quantile most"
    return titled(figure, "what-matters", title, BAR_PX * len(rows) + 60)


def _ms(seconds: float | None, without_end_ms: float) -> float:
    return without_end_ms if seconds is None else seconds * 1_000
