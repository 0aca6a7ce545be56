"""A question's answer for people and for machines: a table, two Parquet files and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from sims.capacity import theory
from sims.capacity.confirm import Confirmation
from sims.capacity.death import AfterDeath
from sims.capacity.flow import Partitioned, Stage, Workers
from sims.capacity.question import Question, staged
from sims.capacity.search import Point, shown
from toolkit.core.message import record

BROKER_WRITES = 10_000.0  # messages a second of one partition, far above what is handled
LOOPS = 2  # of a service beside its consumer, each with a connection: relay and agenda


@record
class Answer:
    """What a study found."""

    question: Question
    curve: Sequence[Point]
    after_death: AfterDeath | None
    confirmation: Confirmation | None = None

    @property
    def asked(self) -> Point:
        """The point of the rate that was asked about."""
        (found,) = (p for p in self.curve if p.rate == self.question.load.rate_per_s)
        return found

    @property
    def connections(self) -> int:
        """Connections to the database: one for a consumer, a relay and an agenda."""
        stages = staged(self.question, self.asked.plan)
        keyed = [s for s in stages if isinstance(s, Partitioned)]
        return sum(s.consumers * (1 + LOOPS) for s in keyed)


def show(answer: Answer, console: Console) -> None:
    """Print the demand curve, the plan that was asked for, and the classic formulas."""
    question = answer.question
    console.print(question.question.strip(), style="bold")
    console.print(_curve(answer))
    console.print(_formulas(answer))
    console.print(verdict(answer))
    if answer.confirmation:
        console.print(beside(answer, answer.confirmation))


def verdict(answer: Answer) -> str:
    """Say in sentences what to do, and what to expect."""
    point, objective = answer.asked, answer.question.objective
    goal = f"p{objective.quantile * 100:g} within {objective.within_ms:,.0f} ms"
    if not point.is_met:
        return (
            f"Nothing that may be chosen keeps {goal} at {point.rate:g}/s: "
            f"{point.bottleneck} stands in the way. Offer more of it under `candidates`."
        )
    plan = "; ".join(f"{name}: {shown(c)}" for name, c in point.plan.items())
    holds = (
        f"{goal} at {point.rate:g}/s holds with {plan or 'what is given'}, and "
        f"{answer.connections} connections. Next in the way: {point.bottleneck}."
    )
    died = answer.after_death
    if died is None:
        return holds
    return (
        f"{holds} When one consumer of each stage dies, a message waits up to "
        f"{died.sojourn_max_s.value:,.0f} s, and this {'is' if died.is_over else 'is NOT'} "
        f"over {died.over_after_s.value:,.0f} s after the death."
    )


def beside(answer: Answer, found: Confirmation) -> str:
    """Say what the real handlers took, beside what the recursion had said."""
    said = answer.asked.sojourn
    assert said is not None, "a plan that has no end is not confirmed"
    told = found.sojourn
    late = f", {found.unfinished} of them never" if found.unfinished else ""
    return (
        f"With the real handlers in virtual time, {found.messages:,} escrows{late}: "
        f"p{answer.question.objective.quantile * 100:g} {told.value * 1_000:,.0f} ms "
        f"({told.low * 1_000:,.0f} to {told.high * 1_000:,.0f}); the recursion said "
        f"{said.value * 1_000:,.0f} ms, {said.value / told.value - 1:+.0%}."
    )


def write(answer: Answer, folder: Path) -> list[Path]:
    """Write `curve.parquet` (a row a rate), `formulas.parquet` and `answer.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in ("curve.parquet", "formulas.parquet", "answer.json")]
    pd.DataFrame([_row(p) for p in answer.curve]).to_parquet(paths[0], index=False)
    pd.DataFrame(formulas(answer)).to_parquet(paths[1], index=False)
    plain = {
        "question": answer.question.model_dump(mode="json"),
        "verdict": verdict(answer),
        "is_met": answer.asked.is_met,
        "plan": {n: _choice(c) for n, c in answer.asked.plan.items()},
        "connections": answer.connections,
        "after_one_death": _death(answer.after_death),
        "confirmation": _confirmation(answer.confirmation),
    }
    paths[2].write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n")
    return paths


def formulas(answer: Answer) -> list[dict[str, Any]]:
    """What the classic rules would say of each stage, beside what was found."""
    rate, objective = answer.asked.rate, answer.question.objective
    rows = []
    for stage in staged(answer.question, answer.asked.plan):
        service_s, full = stage.service.single_s, stage.service.rate_max
        within_s = max(objective.within_ms / 1_000 - service_s, 0.001)
        is_keyed = isinstance(stage, Partitioned)
        rows.append(
            {
                "stage": stage.name,
                "found": _servers(stage),
                "by_throughput": theory.partitions_by_throughput(rate, BROKER_WRITES, full)
                if is_keyed
                else ceil(rate * service_s),
                "by_erlang_c": theory.servers_by_erlang_c(
                    rate, service_s, objective.quantile, within_s
                ),
                "fullness": answer.asked.fullness[stage.name],
            }
        )
    return rows


def _servers(stage: Stage) -> int:
    return stage.workers if isinstance(stage, Workers) else stage.consumers


def _curve(answer: Answer) -> Table:
    quantile = f"p{answer.question.objective.quantile * 100:g} ms"
    table = Table("messages/s", quantile, "95 % interval", "plan", "in the way", title="")
    for point in answer.curve:
        told = point.sojourn
        table.add_row(
            f"{point.rate:g}",
            f"{told.value * 1_000:,.0f}" if told else "no end",
            f"{told.low * 1_000:,.0f} to {told.high * 1_000:,.0f}" if told else "",
            "\n".join(f"{name}: {shown(c)}" for name, c in point.plan.items()),
            f"{point.bottleneck}{'' if point.is_met else ', not enough'}",
        )
    return table


def _formulas(answer: Answer) -> Table:
    table = Table(
        *("stage", "found", "max(t/p, t/c)", "Erlang C", "full"),
        title="servers of each stage, and what the classic rules say",
    )
    for row in formulas(answer):
        numbers = (row["found"], row["by_throughput"], row["by_erlang_c"])
        table.add_row(row["stage"], *map(str, numbers), f"{row['fullness']:.0%}")
    return table


def _row(point: Point) -> dict[str, Any]:
    told = point.sojourn
    return {
        "rate_per_s": point.rate,
        "sojourn_s": told.value if told else None,
        "low_s": told.low if told else None,
        "high_s": told.high if told else None,
        "runs": told.runs if told else 0,
        "is_met": point.is_met,
        "bottleneck": point.bottleneck,
        "plan": json.dumps({n: _choice(c) for n, c in point.plan.items()}, sort_keys=True),
        "shares": json.dumps(point.shares, sort_keys=True),
        "fullness": json.dumps(point.fullness, sort_keys=True),
    }


def _choice(choice: Any) -> dict[str, int]:
    names = ("partitions", "consumers", "workers")
    return {name: getattr(choice, name) for name in names if getattr(choice, name)}


def _confirmation(found: Confirmation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    told = found.sojourn
    return {
        "sojourn_s": told.value,
        "low_s": told.low,
        "high_s": told.high,
        "messages": found.messages,
        "unfinished": found.unfinished,
    }


def _death(died: AfterDeath | None) -> dict[str, Any] | None:
    if died is None:
        return None
    return {
        "sojourn_max_s": died.sojourn_max_s.value,
        "over_after_s": died.over_after_s.value,
        "is_over": died.is_over,
    }
