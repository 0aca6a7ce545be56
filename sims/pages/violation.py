"""The page of a history that broke a law: which, how to see it again, and its timeline."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from recon.pages.figures import ABOVE, BELOW, TOTAL, Picture
from recon.pages.html import Html, Table, definitions
from sims.pages.capacity_figures import titled
from sims.pages.kept import Kept, Row
from sims.pages.words import banner, paragraph

LANES = ("provider", "intake", "escrow", "payments", "notifications", "trouble")
LANE_PX = 46
SYMBOLS = {"provider": "diamond", "trouble": "x"}
SENTENCES = 5


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
    """Who did what when? A lane for each side; crosses are crashes and frozen processes."""
    lines = run["timeline"]
    if not lines:
        return paragraph("Nothing happened.")
    figure = go.Figure()
    for lane in LANES:
        mine = [line for line in lines if line["lane"] == lane]
        figure.add_trace(
            go.Scatter(
                x=[line["at"] for line in mine],
                y=[lane] * len(mine),
                mode="markers",
                marker={
                    "symbol": SYMBOLS.get(lane, "circle"),
                    "size": 11,
                    "color": {"trouble": BELOW, "provider": TOTAL}.get(lane, ABOVE),
                },
                customdata=[f"{line['what']} {line['escrow_id']}" for line in mine],
                hovertemplate="%{x}<br>%{customdata}<extra></extra>",
                showlegend=False,
            )
        )
    figure.update_yaxes(
        categoryorder="array", categoryarray=list(LANES), autorange="reversed"
    )
    troubles = sum(line["lane"] == "trouble" for line in lines)
    title = f"{len(lines) - troubles:,} things said, {troubles:,} crashes or freezes"
    made = titled(figure, "violation", title, LANE_PX * len(LANES))
    made.figure.update_xaxes(title_text="time, UTC", type="date", tickformat=None)
    return made


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
