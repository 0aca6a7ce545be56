"""A question's answer for people: the demand curve, the plan, and what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from rich.console import Console
from rich.table import Table

from sims.capacity import theory
from sims.capacity.around import Headroom, Sensitivity, Variant
from sims.capacity.confirm import Confirmation
from sims.capacity.death import AfterDeath
from sims.capacity.flow import Partitioned, Stage, Workers
from sims.capacity.question import Choice, Question, staged
from sims.capacity.search import Point, shown
from toolkit.core.message import record

BROKER_WRITES = 10_000.0  # messages a second of one partition, far above what is handled
LOOPS = 2  # of a service beside its consumer, each with a connection: relay and agenda
SENSITIVITIES_SHOWN = 8


@record
class Around:
    """What was tried beside the answer."""

    headroom: Headroom
    sensitivities: Sequence[Sensitivity]
    what_ifs: Sequence[tuple[Variant, Point]]


@record
class Answer:
    """What a study found."""

    question: Question
    curve: Sequence[Point]
    after_death: AfterDeath | None
    confirmation: Confirmation | None = None
    around: Around | None = None
    swept: Sequence[tuple[Variant, Point]] = ()

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
    console.print(answer.question.question.strip(), style="bold")
    console.print(_curve(answer))
    console.print(_formulas(answer))
    if answer.around:
        console.print(_sensitivities(answer.around.sensitivities))
        console.print(_changes("one step of the plan", answer.around.what_ifs))
    if answer.swept:
        console.print(_changes("the grid", answer.swept))
    console.print(verdict(answer))
    if answer.around and answer.asked.is_met:
        console.print(room_left(answer, answer.around.headroom))
    if answer.confirmation:
        console.print(beside(answer, answer.confirmation))


def room_left(answer: Answer, headroom: Headroom) -> str:
    """Say how much more load the plan carries, and what ends it."""
    rate = answer.asked.rate
    held = headroom.holds_until(rate)
    broken = headroom.breaks_at
    if broken is None:
        return f"The plan carries at least {held:g}/s, {held / rate:.2f} of the load."
    return (
        f"Headroom: the plan carries {held:g}/s, {held / rate:.2f} of the load, and no "
        f"longer {broken.rate:g}/s, where {broken.bottleneck} stands in the way."
    )


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
    end = "nobody is late any more" if died.is_over else "some are STILL late"
    return (
        f"{holds} When one consumer of each stage dies, a message waits up to "
        f"{died.sojourn_max_s.value:,.0f} s, and {end} "
        f"{died.over_after_s.value:,.0f} s after the death."
    )


def beside(answer: Answer, found: Confirmation) -> str:
    """Say what the real handlers took, beside what the recursion had said."""
    said = answer.asked.sojourn
    assert said is not None, "a plan that has no end is not confirmed"
    told = found.sojourn
    late = f", {found.unfinished} of them never" if found.unfinished else ""
    return _amid(found) + (
        f"With the real handlers in virtual time, {found.messages:,} escrows{late}: "
        f"p{answer.question.objective.quantile * 100:g} {told.value * 1_000:,.0f} ms "
        f"({told.low * 1_000:,.0f} to {told.high * 1_000:,.0f}); the recursion said "
        f"{said.value * 1_000:,.0f} ms, {said.value / told.value - 1:+.0%}."
    )


def _amid(found: Confirmation) -> str:
    """Say how many others there were, and how much more than openings they bring."""
    if not found.playing:
        return ""
    each = ", ".join(f"{name} {count:.1f}" for name, count in found.handled.items())
    return (
        f"Amid {found.alive:,.0f} who are alive, of whom {found.playing:,} acted"
        f" meanwhile: messages handled for each opening were {each}. "
    )


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
    """A row a rate, a column for each stage that was searched."""
    quantile = f"p{answer.question.objective.quantile * 100:g} ms"
    searched = list(answer.asked.plan)
    table = Table("messages/s", quantile, "95 % interval", *searched, "in the way")
    for point in answer.curve:
        told = point.sojourn
        table.add_row(
            f"{point.rate:g}",
            f"{told.value * 1_000:,.0f}" if told else "no end",
            f"{told.low * 1_000:,.0f} to {told.high * 1_000:,.0f}" if told else "",
            *(short(point.plan[name]) for name in searched),
            f"{point.bottleneck}{'' if point.is_met else ', not enough'}",
        )
    table.caption = "consumers / partitions of keyed stages, workers of pools"
    return table


def short(choice: Choice) -> str:
    """What a stage gets: `3 / 12` consumers and partitions, or so many workers."""
    return str(choice.workers or f"{choice.consumers} / {choice.partitions}")


def _formulas(answer: Answer) -> Table:
    table = Table(
        *("stage", "found", "max(t/p, t/c)", "Erlang C", "full"),
        title="servers of each stage, and what the classic rules say",
    )
    for row in formulas(answer):
        numbers = (row["found"], row["by_throughput"], row["by_erlang_c"])
        table.add_row(row["stage"], *map(str, numbers), f"{row['fullness']:.0%}")
    return table


def _sensitivities(found: Sequence[Sensitivity]) -> Table:
    table = Table(title="what matters most: one thing at a time, a fifth less and more")
    table.add_column("parameter")
    for name in ("value", "a fifth less, ms", "a fifth more, ms"):
        table.add_column(name, justify="right")
    for each in found[:SENSITIVITIES_SHOWN]:
        table.add_row(
            each.parameter,
            f"{each.value:g}",
            milliseconds(each.less),
            milliseconds(each.more),
        )
    return table


def _changes(title: str, tried: Sequence[tuple[Variant, Point]]) -> Table:
    searched = list(tried[0][1].plan) if tried else []
    table = Table("changed", "quantile, ms", "kept", *searched, title=title)
    for variant, point in tried:
        changed = ", ".join(f"{name} {value}" for name, value in variant.changed.items())
        kept = "yes" if point.is_met else f"no: {point.bottleneck}"
        plan = [short(point.plan[name]) for name in searched]
        table.add_row(changed, milliseconds(point), kept, *plan)
    return table


def milliseconds(point: Point) -> str:
    return f"{point.sojourn.value * 1_000:,.0f}" if point.sojourn else "no end"
