"""The runs of many days in one folder: of each day the run that counts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from recon.pages.run import DamagedRunError, NoRunError, Run, load
from recon.results import SIGNOFF

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Days:
    """A span of calendar days and the runs that were made of them."""

    folder: Path
    first: date
    last: date
    runs: tuple[Run, ...]

    @property
    def dates(self) -> Sequence[date]:
        """Every calendar day of the span, with a run or without one."""
        return [
            self.first + timedelta(days=days)
            for days in range((self.last - self.first).days + 1)
        ]

    @property
    def missing(self) -> Sequence[date]:
        """The days that nobody has reconciled."""
        made = {day_of(run) for run in self.runs}
        return [day for day in self.dates if day not in made]


def day_of(run: Run) -> date:
    """The business date of a run."""
    return date.fromisoformat(run.summary["business_date"])


def load_month(folder: str | Path, month: str) -> Days:
    """The days of a month, given as 2026-09.

    Raises NoRunError where there is none, or where nobody can tell which run counts.
    """
    first = date.fromisoformat(f"{month}-01")
    after = (first + timedelta(days=31)).replace(day=1)
    days = load_days(folder, first, after - timedelta(days=1))
    if not days.runs:
        raise NoRunError(
            f"{folder} holds no run of {month}; give the --root of `python -m recon daily`,"
            " or a folder of run folders"
        )
    return days


def load_days(folder: str | Path, first: date, last: date) -> Days:
    """What was made of the days from the first to the last, in their order."""
    folder = Path(folder)
    found: dict[date, list[Path]] = defaultdict(list)
    for path in [*folder.glob("*/summary.json"), *folder.glob("*/*/summary.json")]:
        found[_date_of(path)].append(path.parent)
    spans = sorted(day for day in found if first <= day <= last)
    counting = (load(_counting(day, found[day]), with_pairs=False) for day in spans)
    return Days(folder, first, last, tuple(counting))


def days_before(run: Run, folder: str | Path, count: int = 30) -> Days | None:
    """The days up to this run; none where no folder of runs is known."""
    if not str(folder):
        return None
    last = day_of(run)
    days = load_days(folder, last - timedelta(days=count - 1), last)
    # The page is of this run, whichever counts by now.
    earlier = tuple(other for other in days.runs if day_of(other) != last)
    first = day_of(earlier[0]) if earlier else last
    return Days(days.folder, first, last, (*earlier, run))


def _date_of(path: Path) -> date:
    try:
        return date.fromisoformat(json.loads(path.read_bytes())["business_date"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedRunError(
            f"the run in {path.parent} is damaged: {path.name} is unreadable; run it again"
        ) from error


def _counting(day: date, folders: Sequence[Path]) -> Path:
    """The run that `latest` names, else the one that no other replaces."""
    for folder in folders:
        pointer = folder.parent / LATEST
        if pointer.is_file() and pointer.read_text("utf-8").strip() == folder.name:
            return folder
    summaries = {folder: _summary(folder) for folder in folders}
    replaced = {summary.get("replaces") for summary in summaries.values()}
    left = [f for f, summary in summaries.items() if summary["run_id"] not in replaced]
    # An incomplete run leaves nothing behind, so that the next one cannot name it.
    left = [f for f in left if summaries[f]["verdict"] != "INCOMPLETE"] or left
    if len(left) != 1:
        raise NoRunError(
            f"of {day} there are several runs and none replaces the others:"
            f" {', '.join(str(folder) for folder in sorted(left or folders))}; take all but"
            " one out of the folder"
        )
    return left[0]


def _summary(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "summary.json").read_bytes())
    return read


def signatures(run: Run) -> Sequence[dict[str, Any]]:
    """Who has signed a run, in their order."""
    path = run.folder / SIGNOFF
    if not path.is_file():
        return ()
    try:
        signed: list[dict[str, Any]] = json.loads(path.read_bytes())["signatures"]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedRunError(f"{path} is unreadable; `verify` tells more") from error
    return signed


def link_to(run: Run, folder: Path, name: str = "summary.json") -> str:
    """Where a file of a run lies, seen from the folder of all days."""
    return (run.folder.resolve() / name).relative_to(folder.resolve()).as_posix()


def open_ids(run: Run) -> set[str]:
    """What somebody still had to settle after a run."""
    return {row["discrepancy_id"] for row in run.open}


def every_open(runs: Iterable[Run]) -> dict[str, Any]:
    """Everything that was open after any of the runs, as its last one says it."""
    return {row["discrepancy_id"]: row for run in runs for row in run.open}
