"""One discrepancy, or one escrow, with all that the day and its days know of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from recon import history
from recon.explain import Story, explain
from recon.faults import WrongUsageError
from recon.pages.days import Days, day_of, load_days
from recon.pages.run import NoRunError, Record, Run, is_read_by, load

NOT_JUDGED = ("SOURCE_MISSING", "SOURCE_CORRUPT")
# As far back as a discrepancy may have begun.
LOOKED_BACK_D = 120


@dataclass(frozen=True, slots=True)
class Case:
    """What an investigation rests on; `found` are the discrepancies that it is about."""

    id: str
    run: Run
    found: tuple[Record, ...]
    story: Story | None
    matches: tuple[Record, ...]
    days: Days | None
    settled: tuple[Record, ...]

    @property
    def subject(self) -> str:
        """The escrow, payout or account that it is about."""
        if self.story:
            return self.story.subject
        return str(self.found[0]["subject"] or self.found[0]["discrepancy_id"])


def load_case(
    id: str,
    run_folder: str | Path,
    inputs_folder: str | Path,
    state_file: str | Path = "",
    history_folder: str | Path = "",
) -> Case:
    """Judge the run's day again and gather all that belongs to an id.

    Raises NoRunError where the inputs are not the run's, or nothing of the day has the id.
    """
    run = load(run_folder)
    if not is_read_by(run, Path(inputs_folder)):
        raise NoRunError(
            f"{inputs_folder} holds other inputs than {run.folder} was made of; give"
            " --inputs the folder of that run"
        )
    found = _found(run, id)
    state = Path(state_file) if str(state_file) else None
    days = None
    if str(history_folder):
        last = day_of(run)
        days = load_days(history_folder, last - timedelta(days=LOOKED_BACK_D), last)
    asked = found[0]["discrepancy_id"] if found else id
    told = [(run, Path(inputs_folder)), *_day_that_found(found, run, days)]
    stories = [] if _is_unjudged(found) else list(_stories(told, state, asked, found))
    return Case(
        id=id,
        run=run,
        found=found,
        story=merged(stories) if stories else None,
        matches=tuple(
            row
            for told_by, _ in told
            for row in _matches(told_by, stories[0].subject if stories else None)
        ),
        days=days,
        settled=_settled(state, found),
    )


def _is_unjudged(found: Sequence[Record]) -> bool:
    return bool(found) and found[0]["code"] in NOT_JUDGED


def _day_that_found(
    found: Sequence[Record], run: Run, days: Days | None
) -> list[tuple[Run, Path]]:
    """The first run that tells of it: later inputs may no longer hold its escrow."""
    ids = {row["discrepancy_id"] for row in found}
    for earlier in days.runs if days else ():
        if ids & {row["discrepancy_id"] for row in earlier.discrepancies}:
            if day_of(earlier) == day_of(run):
                return []
            inputs = earlier.inputs_folder
            return [(earlier, inputs)] if inputs else []
    return []


def _stories(
    told: Sequence[tuple[Run, Path]], state: Path | None, id: str, found: Sequence[Record]
) -> Iterator[Story]:
    for run, inputs in told:
        try:
            yield explain(day_of(run), inputs, state, id)
        except WrongUsageError as error:
            # A finding without a subject of its own has no story, and is one all the same.
            if not found:
                raise NoRunError(str(error)) from error


def merged(stories: Sequence[Story]) -> Story:
    """What the days tell together, each record once and as the last day tells it."""
    lines = {
        (line["kind"], line["id"], "" if line["kind"] == "finding" else line["what"]): line
        for story in reversed(stories)
        for line in story.lines
    }
    first = stories[0]
    return Story(
        subject=first.subject,
        lines=sorted(lines.values(), key=_in_time),
        pairs=_once(pair for story in reversed(stories) for pair in story.pairs),
        gates=_once(gate for story in reversed(stories) for gate in story.gates),
        suggestions=_once(
            suggestion for story in reversed(stories) for suggestion in story.suggestions
        ),
    )


def _in_time(line: Record) -> tuple[str, str, int]:
    """By moment; events of one moment in the order in which they were written."""
    topic, _, offset = str(line["place"] or "").rpartition("/")
    is_event = line["kind"] == "event" and offset.isdigit()
    return str(line["moment"]), topic if is_event else "~", int(offset) if is_event else 0


def _once(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = {json.dumps(record, sort_keys=True, default=str): record for record in records}
    return list(kept.values())


def _found(run: Run, id: str) -> tuple[Record, ...]:
    """The one discrepancy that begins with an id, else all of a subject or a reference."""
    beginning = [row for row in run.discrepancies if row["discrepancy_id"].startswith(id)]
    if len(beginning) > 1:
        raise NoRunError(f"more than one discrepancy begins with {id!r}; give its whole id")
    names = ("subject", "provider_ref", "event_id")
    return tuple(
        beginning
        or [row for row in run.discrepancies if id in {row[name] for name in names}]
    )


def _matches(run: Run, subject: str | None) -> tuple[Record, ...]:
    """The run's own pairs of a subject, as it published them."""
    path = run.folder / "matches.parquet"
    table = pq.read_table(path, filters=[("subject", "==", subject)] if subject else None)
    return tuple(table.to_pylist()) if subject else ()


def _settled(state: Path | None, found: Sequence[Record]) -> tuple[Record, ...]:
    """Who settled them, and why."""
    if state is None:
        return ()
    told: list[dict[str, Any]] = []
    for row in found:
        try:
            _, settled = history.life(state, row["discrepancy_id"])
        except WrongUsageError:
            continue  # the state has not heard of it: a run without --state found it
        told += [{"discrepancy_id": row["discrepancy_id"], **line} for line in settled]
    return tuple(told)
