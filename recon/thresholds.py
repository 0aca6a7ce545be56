"""Read `severity.csv`: how amount, age and kind move a severity, and when to escalate.

It is the one file for it, and finance may change it. A row is about every code, or about
the one that `which` names, whose rows then replace the general ones of the same measure.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recon.faults import WrongUsageError
from recon.rulebook import SEVERITIES, THRESHOLDS, rules

COLUMNS = ["measure", "which", "at_least", "steps"]
KIND, AMOUNT, HOURS, ESCALATE = "kind", "amount", "hours_open", "escalate_after_hours"
STEPPED = (AMOUNT, HOURS)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From `at_least` on, so many steps up or down; for an escalation there are none."""

    measure: str
    which: str
    at_least: int
    steps: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All of the file."""

    rows: tuple[Threshold, ...]

    def of(self, code: str) -> Iterator[Threshold]:
        """The steps of amount and age that count for a code."""
        for measure in STEPPED:
            mine = [row for row in self.rows if (row.measure, row.which) == (measure, code)]
            usual = [row for row in self.rows if (row.measure, row.which) == (measure, "")]
            yield from mine or usual

    def steps_of_kind(self, code: str) -> int:
        """How far finance moves a whole kind from what its rule says."""
        return sum(
            row.steps for row in self.rows if (row.measure, row.which) == (KIND, code)
        )

    @property
    def escalated_after_h(self) -> Mapping[str, int]:
        """Older than so many hours, a discrepancy is no longer its owner's alone."""
        found = {row.which: row.at_least for row in self.rows if row.measure == ESCALATE}
        return {severity: found[severity] for severity in reversed(SEVERITIES)}


@cache
def thresholds() -> Thresholds:
    """What the project's file says."""
    return read(THRESHOLDS)


def read(path: Path) -> Thresholds:
    """Read a file of thresholds, or say which line is wrong and what to write instead."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != COLUMNS:
            raise WrongUsageError(f"{path.name}: its columns are {', '.join(COLUMNS)}")
        rows = tuple(_row(path, number, row) for number, row in enumerate(reader, start=2))
    lacking = set(SEVERITIES) - {row.which for row in rows if row.measure == ESCALATE}
    if lacking:
        raise WrongUsageError(
            f"{path.name}: {ESCALATE} is not said for {', '.join(sorted(lacking))}"
        )
    places = Counter((row.measure, row.which, row.at_least) for row in rows)
    for (measure, which, at_least), times in places.items():
        if measure in STEPPED and times > 1:
            said = f"{measure} {which or 'of every code'} from {at_least}"
            raise WrongUsageError(f"{path.name}: {said} is said {times} times")
    return Thresholds(rows)


def _row(path: Path, number: int, row: Mapping[str, str]) -> Threshold:
    measure, which = row["measure"], row["which"] or ""
    codes = {rule.code for rule in rules()}
    known = {
        KIND: codes,
        AMOUNT: codes | {""},
        HOURS: codes | {""},
        ESCALATE: {*SEVERITIES},
    }
    if measure not in known:
        raise _wrong(path, number, f"measure {measure!r}; write one of {', '.join(known)}")
    if which not in known[measure]:
        whose = "a severity" if measure == ESCALATE else "a code of the rules"
        raise _wrong(path, number, f"which {which!r} is not {whose}")
    try:
        at_least, steps = int(row["at_least"] or 0), int(row["steps"] or 0)
    except ValueError as error:
        raise _wrong(path, number, f"{error}; write whole numbers") from error
    if at_least < 0:
        raise _wrong(path, number, f"at_least {at_least} is below nothing")
    return Threshold(measure, which, at_least, steps)


def _wrong(path: Path, number: int, what: str) -> WrongUsageError:
    return WrongUsageError(f"{path.name}: line {number}: {what}")
