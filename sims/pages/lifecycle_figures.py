"""The pictures of a study: money held and own money needed, day by day."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import plotly.graph_objects as go

from recon.pages.amounts import in_major_units, in_words
from recon.pages.figures import Picture, height_on_screen
from recon.pages.html import Html
from sims.pages.capacity_figures import COLOURS, HEIGHT_PX, titled
from sims.pages.kept import Kept
from sims.pages.lifecycle import RAILS
from sims.pages.words import paragraph

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # equal lines lie on each other
CURRENCIES = {"STRIPE": "USD", "CUSTODIAN": "USDC"}


def held_by_card(run: Kept) -> Picture | Html:
    return over_time(run, "STRIPE", "held_minor", "money held")


def held_on_chain(run: Kept) -> Picture | Html:
    return over_time(run, "CUSTODIAN", "held_minor", "money held")


def own_money(run: Kept) -> Picture | Html:
    """How much own money do refunds and chargebacks need at once?"""
    return over_time(run, "STRIPE", "working_capital_minor", "own money needed")


def over_time(run: Kept, rail: str, column: str, what: str) -> Picture | Html:
    """A line a scenario: the mean of its replications on each day."""
    means = daily_means(run, rail, column)
    if not any(any(days) for days in means.values()):
        return paragraph(f"There is none {RAILS[rail]}.")
    figure = go.Figure()
    for place, (scenario, days) in enumerate(means.items()):
        figure.add_trace(
            go.Scatter(
                name=scenario,
                x=list(range(1, len(days) + 1)),
                y=[height_on_screen(in_major_units(d, CURRENCIES[rail])) for d in days],
                mode="lines",
                line={
                    "color": COLOURS[place % len(COLOURS)],
                    "dash": DASHES[place % len(DASHES)],
                },
                customdata=[in_words(day, CURRENCIES[rail]) for day in days],
                hovertemplate="day %{x}: %{customdata}<extra>" + scenario + "</extra>",
            )
        )
    figure.update_xaxes(title_text="day")
    figure.update_yaxes(title_text=CURRENCIES[rail], rangemode="tozero")
    highest, days = max(means.items(), key=lambda each: max(each[1]))
    most = in_words(max(days), CURRENCIES[rail])
    title = f"{what.capitalize()} {RAILS[rail]}: at most {most} in the mean, {highest}"
    return titled(figure, f"{column.replace('_', '-')}-{rail.lower()}", title, HEIGHT_PX)


def daily_means(run: Kept, rail: str, column: str) -> dict[str, list[int]]:
    """Mean over replications in whole minor units, by scenario, day after day."""
    values: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in run["days"]:
        if row["rail"] == rail:
            values[row["scenario"]][row["day"]].append(row[column])
    return {
        scenario: [_mean(values[scenario][day]) for day in sorted(values[scenario])]
        for scenario in run.told["question"]["scenarios"]
    }


def _mean(amounts: list[int]) -> int:
    return int((Decimal(sum(amounts)) / len(amounts)).to_integral_value())
