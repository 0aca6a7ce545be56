"""Two commits on one machine, in turns: is the second one slower, or was it the machine?

Runs of both sides alternate, so that a busy hour hits both. A figure counts as worse when
its median is by more than a tenth, and the rank test says that this is no chance.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from loadtests.profiles import ProfileWrong

WORSE_BY = 1.10
CHANCE_MAX = 0.01
PAIRS_MIN = 5  # the rank test reaches no smaller chance with fewer
HOUSE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of both sides."""

    figure: str
    a: float
    b: float
    chance: float  # of so great a difference, or a greater one, if there were none

    @property
    def is_worse(self) -> bool:
        return self.b > self.a * WORSE_BY and self.chance < CHANCE_MAX

    def __str__(self) -> str:
        word = "WORSE" if self.is_worse else "     "
        return f"{word} {self.figure}: {self.a:,.4g} to {self.b:,.4g} (p {self.chance:.3f})"


@contextmanager
def checkout(commit: str, place: Path) -> Iterator[Path]:
    """Have a commit's files in a folder of their own, for as long as they are needed."""
    added = _git("worktree", "add", "--force", "--detach", str(place.absolute()), commit)
    if added.returncode:
        raise ProfileWrong(f"{commit} cannot be checked out: {added.stderr.strip()}")
    try:
        yield place.absolute()
    finally:
        _git("worktree", "remove", "--force", str(place.absolute()))


def interleaved(
    attempt: Callable[[str, int], Mapping[str, float]], pairs: int
) -> dict[str, list[Mapping[str, float]]]:
    """Play A B, then B A, and so on: neither side always has the warmer machine."""
    played: dict[str, list[Mapping[str, float]]] = {"a": [], "b": []}
    for number in range(pairs):
        for side in ("a", "b") if number % 2 == 0 else ("b", "a"):
            played[side].append(attempt(side, number))
    return played


def figures_of(run: Path) -> dict[str, float]:
    """Take what is compared from a run's folder; of each, less is better."""
    summary = json.loads((run / "summary.json").read_text())
    found = {
        f"{row['kind']} {row['name']} {figure}": float(row[figure])
        for row in summary["latencies"]
        if row["kind"] in ("FLOW", "E2E", "OPEN") and row["count"] >= 20
        for figure in ("p50_ms", "p95_ms")
    }
    ended = summary["figures"]["ended"] or 1
    cpu = sum(v for name, v in summary["stages"].items() if name.startswith("cpu "))
    found["CPU seconds a journey"] = cpu * summary["seconds"] / ended
    if summary["spent"]:
        found["bytes of the log a journey"] = summary["spent"]["wal_bytes"] / ended
        found["commits a journey"] = summary["spent"]["commits"] / ended
    return found


def compared(played: Mapping[str, Sequence[Mapping[str, float]]]) -> list[Compared]:
    """Hold both sides against each other, figure by figure."""
    from scipy.stats import mannwhitneyu  # noqa: PLC0415 - a second that others save

    names = set.intersection(*(set(one) for runs in played.values() for one in runs))
    lines = []
    for name in sorted(names):
        a = [run[name] for run in played["a"]]
        b = [run[name] for run in played["b"]]
        chance = float(mannwhitneyu(b, a, alternative="greater").pvalue)
        lines.append(Compared(figure=name, a=median(a), b=median(b), chance=chance))
    return lines


def kept(folder: Path, lines: Sequence[Compared], told: Mapping[str, Any]) -> None:
    figures = [asdict(line) | {"is_worse": line.is_worse} for line in lines]
    document = {**told, "figures": figures}
    (folder / "comparison.json").write_text(json.dumps(document, indent=1) + "\n")


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=HOUSE, capture_output=True, text=True, check=False
    )
