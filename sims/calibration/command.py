"""The commands `calibrate` and `backtest`: measure a machine, predict what it does."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sims.calibration.predict import Error, errors, predicted
from sims.calibration.profile import Profile, curve_of, load, save
from sims.capacity.flow import Service
from sims.given import UnclearError
from sims.manifest import commit

DONE, WRONG_USAGE = 0, 64
GOAL, FLOOR = 0.10, 0.20
STEADY = 1.15  # a machine whose pace changes by more is not the one that was predicted
Paces = tuple[float, float]  # how slow the machine was before the runs, and after them
PROFILE = Path("out/profile.json")
SCORE = Path("data/baselines/backtest.json")
SHARES = (0.2, 0.35, 0.45)  # of what one consumer carries; no profile is made of these
AWAY_SHARE, AWAY_FROM_S, AWAY_FOR_S = 0.25, 3.0, 3.0
LASTS_S, LASTS_AWAY_S = 5.0, 10.0
REPEATS = 3  # of each load; what is judged is the middle one, figure by figure
EXAMPLES = """
examples:
  python -m sims calibrate --output out/profile.json
  python -m sims calibrate --kafka localhost:9092
  python -m sims backtest --profile out/profile.json --score data/baselines/backtest.json

A question of capacity names the profile (`profile: ../../out/profile.json`), and what its
stages do not say themselves is read there. Measure on a quiet machine.
"""


def add(asks: Any) -> None:
    """Add both verbs to a parser's."""
    calibrate = _verb(asks, "calibrate", "measure the real parts on this machine")
    calibrate.add_argument("--output", type=Path, default=PROFILE, help="the profile")
    backtest = _verb(asks, "backtest", "predict runs, play them, and print the errors")
    backtest.add_argument("--profile", type=Path, default=PROFILE)
    backtest.add_argument("--score", type=Path, help=f"keep the errors, such as {SCORE}")
    backtest.add_argument("--seed", type=int, default=1)


def _verb(asks: Any, name: str, help: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = asks.add_parser(
        name,
        help=help,
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.add_argument("--kafka", metavar="HOST:PORT", help="a real one, not the mock")
    return verb


def run(asked: argparse.Namespace, console: Console) -> int:
    """Do what was asked, and say what came of it."""
    logging.basicConfig(level=logging.ERROR)
    try:
        if asked.ask == "calibrate":
            return _calibrate(asked, console)
        return _backtest(asked, console)
    except UnclearError as unclear:
        print(unclear, file=sys.stderr)
        return WRONG_USAGE


def _calibrate(asked: argparse.Namespace, console: Console) -> int:
    from sims.calibration.measure import profile  # noqa: PLC0415 - real parts, seconds
    from sims.calibration.rig import rig  # noqa: PLC0415

    async def measured() -> Profile:
        async with rig(asked.kafka) as parts:
            with console.status("starting") as status:
                return await profile(parts, parts.clock.now(), status.update)

    found = asyncio.run(measured())
    save(found, asked.output)
    console.print(_stages(found))
    console.print(f"kept in {asked.output}", soft_wrap=True)
    return DONE


def _stages(found: Profile) -> Table:
    names = (
        "stage",
        "batch, ms",
        "message, ms",
        "cv²",
        "on the way, ms",
        "full, messages/s",
    )
    table = Table(*names, title=f"one consumer on {found.machine.broker}")
    for name, stage in found.stages.items():
        carries = _carries(found, name)
        figures = (stage.batch_ms, stage.message_ms, stage.cv2, stage.hop_ms)
        table.add_row(name, *(f"{figure:.3f}" for figure in figures), f"{carries:,.0f}")
    return table


def _carries(profile: Profile, name: str) -> float:
    """Messages a second of one consumer whose batches are full."""
    stage = profile.stages[name]
    service = Service(
        batch_s=stage.batch_ms / 1_000,
        message_s=stage.message_ms / 1_000,
        records_max=stage.records_max,
        curve=curve_of(stage.measured_ms),
    )
    return service.rate_max


def _backtest(asked: argparse.Namespace, console: Console) -> int:
    profile = load(asked.profile)
    found, paces = asyncio.run(_errors(profile, asked, console))
    console.print(_table(found))
    console.print(_verdict(found))
    console.print(_steadiness(paces))
    if asked.score:
        _keep(profile, found, paces, asked.score)
        console.print(f"kept in {asked.score}", soft_wrap=True)
    return DONE


async def _errors(
    profile: Profile, asked: argparse.Namespace, console: Console
) -> tuple[list[Error], Paces]:
    """Predict every run before any is played, and ask before and after how slow it is."""
    from sims.calibration.measure import pace  # noqa: PLC0415 - real parts, seconds
    from sims.calibration.play import Load, Outcome, middle, play  # noqa: PLC0415
    from sims.calibration.rig import rig  # noqa: PLC0415

    carries = _carries(profile, "escrow")
    loads = [
        Load(rate=round(carries * share), lasts_s=LASTS_S, seed=asked.seed + place)
        for place, share in enumerate(SHARES)
    ]
    loads.append(
        Load(
            rate=round(carries * AWAY_SHARE),
            lasts_s=LASTS_AWAY_S,
            seed=asked.seed + len(loads),
            away_from_s=AWAY_FROM_S,
            away_for_s=AWAY_FOR_S,
        )
    )
    found = []
    async with rig(asked.kafka) as parts:
        with console.status("playing") as status:
            status.update("asking how slow the machine is just now")
            before = await pace(parts, profile, "before")
            said = [predicted(profile, each) for each in loads]
            seen: dict[str, list[Outcome]] = {each.name: [] for each in loads}
            for number in range(REPEATS):
                for each in loads:
                    status.update(f"playing {each.name}, {number + 1} of {REPEATS}")
                    again = replace(each, seed=each.seed + 100 * number)
                    times, _ = await play(parts, again, f"backtest {each.name} {number}")
                    seen[each.name].append(times.outcome(again))
            for each, outcomes in zip(loads, said, strict=True):
                found += errors(each, outcomes, middle(seen[each.name]))
            status.update("asking once more how slow the machine is")
            after = await pace(parts, profile, "after")
    return found, (before, after)


def _table(found: Sequence[Error]) -> Table:
    table = Table("load", "figure", title="predictions beside what came")
    for name in ("predicted", "seen", "error"):
        table.add_column(name, justify="right")
    table.add_column("covered")
    for each in found:
        share = f"{each.share:+.0%}" if each.counts else "too small"
        covered = "yes" if each.covers else "no"
        figures = (_shown(each, each.predicted), _shown(each, each.seen))
        table.add_row(each.load, each.figure, *figures, share, covered)
    return table


def _shown(error: Error, value: float) -> str:
    if error.figure in ("throughput", "lag_max"):
        return f"{value:,.0f}"
    return f"{value * 1_000:,.1f} ms"


def _verdict(found: Sequence[Error]) -> str:
    counted = [abs(each.share) for each in found if each.counts]
    good = sum(share <= GOAL for share in counted)
    fair = sum(share <= FLOOR for share in counted)
    return (
        f"of {len(counted)} figures {good} are within {GOAL:.0%} and {fair} within"
        f" {FLOOR:.0%}; the worst is off by {max(counted, default=0.0):.0%}"
    )


def _steadiness(paces: Paces) -> str:
    """Say whether the machine was the same from the prediction to the last run."""
    before, after = paces
    said = f"the machine took {before:.2f} of the profile's time before the runs and"
    if max(before, after) > STEADY * min(before, after):
        return f"{said} {after:.2f} after them: it changed, and errors say little"
    return f"{said} {after:.2f} after them"


def _keep(profile: Profile, found: Sequence[Error], paces: Paces, path: Path) -> None:
    kept = {
        "commit": commit(),
        "machine": profile.machine.model_dump(),
        "load_average": [round(each, 1) for each in os.getloadavg()],
        "verdict": _verdict(found),
        "pace": [round(each, 3) for each in paces],
        "steadiness": _steadiness(paces),
        "errors": [
            {
                "load": each.load,
                "figure": each.figure,
                "predicted": round(each.predicted, 6),
                "seen": round(each.seen, 6),
                "error": round(each.share, 4) if each.counts else None,
                "covered": each.covers,
            }
            for each in found
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
