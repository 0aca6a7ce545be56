"""A study's results: Parquet for machines, tables for people, and what the run was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from sims.manifest import manifest
from sims.stress import stress
from sims.studies.amounts import Interval
from sims.studies.measures import CURRENCIES, MEASURES
from sims.studies.study import Line, Study
from toolkit.messages.escrow import Rail

WHOLE = pa.int64()  # amounts in minor units; more than a column holds is an error
RESULTS, SUMMARY, DAYS = "results.parquet", "summary.parquet", "days.parquet"
MANIFEST, STRESS = "manifest.json", "stress.md"
COLUMNS: Mapping[str, Mapping[str, pa.DataType]] = {
    RESULTS: {
        **dict.fromkeys(("scenario", "measure", "rail", "currency"), pa.string()),
        **dict.fromkeys(("replication", "value"), WHOLE),
    },
    SUMMARY: {
        **dict.fromkeys(("scenario", "measure", "rail", "currency"), pa.string()),
        **dict.fromkeys(("mean", "low", "high"), WHOLE),
        **dict.fromkeys(("difference", "difference_low", "difference_high"), WHOLE),
    },
    DAYS: {
        **dict.fromkeys(("scenario", "rail", "currency"), pa.string()),
        **dict.fromkeys(("replication", "day", "held_minor", "frozen_minor"), WHOLE),
        "working_capital_minor": WHOLE,
    },
}


def write(study: Study, folder: Path) -> list[Path]:
    """Write the results and the description of the run, and name the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (
        (RESULTS, _results(study)),
        (SUMMARY, _summary(study)),
        (DAYS, _days(study)),
    ):
        schema = pa.schema(list(COLUMNS[name].items()))
        pq.write_table(pa.Table.from_pylist(list(rows), schema), folder / name)
    described = described_run(study)
    text = json.dumps(described, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    (folder / STRESS).write_text(stress(described), encoding="utf-8")
    return [folder / name for name in (*COLUMNS, MANIFEST, STRESS)]


def described_run(study: Study) -> dict[str, Any]:
    """Say what was played, so that it can be played again and be judged."""
    question = study.question
    return manifest(
        command="study",
        seed=question.seed,
        configuration=question.configuration,
        kind="lifecycle study",
        question=question.model_dump(mode="json"),
        measures={name: MEASURES[name] for name in question.shows},
        replications=question.replications,
        results=list(COLUMNS),
    )


def show(study: Study, console: Console) -> None:
    """Print the question, and a table for each measure that the file asks to see."""
    console.print(study.question.question.strip(), style="bold")
    for measure in study.question.shows:
        for rail in CURRENCIES:
            lines = [study.line(s, measure, rail) for s in study.question.scenarios]
            if any(line.value.high for line in lines):
                console.print(_table(measure, rail, lines))
    console.print(verdict(study))


def verdict(study: Study) -> str:
    """Say which scenarios differ for sure in the first thing that was asked for."""
    measure = study.question.shows[0]
    said = []
    for scenario in list(study.question.scenarios)[1:]:
        for rail in CURRENCIES:
            line = study.line(scenario, measure, rail)
            if line.difference is None or not line.value.high:
                continue
            said.append(f"{scenario}, {rail_name(rail)}: {_says(line, line.difference)}.")
    start = f"{MEASURES[measure].capitalize()}, beside {study.first!r}:"
    return "\n".join([start, *said]) if said else ""


def _says(line: Line, difference: Interval) -> str:
    if not difference.is_clear:
        return (
            f"no difference that {difference_shown(line, difference)} would not explain;"
            " more replications would narrow it"
        )
    side = "more" if difference.mean > 0 else "less"
    mean = shown(line.measure, abs(difference.mean), line.rail)
    of = f" {unit_of(line)}" if unit_of(line) else ""
    return f"{mean}{of} {side} ({difference_shown(line, difference)})"


def unit_of(line: Line) -> str:
    return CURRENCIES[line.rail] if line.measure.endswith("_minor") else ""


def difference_shown(line: Line, difference: Interval) -> str:
    low, high = (
        shown(line.measure, end, line.rail, sign=True)
        for end in (difference.low, difference.high)
    )
    return f"95 %: {low} to {high}"


def shown(measure: str, value: int, rail: Rail, *, sign: bool = False) -> str:
    """Write a count, or an amount in whole major units: the files have the exact ones."""
    currency = CURRENCIES[rail]
    unit = 10**currency.exponent if measure.endswith("_minor") else 1
    whole = (2 * abs(value) + unit) // (2 * unit)
    mark = "-" if value < 0 and whole else "+" if sign and whole else ""
    return f"{mark}{whole:,}"


def rail_name(rail: Rail) -> str:
    return {Rail.STRIPE: "by card", Rail.CUSTODIAN: "on chain"}[rail]


def _table(measure: str, rail: Rail, lines: list[Line]) -> Table:
    unit = f", in {CURRENCIES[rail]}" if measure.endswith("_minor") else ""
    title = f"{MEASURES[measure]}, {rail_name(rail)}{unit}"
    table = Table(title=title, title_justify="left")
    table.add_column("scenario")
    for name in ("mean", "95 % interval", "difference", "95 % interval"):
        table.add_column(name, justify="right")
    for line in lines:
        value, difference = line.value, line.difference
        table.add_row(
            line.scenario,
            shown(measure, value.mean, rail),
            _range(measure, value, rail),
            shown(measure, difference.mean, rail, sign=True) if difference else "",
            _range(measure, difference, rail) if difference else "",
        )
    return table


def _range(measure: str, interval: Interval, rail: Rail) -> str:
    low, high = (shown(measure, end, rail) for end in (interval.low, interval.high))
    return f"{low} to {high}"


def _results(study: Study) -> Iterator[dict[str, Any]]:
    for scenario, runs in study.told.items():
        for replication, told in enumerate(runs):
            for (measure, rail), value in told.totals.items():
                yield {
                    "scenario": scenario,
                    "replication": replication,
                    "measure": measure,
                    "rail": rail.value,
                    "currency": CURRENCIES[rail].value,
                    "value": value,
                }


def _summary(study: Study) -> Iterator[dict[str, Any]]:
    for line in study.lines():
        difference = line.difference
        yield {
            "scenario": line.scenario,
            "measure": line.measure,
            "rail": line.rail.value,
            "currency": CURRENCIES[line.rail].value,
            "mean": line.value.mean,
            "low": line.value.low,
            "high": line.value.high,
            "difference": difference.mean if difference else None,
            "difference_low": difference.low if difference else None,
            "difference_high": difference.high if difference else None,
        }


def _days(study: Study) -> Iterator[dict[str, Any]]:
    for scenario, runs in study.told.items():
        for replication, told in enumerate(runs):
            for end in told.days:
                yield {
                    "scenario": scenario,
                    "replication": replication,
                    "day": end.day,
                    "rail": end.rail.value,
                    "currency": CURRENCIES[end.rail].value,
                    "held_minor": end.held_minor,
                    "frozen_minor": end.frozen_minor,
                    "working_capital_minor": end.working_capital_minor,
                }
