"""A question's answer for machines: Parquet, JSON, a manifest and the STRESS checklist."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from sims.capacity.answer import Answer, Around, formulas, verdict
from sims.capacity.around import Variant
from sims.capacity.confirm import Confirmation
from sims.capacity.death import AfterDeath
from sims.capacity.search import Point
from sims.manifest import manifest
from sims.stress import stress

MEASURES = {
    "sojourn_s": "seconds from the first stage's topic to the last stage's end",
    "plan": "the smallest plan that keeps the objective",
    "after_one_death": "the longest stay after a death, and when it is over",
}


def write(answer: Answer, folder: Path) -> list[Path]:
    """Write the answer, a file a table, and describe the run beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "curve.parquet": [_row(p) for p in answer.curve],
        "formulas.parquet": formulas(answer),
    }
    if answer.around:
        tables |= _around(answer.around)
    if answer.swept:
        tables["sweep.parquet"] = [_changed(each) for each in answer.swept]
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(folder / name, index=False)
    plain = {
        "question": answer.question.model_dump(mode="json"),
        "verdict": verdict(answer),
        "is_met": answer.asked.is_met,
        "plan": {n: _choice(c) for n, c in answer.asked.plan.items()},
        "connections": answer.connections,
        "after_one_death": _death(answer.after_death),
        "confirmation": _confirmation(answer.confirmation),
    }
    described = _described(answer, list(tables))
    for name, content in (("answer.json", plain), ("manifest.json", described)):
        text = json.dumps(content, indent=1) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "stress.md").write_text(stress(described), encoding="utf-8")
    return [
        folder / name for name in (*tables, "answer.json", "manifest.json", "stress.md")
    ]


def _described(answer: Answer, names: Sequence[str]) -> dict[str, Any]:
    question = answer.question
    plain = question.model_dump_json(exclude={"seed"})
    return manifest(
        command="capacity",
        seed=question.seed,
        configuration=sha256(plain.encode()).hexdigest()[:12],
        kind="capacity study",
        question=question.model_dump(mode="json"),
        measures=MEASURES,
        rates_per_s=question.rates,
        profile=question.profile,
        results=[*names, "answer.json"],
    )


def _around(around: Around) -> dict[str, Sequence[Mapping[str, Any]]]:
    return {
        "headroom.parquet": [_row(point) for point in around.headroom.points],
        "sensitivity.parquet": [
            {
                "parameter": each.parameter,
                "value": float(each.value),
                "less_s": each.less.sojourn.value if each.less.sojourn else None,
                "more_s": each.more.sojourn.value if each.more.sojourn else None,
                "less_is_met": each.less.is_met,
                "more_is_met": each.more.is_met,
            }
            for each in around.sensitivities
        ],
        "what_if.parquet": [_changed(each) for each in around.what_ifs],
    }


def _changed(tried: tuple[Variant, Point]) -> dict[str, Any]:
    variant, point = tried
    return {"changed": json.dumps(dict(variant.changed)), **_row(point)}


def _row(point: Point) -> dict[str, Any]:
    told = point.sojourn
    return {
        "rate_per_s": point.rate,
        "sojourn_s": told.value if told else None,
        "low_s": told.low if told else None,
        "high_s": told.high if told else None,
        "mean_s": point.mean.value if point.mean else None,
        "median_s": point.median.value if point.median else None,
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
        "alive": found.alive,
        "stories_going_on": found.playing,
        "handled_for_each": dict(found.handled),
    }


def _death(died: AfterDeath | None) -> dict[str, Any] | None:
    if died is None:
        return None
    return {
        "sojourn_max_s": died.sojourn_max_s.value,
        "over_after_s": died.over_after_s.value,
        "is_over": died.is_over,
    }
