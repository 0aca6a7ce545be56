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

from recon.pages.amounts import in_major_units, in_words, percent
from recon.pages.html import Html
from recon.pages.rows import rail_name
from recon.pages.run import Record, Run

ABOVE, BELOW, TOTAL = "#2b6cb0", "#c05621", "#4a5568"
BAR_PX, GAP_PX = 34, 104
MARGIN_PX = {"l": 10, "r": 20, "t": 46, "b": 58}
LEGEND_PX = 26
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
        return Html(
            f'<p class="none">{run.none("What we hold could not be compared.")}</p>'
        )
    bars = [len(_parts(proof)) for proof in proofs]
    gap_px = GAP_PX if len(proofs) > 1 else 0
    drawn_px = BAR_PX * sum(bars) + gap_px * (len(proofs) - 1)
    figure = make_subplots(
        rows=len(proofs),
        subplot_titles=[f"<b>{escape(answer(proof))}</b>" for proof in proofs],
        vertical_spacing=gap_px / drawn_px,
        row_heights=bars,
    )
    for row, proof in enumerate(proofs, start=1):
        _draw_waterfall(figure, row, proof)
    # From the left edge of the labels, so that a narrow page cuts nothing off.
    figure.update_annotations(x=0, xanchor="left", xshift=-140, font_size=14)
    return Picture("held-against-owed", styled(figure, drawn_px))


def answer(proof: Record) -> str:
    """The proof's outcome as a sentence."""
    where, currency = rail_name(proof["rail"]), proof["currency"]
    difference, left = int(proof["difference_minor"]), int(proof["unexplained_minor"])
    if not difference:
        return f"{where}: what we hold equals what we owe, to the minor unit"
    side = "more" if difference > 0 else "less"
    rest = "all of it explained"
    if left:
        rest = f"{in_words(abs(left), currency)} of it unexplained"
    elif difference == proof.get("in_transit_minor"):
        rest = "all of it in transit"
    held = in_words(abs(difference), currency)
    return f"{where}: we hold {held} {side} than we owe, {rest}"


def _parts(proof: Record) -> list[tuple[str, int]]:
    parts = [("in transit", int(proof.get("in_transit_minor") or 0))]
    codes: dict[str, int] = {}
    for cause in proof["explained_by"]:
        codes[cause["code"]] = codes.get(cause["code"], 0) + int(cause["effect_minor"])
    parts += codes.items()
    parts.append(("unexplained", int(proof["unexplained_minor"])))
    return [*parts, ("held less owed and own", int(proof["difference_minor"]))]


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
            showlegend=False,
            increasing_marker_color=ABOVE,
            decreasing_marker_color=BELOW,
            totals_marker_color=TOTAL,
            connector_line={"color": "#a0aec0", "width": 1},
            hovertemplate="%{y}: %{text}<extra></extra>",
        ),
        row=row,
        col=1,
    )
    title = f"{currency} above (+) or below (-) what is owed to escrows and to ourselves"
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


@dataclass(frozen=True, slots=True)
class Bar:
    """A share in percent, and the figures that it stands for."""

    name: str
    share: Decimal
    text: str


def confirmed_shares(run: Run) -> Picture | Html:
    """How much of what we booked do the providers confirm? By count and by value."""
    rates = [rate for rate in run.summary.get("match_rates", ()) if rate["expected"]]
    if not rates:
        return Html(
            f'<p class="none">{run.none("No booking should have a row by now.")}</p>'
        )
    bars = [bar for rate in rates for bar in _bars(rate)]
    names = [bar.name for bar in bars]
    shares = [height_on_screen(bar.share) for bar in bars]
    rests = [height_on_screen(100 - bar.share) for bar in bars]
    figure = go.Figure(
        [
            _stack("confirmed", names, shares, ABOVE, text=[bar.text for bar in bars]),
            _stack("not confirmed", names, rests, BELOW, marker_pattern_shape="/"),
        ]
    )
    said = ", ".join(
        f"{rail_name(rate['rail'])} {percent(rate['rate_by_value'])}" for rate in rates
    )
    title = f"<b>Of the value we booked the providers confirm: {escape(said)}</b>"
    figure.update_layout(
        barmode="stack",
        title={
            "text": title,
            "font_size": 14,
            "x": 0,
            "xref": "container",
            "pad": {"l": 10},
        },
        xaxis_title="Share of the bookings that should have their row by now, in %",
        yaxis_autorange="reversed",
        showlegend=True,
        legend={
            "orientation": "h",
            "y": 1,
            "yanchor": "bottom",
            "x": 1,
            "xanchor": "right",
        },
        legend_traceorder="normal",
    )
    made = styled(figure, BAR_PX * len(bars) + LEGEND_PX)
    return Picture(
        "confirmed-shares", made.update_layout(margin_t=MARGIN_PX["t"] + LEGEND_PX)
    )


def _bars(rate: Record) -> list[Bar]:
    where, currency = rail_name(rate["rail"]), rate["currency"]
    matched = in_words(rate["matched_minor"], currency)
    expected = in_words(rate["expected_minor"], currency)
    return [
        Bar(
            f"{where}, by count",
            Decimal(rate["rate_by_count"] or 0) * 100,
            f"{rate['matched']:,} of {rate['expected']:,}",
        ),
        Bar(
            f"{where}, by value",
            Decimal(rate["rate_by_value"] or 0) * 100,
            f"{matched} of {expected}",
        ),
    ]


def _stack(
    name: str, bars: Sequence[str], lengths: Sequence[float], colour: str, **more: Any
) -> go.Bar:
    return go.Bar(
        name=name,
        orientation="h",
        y=bars,
        x=lengths,
        marker_color=colour,
        textposition="inside",
        insidetextanchor="start",
        hovertemplate="%{y}: %{x:.2f} % " + name + "<extra></extra>",
        **more,
    )


def styled(figure: go.Figure, drawn_px: int) -> go.Figure:
    """The look of every picture, as high as what is drawn in it."""
    figure.update_layout(
        template="plotly_white",
        height=drawn_px + MARGIN_PX["t"] + MARGIN_PX["b"],
        margin=MARGIN_PX,
        font={"family": "'Segoe UI', 'Helvetica Neue', Arial, sans-serif", "size": 12.5},
    )
    figure.update_yaxes(automargin=True, ticks="", ticklabelstandoff=8)
    figure.update_xaxes(tickformat=",", zerolinecolor=TOTAL, title_font_size=12.5)
    return figure
