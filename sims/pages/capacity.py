"""The page of a capacity plan: assumptions, demand, headroom, what-if, verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from recon.pages.html import Html, Table, definitions, texts
from sims.pages.kept import Kept, Row
from sims.pages.words import banner, figure, milliseconds, paragraph

SERVERS = ("workers", "consumers")


def capacity_banner(run: Kept) -> Html:
    """Can it be kept, and with what?"""
    tone, said = ("good", "KEPT") if run.told["is_met"] else ("bad", "NOT KEPT")
    rate = run.told["question"]["load"]["rate_per_s"]
    lines = [goal(run), run.told["verdict"]]
    return banner("Capacity plan", tone, f"{said} at {rate:g} messages a second", lines)


def goal(run: Kept) -> str:
    """The objective as a sentence."""
    objective = run.told["question"]["objective"]
    return (
        f"{objective['quantile'] * 100:g} of 100 messages within"
        f" {objective['within_ms']:,.0f} ms"
    )


def question(run: Kept) -> Html:
    return paragraph(" ".join(run.told["question"]["question"].split()))


def load_assumed(run: Kept) -> Html:
    """What arrives, and where the times of the stages come from."""
    asked = run.told["question"]
    load = asked["load"]
    dies, measured = (
        asked["one_dies"],
        asked.get("profile") or "the file; nobody measured them",
    )
    return Html(
        definitions(
            [
                ("arrivals", f"{load['rate_per_s']:g} messages a second, Poisson"),
                ("keys alive", f"{load['keys']:,}, skew (Zipf) {load['zipf']:g}"),
                ("times of service from", texts(measured)),
                (
                    "a death is noticed after",
                    f"{dies['session_timeout_s']:g} s",
                ),
                ("seed", str(asked["seed"])),
            ]
        )
    )


def stages(run: Kept) -> Table:
    """What each stage is assumed to take."""
    return Table(
        [
            {
                "Stage": stage["name"],
                "Is": "workers" if stage["workers"] else "partitions",
                "Batch, ms": figure(stage["batch_ms"] or 0),
                "Message, ms": figure(stage["message_ms"] or 0),
                "Variability (cv²)": figure(stage["cv2"]),
                "Batch at most": stage["records_max"],
                "On the way, ms": figure(stage["hop_ms"]),
            }
            for stage in run.told["question"]["stages"]
        ],
        "What a stage takes: a part for each batch, and one for each of its messages",
    )


def demand(run: Kept) -> Table:
    """What each rate needs: a row for each rate of the file."""
    name = f"p{run.told['question']['objective']['quantile'] * 100:g}, ms"
    return Table(
        [
            {
                "Messages/s": figure(row["rate_per_s"]),
                name: milliseconds(row["sojourn_s"]),
                "From": milliseconds(row["low_s"]),
                "To": milliseconds(row["high_s"]),
                **{stage: _short(choice) for stage, choice in _plan(row).items()},
                "Next in the way": row["bottleneck"],
                "Kept": "yes" if row["is_met"] else "no",
            }
            for row in run["curve"]
        ],
        "The smallest plan for each rate: consumers / partitions, or workers;"
        " From and To hold the true quantile with 95 %",
    )


def headroom(run: Kept) -> Table:
    """The plan of the asked rate under more load."""
    return Table(
        [
            {
                "Messages/s": figure(row["rate_per_s"]),
                "Of the load": figure(row["rate_per_s"] / _asked(run)["rate_per_s"]),
                "Quantile, ms": milliseconds(row["sojourn_s"]),
                "Fullest stage": _fullest(row),
                "Next in the way": row["bottleneck"],
                "Kept": "yes" if row["is_met"] else "no",
            }
            for row in run["headroom"]
        ],
        "The same plan under more load; where no time stands, the queue has no end",
    )


def carried(run: Kept) -> float:
    """The highest rate that was tried and up to which the plan keeps its promise."""
    held: float = _asked(run)["rate_per_s"]
    for row in run["headroom"]:
        if not row["is_met"]:
            break
        held = row["rate_per_s"]
    return held


def what_matters(run: Kept) -> Table:
    """One thing at a time, a fifth less and a fifth more."""
    return Table(
        [
            {
                "Parameter": row["parameter"],
                "Value": figure(row["value"]),
                "A fifth less, ms": milliseconds(row["less_s"]),
                "A fifth more, ms": milliseconds(row["more_s"]),
                "Kept with more": "yes" if row["more_is_met"] else "no",
            }
            for row in run["sensitivity"]
        ],
        "What moves the quantile, in the order of how far",
    )


def what_if(run: Kept) -> Table:
    """One step less or more of what was chosen."""
    return Table(
        [
            {
                "If": ", ".join(
                    f"{name}: {value} servers"
                    for name, value in json.loads(row["changed"]).items()
                ),
                "Quantile, ms": milliseconds(row["sojourn_s"]),
                "Next in the way": row["bottleneck"],
                "Kept": "yes" if row["is_met"] else "no",
            }
            for row in run["what_if"]
        ],
        "What if there were one step less, or more?",
        "Nothing was chosen: the file gives everything.",
    )


def classic(run: Kept) -> Table:
    """What the well-known formulas would have said."""
    return Table(
        [
            {
                "Stage": row["stage"],
                "Servers found": row["found"],
                "max(t/p, t/c)": row["by_throughput"],
                "Erlang C": row["by_erlang_c"],
                "Full, %": round(row["fullness"] * 100),
            }
            for row in run["formulas"]
        ],
        "The classic rules know nothing of keyed partitions, which share no queue",
    )


def after_death(run: Kept) -> Html:
    """What a death costs."""
    died = run.told["after_one_death"]
    if died is None:
        return paragraph("The plan keeps nothing, so nobody was made to die.")
    after = f"{died['over_after_s']:,.0f} s after the death"
    return paragraph(
        f"When one consumer of each stage dies, a message waits up to"
        f" {died['sojourn_max_s']:,.0f} s, and nobody is late any more {after}."
        if died["is_over"]
        else f"When one consumer of each stage dies, messages are still late {after}."
    )


def capacity_verdict(run: Kept) -> Html:
    """What to do."""
    if not run.told["is_met"]:
        return paragraph(run.told["verdict"])
    held, rate = carried(run), _asked(run)["rate_per_s"]
    confirmed = run.told["confirmation"]
    lines = [run.told["verdict"], f"It carries {held:g}/s, {held / rate:.2f} of that load."]
    if confirmed:
        lines.append(
            f"With the real handlers it took {confirmed['sojourn_s'] * 1_000:,.0f} ms"
            f" ({confirmed['messages']:,} escrows)."
        )
    else:
        lines.append("It was not played with the real handlers (--confirm).")
    return paragraph(" ".join(lines))


def shows_every_rate(table: Table, run: Kept) -> bool:
    """No rate of the file goes unseen."""
    shown = [float(row["Messages/s"]) for row in table.rows]
    return shown == [float(f"{row['rate_per_s']:g}") for row in run["curve"]]


def plan_is_the_curves(run: Kept) -> bool:
    """The plan that is recommended is the one that was found for the rate asked about."""
    asked = _asked(run)
    return bool(_plan(asked) == run.told["plan"] and asked["is_met"] == run.told["is_met"])


def intervals_hold_their_quantiles(run: Kept) -> bool:
    return all(
        row["sojourn_s"] is None or row["low_s"] <= row["sojourn_s"] <= row["high_s"]
        for row in run["curve"]
    )


def capacity_confirmed(run: Kept) -> Html:
    return paragraph(
        f"Confirmed: {len(run['curve'])} rates are shown, the plan is the one that was"
        " found, and each interval holds its quantile."
    )


def _asked(run: Kept) -> Row:
    rate = run.told["question"]["load"]["rate_per_s"]
    (found,) = (row for row in run["curve"] if row["rate_per_s"] == rate)
    return found


def _plan(row: Row) -> dict[str, dict[str, int]]:
    plan: dict[str, dict[str, int]] = json.loads(row["plan"])
    return plan


def _short(choice: Mapping[str, int]) -> str:
    if "workers" in choice:
        return str(choice["workers"])
    return f"{choice['consumers']} / {choice['partitions']}"


def _fullest(row: Row) -> str:
    full: dict[str, Any] = json.loads(row["fullness"])
    name = max(full, key=lambda each: full[each])
    return f"{name}, {full[name]:.0%}"
