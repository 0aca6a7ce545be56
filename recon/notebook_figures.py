"""The notebook's pictures: each answers a question, and its title is the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recon.notebook_amounts import in_major_units, in_words, percent
from recon.notebook_html import Html
from recon.notebook_run import Record, Run
from recon.notebook_tables import rail_name

ABOVE, BELOW, TOTAL = "#2b6cb0", "#c05621", "#4a5568"
QUIET = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure for a notebook, and as HTML for a page that has plotly.js once.

    Plotly's own renderers either vanish from exported HTML or link to a network.
    """

    name: str
    figure: go.Figure

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        div = self.figure.to_html(
            full_html=False,
            include_plotlyjs=False,
            include_mathjax=False,
            div_id=self.name,
            config=QUIET,
        )
        return {
            "application/vnd.plotly.v1+json": json.loads(self.figure.to_json()),
            "text/html": f'<div class="picture">{div}</div>',
        }


def height_on_screen(amount: Decimal | None) -> float:
    """How long a bar is drawn.

    The one place where an amount becomes a float: pixels need no more digits, and the
    figure that is read stands beside the bar as exact text.
    """
    return float(amount or 0)


def held_against_owed(run: Run) -> Picture | Html:
    """Does what we hold equal what we owe? A waterfall from zero to the difference."""
    proofs = [
        proof
        for proof in run.summary["proofs"]
        if proof["kind"] == "safeguarding" and proof["difference_minor"] is not None
    ]
    if not proofs:
        return Html('<p class="none">No picture: what we hold could not be compared.</p>')
    figure = make_subplots(
        rows=len(proofs),
        subplot_titles=[f"<b>{escape(answer(proof))}</b>" for proof in proofs],
        vertical_spacing=0.5 / len(proofs) ** 1.5,
        row_heights=[len(_parts(proof)) + 1 for proof in proofs],
    )
    for row, proof in enumerate(proofs, start=1):
        _draw_waterfall(figure, row, proof)
    bars = sum(len(_parts(proof)) for proof in proofs)
    figure.update_annotations(x=0, xanchor="left", font_size=14)
    return Picture("held-against-owed", _styled(figure, 34 * bars + 110 * len(proofs)))


def answer(proof: Record) -> str:
    """The proof's outcome as a sentence."""
    where, currency = rail_name(proof["rail"]), proof["currency"]
    difference, left = int(proof["difference_minor"]), int(proof["unexplained_minor"])
    if not difference:
        return f"{where}: what we hold equals what we owe, to the minor unit"
    side = "more" if difference > 0 else "less"
    rest = (
        f"{in_words(abs(left), currency)} of it unexplained"
        if left
        else "all of it explained"
    )
    held = in_words(abs(difference), currency)
    return f"{where}: we hold {held} {side} than we owe, {rest}"


def _parts(proof: Record) -> list[tuple[str, int]]:
    parts = [("in transit", int(proof.get("in_transit_minor") or 0))]
    codes: dict[str, int] = {}
    for cause in proof["explained_by"]:
        codes[cause["code"]] = codes.get(cause["code"], 0) + int(cause["effect_minor"])
    parts += codes.items()
    parts.append(("unexplained", int(proof["unexplained_minor"])))
    return [*parts, ("held − owed − own", int(proof["difference_minor"]))]


def _draw_waterfall(figure: go.Figure, row: int, proof: Record) -> None:
    parts, currency = _parts(proof), proof["currency"]
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            y=[name for name, _ in parts],
            x=[height_on_screen(in_major_units(minor, currency)) for _, minor in parts],
            text=[in_words(minor, currency, sign=True) for _, minor in parts],
            measure=[*["relative"] * (len(parts) - 1), "total"],
            textposition="outside",
            cliponaxis=False,
            increasing_marker_color=ABOVE,
            decreasing_marker_color=BELOW,
            totals_marker_color=TOTAL,
            connector_line={"color": "#a0aec0", "width": 1},
            hovertemplate="%{y}: %{text}<extra></extra>",
        ),
        row=row,
        col=1,
    )
    title = f"{currency} above (+) or below (−) what is owed to escrows and to ourselves"
    figure.update_xaxes(title_text=title, range=_room(parts, currency), row=row, col=1)
    figure.update_yaxes(autorange="reversed", row=row, col=1)


def _room(parts: Sequence[tuple[str, int]], currency: str) -> list[float]:
    """An axis with room for the labels beside the bars."""
    levels, level = [0], 0
    for _, minor in parts[:-1]:
        level += minor
        levels.append(level)
    low, high = (
        height_on_screen(in_major_units(end, currency))
        for end in (min(levels), max(levels))
    )
    margin = (high - low or 1) * 0.24
    return [low - margin, high + margin]


def confirmed_shares(run: Run) -> Picture | Html:
    """How much of what we booked do the providers confirm? By count and by value."""
    rates = [rate for rate in run.summary.get("match_rates", ()) if rate["expected"]]
    if not rates:
        return Html('<p class="none">No picture: nothing was matched.</p>')
    bars = [bar for rate in rates for bar in _bars(rate)]
    figure = go.Figure()
    for name, place, colour in (("confirmed", 1, ABOVE), ("not confirmed", 2, BELOW)):
        figure.add_trace(
            go.Bar(
                name=name,
                orientation="h",
                y=[bar[0] for bar in bars],
                x=[height_on_screen(bar[place]) for bar in bars],
                text=[bar[3] if place == 1 else "" for bar in bars],
                textposition="inside",
                insidetextanchor="start",
                marker_color=colour,
                marker_pattern_shape="" if place == 1 else "/",
                hovertemplate="%{y}: %{x:.2f} % " + name + "<extra></extra>",
            )
        )
    said = "; ".join(
        f"{percent(rate['rate_by_value'])} at {rail_name(rate['rail'])}" for rate in rates
    )
    figure.update_layout(
        barmode="stack",
        title={
            "text": f"<b>Providers confirm, by value: {escape(said)}</b>",
            "font_size": 14,
        },
        title_x=0,
        title_xref="paper",
        xaxis_title="share of the bookings that should have their row by now, in %",
        yaxis_autorange="reversed",
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 1,
            "xanchor": "right",
        },
    )
    return Picture("confirmed-shares", _styled(figure, 46 * len(bars) + 120, legend=True))


def _bars(rate: Record) -> list[tuple[str, Decimal, Decimal, str]]:
    where, currency = rail_name(rate["rail"]), rate["currency"]
    count, value = (
        Decimal(rate[name] or 0) * 100 for name in ("rate_by_count", "rate_by_value")
    )
    worth = in_major_units(rate["matched_minor"], currency)
    total = in_words(rate["expected_minor"], currency)
    return [
        (
            f"{where}, by count",
            count,
            100 - count,
            f"{rate['matched']:,} of {rate['expected']:,}",
        ),
        (f"{where}, {currency}", value, 100 - value, f"{worth:,f} of {total}"),
    ]


def _styled(figure: go.Figure, height: int, *, legend: bool = False) -> go.Figure:
    figure.update_layout(
        template="plotly_white",
        height=height,
        showlegend=legend,
        margin={"l": 10, "r": 20, "t": 46, "b": 10},
        font={"family": "system-ui, 'Segoe UI', Arial, sans-serif", "size": 12.5},
    )
    figure.update_yaxes(automargin=True, ticks="")
    figure.update_xaxes(automargin=True, tickformat=",", zerolinecolor="#4a5568")
    return figure
