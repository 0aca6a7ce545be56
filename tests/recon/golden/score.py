"""Play golden days and count, code by code, what was found, missed and invented."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.recon.folder import write
from tests.recon.golden.book import Golden, finished
from tests.recon.golden.plan import Draft, Finding
from tests.recon.outcome import Result, run_folder


@dataclass
class Score:
    """Hits, misses and inventions by code, over any number of days."""

    hits: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    invented: Counter = field(default_factory=Counter)
    told: list = field(default_factory=list)

    def add(self, expected: Counter, found: Counter, day: str) -> None:
        for key in expected | found:
            code = key[0]
            self.hits[code] += min(expected[key], found[key])
            self.missed[code] += max(expected[key] - found[key], 0)
            self.invented[code] += max(found[key] - expected[key], 0)
            if expected[key] != found[key]:
                self.told.append(
                    (day, key, f"{expected[key]} expected, {found[key]} found")
                )

    @property
    def precision(self) -> Mapping[str, float]:
        return self._share(self.invented)

    @property
    def recall(self) -> Mapping[str, float]:
        return self._share(self.missed)

    def _share(self, wrong: Counter) -> dict[str, float]:
        codes = sorted({*self.hits, *self.missed, *self.invented})
        return {
            code: self.hits[code] / max(self.hits[code] + wrong[code], 1) for code in codes
        }


def played(golden: Golden, folder: Path, *, with_state: bool = False) -> Result:
    """Reconcile a golden day, after the day before it where that has something to say."""
    day, before, state = golden.day, golden.day.before, None
    if before and (with_state or before.events or before.payouts):
        state = folder / "state.duckdb"
        _reconcile(finished_before(before), folder / "before", state)
    return _reconcile(finished(day), folder / "day", state)


def finished_before(before: Draft) -> Draft:
    """Yesterday on its own: its events are numbered there as they are today."""
    copy = Draft(**{name: getattr(before, name) for name in before.__dataclass_fields__})
    return finished(copy)


def _reconcile(day: Draft, folder: Path, state: Path | None) -> Result:
    inputs = write(day, folder / "in")
    for damage in day.damage:
        damage(inputs)
    return run_folder(day, inputs, folder / "out", state)


def judge(score: Score, golden: Golden, result: Result, day: str) -> None:
    """Add a day to the score; a right finding with a wrong amount is a wrong one."""
    found = Counter(
        (row["code"], row["subject"], row["provider_ref"]) for row in result.found
    )
    expected = Counter(finding.key for finding in golden.findings)
    score.told += [
        (day, line["line"], "left over in the three-way tie")
        for line in result.summary.get("three_way", ())
        if any(part["reason"] is None for part in line["made_of"])
    ]
    score.add(expected, found, day)
    score.told += [
        (day, finding.key, f"{name}: {wanted} expected, {row[name]} found")
        for finding in golden.findings
        for row in result.found
        if finding.key == (row["code"], row["subject"], row["provider_ref"])
        for name, wanted in amounts(finding).items()
        if row[name] != wanted
    ]
    wanted = 2 if "SOURCE_" in str(golden.findings) else int(bool(golden.findings))
    if result.exit_status != wanted:
        score.told.append((day, "exit status", f"{wanted}, not {result.exit_status}"))


def amounts(finding: Finding) -> dict[str, int]:
    stated = {
        "expected_minor": finding.expected_minor,
        "actual_minor": finding.actual_minor,
    }
    return {name: minor for name, minor in stated.items() if minor is not None}
