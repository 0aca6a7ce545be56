"""Pictures over days: was client money whole, and do we settle more than we find?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recon.pages.amounts import in_major_units, in_words
from recon.pages.days import Days, day_of, open_ids
from recon.pages.figures import (
    ABOVE,
    BELOW,
    MARGIN_PX,
    TOTAL,
    Picture,
    height_on_screen,
    styled,
)
from recon.pages.html import Html
from recon.pages.month_tables import found_anew
from recon.pages.rows import rail_name
from recon.pages.run import Record

PANEL_PX, GAP_PX, ROW_PX = 160, 104, 26
NO_HISTORY = Html(
    '<p class="none">No earlier days are known here: give the folder of all days with'
    " --history, as <code>daily --root</code> keeps it.</p>"
)
Series = Mapping[tuple[str, str], Sequence[tuple[date, Record]]]


def safeguarding_trend(days: Days | None) -> Picture | Html:
    """Was client money whole on every day? The difference of each day, by rail."""
    if days is None:
        return NO_HISTORY
    series = _differences(days)
    if not series:
        return Html('<p class="none">On no day was what we hold compared.</p>')
    drawn_px = PANEL_PX * len(series) + GAP_PX * (len(series) - 1)
    figure = make_subplots(
        rows=len(series),
        subplot_titles=[f"<b>{escape(_whole(key, s))}</b>" for key, s in series.items()],
        vertical_spacing=GAP_PX / drawn_px if len(series) > 1 else 0,
    )
    for row, ((_, currency), points) in enumerate(series.items(), start=1):
        figure.add_trace(_bars(points, currency), row=row, col=1)
        is_off = any(proof["difference_minor"] for _, proof in points)
        figure.update_yaxes(
            title_text=currency, showticklabels=is_off, tickformat=",", row=row, col=1
        )
        title = f"business day; {currency} held over (+) or short of (-) what is owed"
        figure.update_xaxes(title_text=title, row=row, col=1)
    figure.update_annotations(x=0, xanchor="left", xshift=-60, font_size=14)
    figure.update_layout(showlegend=False)
    made = styled(figure, drawn_px)
    return Picture("safeguarding-trend", _by_days(made, days))


def _differences(days: Days) -> Series:
    """The difference of every day on which it was possible, by rail and currency."""
    found: dict[tuple[str, str], list[tuple[date, Record]]] = defaultdict(list)
    for run in days.runs:
        for proof in run.summary["proofs"]:
            if proof["kind"] == "safeguarding" and proof["difference_minor"] is not None:
                key = (rail_name(proof["rail"]), proof["currency"])
                found[key].append((day_of(run), proof))
    return found


def _whole(key: tuple[str, str], points: Sequence[tuple[date, Record]]) -> str:
    """The answer: on how many days it was whole, and when it was farthest from it."""
    rail, currency = key
    off = [(day, proof) for day, proof in points if proof["difference_minor"]]
    if not off:
        return f"{rail}: whole on each of {len(points)} days, to the minor unit"
    day, worst = max(off, key=lambda point: abs(point[1]["difference_minor"]))
    left = sum(bool(proof["unexplained_minor"]) for _, proof in off)
    return (
        f"{rail}: whole on {len(points) - len(off)} of {len(points)} days; farthest off on"
        f" {day} with {in_words(worst['difference_minor'], currency, sign=True)};"
        f" {'every difference is explained' if not left else f'unexplained on {left} days'}"
    )


def _bars(points: Sequence[tuple[date, Record]], currency: str) -> go.Bar:
    minors = [int(proof["difference_minor"]) for _, proof in points]
    farthest = {max(minors), min(minors)}
    words = [in_words(minor, currency, sign=True) for minor in minors]
    return go.Bar(
        x=[day.isoformat() for day, _ in points],
        y=[height_on_screen(in_major_units(minor, currency)) for minor in minors],
        customdata=words,
        text=[
            text if minor and minor in farthest else ""
            for text, minor in zip(words, minors, strict=True)
        ],
        textposition="outside",
        textangle=0,
        textfont_size=11,
        constraintext="none",
        cliponaxis=False,
        marker_color=[BELOW if minor < 0 else ABOVE for minor in minors],
        # A shortfall is hatched: it is seen without its colour.
        marker_pattern_shape=["/" if minor < 0 else "" for minor in minors],
        hovertemplate="%{x|%d %b}: %{customdata}<extra></extra>",
    )


def open_trend(days: Days | None) -> Picture | Html:
    """Do we settle more than we find? New and settled of each day, and what is open."""
    if days is None:
        return NO_HISTORY
    names, new, gone, left = [], [], [], []
    known: set[str] | None = None
    for run in days.runs:
        now = open_ids(run)
        before = now if known is None else known
        names.append(run.summary["business_date"])
        new.append(len(now - before))
        gone.append(len(before - now))
        left.append(len(now))
        known = now
    figure = go.Figure(
        [
            _count_bars("found", names, new, BELOW, "/"),
            _count_bars("settled", names, [-count for count in gone], ABOVE, ""),
            go.Scatter(
                name="open in the evening",
                x=names,
                y=left,
                mode="lines+markers+text",
                text=[
                    str(left[-1]) if place == len(left) - 1 else ""
                    for place in range(len(left))
                ],
                textposition="middle right",
                cliponaxis=False,
                line={"color": TOTAL, "width": 2},
                marker={"symbol": "diamond", "size": 6},
                hovertemplate="%{x|%d %b}: %{y} open<extra></extra>",
            ),
        ]
    )
    title = (
        f"Open discrepancies went from {left[0]} to {left[-1]}:"
        f" {sum(new)} came up since {names[0]}, {sum(gone)} were settled"
    )
    figure.update_layout(barmode="relative", **_titled(title))
    figure.update_xaxes(title_text="business day")
    figure.update_yaxes(title_text="discrepancies")
    return Picture("open-trend", _by_days(styled(figure, PANEL_PX + 40), days))


def _count_bars(
    name: str, names: Sequence[str], counts: Sequence[int], colour: str, pattern: str
) -> go.Bar:
    return go.Bar(
        name=name,
        x=names,
        y=counts,
        customdata=[abs(count) for count in counts],
        marker_color=colour,
        marker_pattern_shape=pattern,
        hovertemplate="%{x|%d %b}: %{customdata} " + name + "<extra></extra>",
    )


def recurrence(days: Days) -> Picture | Html:
    """What keeps coming back? A mark for every code and day on which it was found anew."""
    marks: Counter[tuple[str, str]] = Counter(
        (row["code"], day) for day, row in found_anew(days)
    )
    if not marks:
        return Html('<p class="none">Nothing was found anew in these days.</p>')
    codes = Counter(code for code, _ in marks)
    ordered = [
        code for code, _ in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    ]
    figure = go.Figure(
        go.Scatter(
            x=[day for _, day in marks],
            y=[code for code, _ in marks],
            text=[str(count) for count in marks.values()],
            mode="markers+text",
            marker={
                "symbol": "square",
                "size": 19,
                "color": "#dbe4ee",
                "line_color": TOTAL,
            },
            marker_line_width=1,
            textfont_size=11,
            cliponaxis=False,
            hovertemplate="%{x|%d %b}: %{text} of %{y}<extra></extra>",
        )
    )
    often = f"{ordered[0]} came up anew on {codes[ordered[0]]} of {len(days.runs)} days"
    figure.update_layout(**_titled(often), showlegend=False)
    figure.update_xaxes(title_text="business day")
    figure.update_yaxes(
        categoryorder="array", categoryarray=ordered, autorange="reversed", type="category"
    )
    drawn_px = ROW_PX * len(ordered) + 30
    return Picture("recurrence", _by_days(styled(figure, drawn_px), days))


def _titled(text: str) -> dict[str, Any]:
    """The answer above the picture, and the legend below the answer."""
    return {
        "title": {
            "text": f"<b>{escape(text)}</b>",
            "font_size": 14,
            "x": 0,
            "xref": "container",
            "pad": {"l": 10},
        },
        "legend": {
            "orientation": "h",
            "y": 1,
            "yanchor": "bottom",
            "x": 1,
            "xanchor": "right",
        },
    }


def _by_days(figure: go.Figure, days: Days) -> go.Figure:
    """An axis of all days, and a band over each without a run: a gap is no zero."""
    for day in days.missing:
        figure.add_vrect(
            x0=(datetime.combine(day, time()) - timedelta(hours=12)).isoformat(),
            x1=(datetime.combine(day, time()) + timedelta(hours=12)).isoformat(),
            fillcolor="#a0aec0",
            opacity=0.25,
            line_width=0,
            annotation_text="no run",
            annotation_textangle=-90,
            row="all",
            col="all",
        )
    half = timedelta(hours=12)
    span = [datetime.combine(day, time()) for day in (days.first, days.last)]
    ends = [(span[0] - half).isoformat(), (span[1] + half).isoformat()]
    figure.update_xaxes(range=ends, tickformat="%d %b", type="date")
    return figure.update_layout(margin_t=MARGIN_PX["t"] + 18)
