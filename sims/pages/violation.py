"""The page of a history that broke a law: which, how to see it again, and its timeline."""

from __future__ import annotations

import re
from html import escape

import plotly.graph_objects as go

from recon.pages.figures import ABOVE, BELOW, TOTAL, Picture
from recon.pages.html import Html, Table, definitions
from sims.pages.capacity_figures import titled
from sims.pages.kept import Kept, Row
from sims.pages.words import banner, paragraph
from sims.search.timeline import TROUBLE

LANES = ("provider", "intake", "escrow", "payments", "notifications")
LANE_PX = 34
AROUND_PX = 120
SENTENCES = 5
SEEN_AT = re.compile(r", at (\S+)$")  # how a law that is watched ends its sentence


def violation_banner(run: Kept) -> Html:
    """Which laws are broken, in the words of the laws."""
    broken = run.told["broken"]
    more = len(broken) - SENTENCES
    rest = [f"and {more} more"] if more > 0 else []
    said = f"BROKEN {len(broken)} times" if len(broken) != 1 else "BROKEN once"
    return banner(
        f"Fault search, seed {run.told['seed']}", "bad", said, [*broken[:SENTENCES], *rest]
    )


def reproducing(run: Kept) -> Html:
    """The line that plays the very same history, and on what code."""
    told = run.told
    return Html(
        definitions(
            [
                ("to see it again", f"<code>{escape(told['command'])}</code>"),
                ("commit", escape(told["commit"])),
                ("configuration", escape(told["configuration"])),
                ("kinds of trouble it needs", escape(", ".join(told["kinds"]) or "none")),
                ("Python, SimPy", f"{told['python']}, {told['packages']['simpy']}"),
            ]
        )
    )


def concerned(run: Kept) -> Table:
    """Whose story it is."""
    lines: dict[str, list[Row]] = {}
    for line in run["timeline"]:
        if line["escrow_id"]:
            lines.setdefault(line["escrow_id"], []).append(line)
    return Table(
        [
            {
                "Escrow": escrow_id,
                "Lines": len(found),
                "First": found[0]["at"],
                "Last": found[-1]["at"],
                "Ended with": found[-1]["what"],
            }
            for escrow_id, found in lines.items()
        ],
        "Escrows in the timeline",
        "No escrow is concerned.",
        codes=("Escrow",),
    )


def violation_picture(run: Kept) -> Picture | Html:
    """Who did what when? A lane for each side, and one for each kind of trouble."""
    lines = run["timeline"]
    if not lines:
        return paragraph("Nothing happened.")
    troubles = [line for line in lines if line["lane"] == TROUBLE]
    kinds = sorted({line["what"] for line in troubles})
    figure = go.Figure()
    for lane in LANES:
        mine = [line for line in lines if line["lane"] == lane]
        symbol, color = ("diamond", TOTAL) if lane == "provider" else ("circle", ABOVE)
        figure.add_trace(_lane(lane, mine, symbol, color))
    for kind in kinds:
        mine = [line for line in troubles if line["what"] == kind]
        figure.add_trace(_lane(kind, mine, "x", BELOW))
    for at in _seen_at(run):
        figure.add_vline(x=at, line={"color": BELOW, "dash": "dot", "width": 1})
    lanes = [*LANES, *kinds]
    figure.update_yaxes(
        categoryorder="array", categoryarray=lanes, range=[len(lanes) - 0.5, -0.5]
    )
    title = f"{len(lines) - len(troubles):,} things said, {len(troubles):,} troubles"
    made = titled(figure, "violation", title, AROUND_PX + LANE_PX * len(lanes))
    made.figure.update_xaxes(title_text="time, UTC", type="date", tickformat=None)
    return made


def _lane(name: str, lines: list[Row], symbol: str, color: str) -> go.Scatter:
    """Draw what one side said, or how often one kind of trouble struck."""
    return go.Scatter(
        x=[line["at"] for line in lines],
        y=[name] * len(lines),
        mode="markers",
        marker={"symbol": symbol, "size": 9, "color": color},
        customdata=[
            f"{line['what']} {line['escrow_id'] or line['details']}" for line in lines
        ],
        hovertemplate="%{x}<br>%{customdata}<extra></extra>",
        showlegend=False,
    )


def _seen_at(run: Kept) -> list[str]:
    """Say when laws were seen to be broken, as far as somebody looked then."""
    found = [SEEN_AT.search(sentence) for sentence in run.told["broken"]]
    return sorted({match[1] for match in found if match})


def violation_timeline(run: Kept) -> Table:
    """Line by line, in the order of time."""
    return Table(
        [
            {
                "At": line["at"],
                "Who": line["lane"],
                "What": line["what"],
                "Escrow": line["escrow_id"],
                "Details": line["details"],
            }
            for line in run["timeline"]
        ],
        "The story, line by line",
        codes=("Escrow", "Details"),
    )


def is_in_order(table: Table) -> bool:
    moments = [row["At"] for row in table.rows]
    return moments == sorted(moments)


def shows_every_line(table: Table, run: Kept) -> bool:
    return bool(len(table.rows) == run.told["lines"])


def says_how_to_see_it_again(run: Kept) -> bool:
    """The command names the seed and every kind of trouble."""
    command, kinds = run.told["command"], ",".join(run.told["kinds"])
    return f"--seeds {run.told['seed']}" in command and kinds in command


def violation_confirmed(run: Kept) -> Html:
    return paragraph(
        f"Confirmed: {run.told['lines']:,} lines are shown in the order of time, and the"
        " command plays the same history."
    )
