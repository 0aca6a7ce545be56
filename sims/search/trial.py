"""One short history full of trouble: which kinds of trouble, is drawn from its seed."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from sims import laws
from sims.report import digest, written
from sims.scenarios.business_month import WRITTEN, Month, opened, play
from sims.search.kinds import KINDS
from sims.world.dangers import CrashPoint
from sims.world.faults import CALM
from sims.world.groups import Protocol
from sims.world.platform import Platform
from sims.world.screening.faults import CALM as CLEAR
from toolkit.core.message import record

HALF = 0.5  # of all kinds of trouble strike in one history, in the mean
SHOWN = 3
log = logging.getLogger(__name__)


@record
class Trial:
    """What to play. Equal trials have equal histories."""

    seed: int
    kinds: tuple[str, ...]
    days: int = 1
    escrows_per_day: float = 12.0
    protocol: Protocol = Protocol.COOPERATIVE

    @property
    def configuration(self) -> str:
        """A digest of everything but the seed."""
        return sha256(repr(replace(self, seed=0)).encode()).hexdigest()[:12]

    @property
    def command(self) -> str:
        """What to type to see it again."""
        return (
            f"python -m sims search --seeds {self.seed} --kinds {','.join(self.kinds)} "
            f"--days {self.days} --escrows-per-day {self.escrows_per_day:g} "
            f"--protocol {self.protocol}"
        )


@record
class Verdict:
    """What came of a trial."""

    trial: Trial
    broken: tuple[str, ...]
    digest: str
    handled: int
    struck: frozenset[str]  # the kinds of trouble that did strike
    died_at: Mapping[CrashPoint, int]


def drawn(seed: int, **given: Any) -> Trial:
    """Draw a trial. Some kinds of trouble are left out: they may hide what others show.

    Each is drawn by its name, so that a new kind leaves the others where they were.
    """
    kinds = tuple(name for name in KINDS if Random(f"{seed}:swarm:{name}").random() < HALF)
    protocol = Random(f"{seed}:protocol").choice(list(Protocol))
    return Trial(**{"seed": seed, "kinds": kinds, "protocol": protocol, **given})


def month_of(trial: Trial, output: Path) -> Month:
    """Turn a trial into what the scenario plays."""
    month = Month(
        seed=trial.seed,
        output=output,
        days=trial.days,
        escrows_per_day=trial.escrows_per_day,
        faults=CALM,
        screening_faults=CLEAR,
        duplicate_probability=0.0,
        crashes_per_day=0.0,
        protocol=trial.protocol,
    )
    for name in trial.kinds:
        month = KINDS[name].change(month)
    return month


@contextmanager
def in_silence() -> Iterator[None]:
    """Keep logs quiet: what fails shows in the laws."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def lived(platform: Platform, month: Month, *, is_hasty: bool = False) -> tuple[str, ...]:
    """Play a world out, and say what was broken in it."""
    try:
        is_over = play(platform, month, is_hasty=is_hasty)
        return tuple(laws.broken(platform) if is_over else platform.violations)
    except Exception as bug:  # whatever it is, the trial that meets it can be shown
        log.exception("seed %d", month.seed)
        return (*platform.violations, f"the world stopped: {bug!r}")


def judged(trial: Trial, *, is_hasty: bool = False) -> Verdict:
    """Play a trial and check every law. A world that stops with an error has broken one.

    Who is in a hurry ends the day on which a law is seen to be broken.
    """
    with in_silence(), tempfile.TemporaryDirectory(prefix="trial-") as folder:
        month = month_of(trial, Path(folder))
        platform = opened(month)
        broken = lived(platform, month, is_hasty=is_hasty)
        found = digest(month.output, written(month.output, WRITTEN))
    return Verdict(
        trial=trial,
        broken=broken,
        digest=found,
        handled=sum(len(kept.claimed) for kept in platform.databases.values()),
        struck=frozenset(n for n in trial.kinds if KINDS[n].struck(platform)),
        died_at=dict(platform.died_at),
    )


def never_struck(verdicts: Iterable[Verdict]) -> set[str]:
    """Name the kinds of trouble that no history has seen: of these nothing is proved."""
    return set(KINDS).difference(*(v.struck for v in verdicts))
