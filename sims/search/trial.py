"""One short history full of trouble: which kinds of trouble, is drawn from its seed."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from sims import laws
from sims.report import digest, written
from sims.scenarios.business_month import WRITTEN, Month, run
from sims.world.dangers import CrashPoint
from sims.world.faults import CALM
from sims.world.groups import Protocol
from sims.world.platform import Platform
from sims.world.screening.faults import CALM as CLEAR
from sims.world.screening.faults import PLANS
from toolkit.core.message import record

HALF = 0.5  # of all kinds of trouble strike in one history, in the mean
TWO_OF_EACH = {"escrow": 2, "payments": 2, "projections": 2, "notifications": 2}
SHOWN = 3


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


Change = Callable[[Month], Month]
Struck = Callable[[Platform], object]


@record
class Kind:
    """One kind of trouble: how to bring it about, and how to see that it struck."""

    change: Change
    struck: Struck


def _faults(**chances: Any) -> Kind:
    """Let something go wrong at the card provider, the custodian and Discord."""

    def change(month: Month) -> Month:
        return replace(month, faults=replace(month.faults, **chances))

    def struck(platform: Platform) -> bool:
        books = (platform.stripe.books, platform.custodian.books, platform.discord)
        return any(each.dice.struck[name] for each in books for name in chances)

    return Kind(change=change, struck=struck)


KINDS: Mapping[str, Kind] = {
    "lost_webhooks": _faults(webhook_lost=0.25),
    "doubled_webhooks": _faults(webhook_doubled=0.2),
    "late_webhooks": _faults(webhook_delayed=0.2),
    "reordered_webhooks": _faults(webhook_reordered=0.2),
    "lost_calls": _faults(call_lost=0.05),
    "unknown_outcomes": _faults(timed_out_after=0.08, failed_after=0.03),
    "refused_calls": _faults(failed_before=0.05, rate_limited=0.05),
    "failing_banks": _faults(refund_fails=0.2),
    "failing_chain": _faults(transfer_stuck=0.2, transfer_fails=0.1, confirmed_late=0.2),
    "failing_screening": Kind(
        change=lambda m: replace(m, screening_faults=PLANS["calls"]),
        struck=lambda p: p.screening.dice.struck.total(),
    ),
    "doubled_records": Kind(
        change=lambda m: replace(m, duplicate_probability=0.1),
        struck=lambda p: p.broker.doubled,
    ),
    "crashes": Kind(
        change=lambda m: replace(m, crashes_per_day=8.0), struck=lambda p: p.crashes
    ),
    "freezes": Kind(
        change=lambda m: replace(m, freezes_per_day=8.0), struck=lambda p: p.freezes
    ),
    "two_of_each": Kind(
        change=lambda m: replace(m, instances=TWO_OF_EACH),
        struck=lambda p: p.broker.groups["escrow"].rebalances > 1,
    ),
}


def drawn(seed: int, **given: Any) -> Trial:
    """Draw a trial. Some kinds of trouble are left out: they may hide what others show."""
    random = Random(f"{seed}:swarm")
    kinds = tuple(name for name in KINDS if random.random() < HALF)
    protocol = random.choice(list(Protocol))
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


def judged(trial: Trial) -> Verdict:
    """Play a trial and check every law."""
    logging.disable(logging.CRITICAL)  # what fails shows in the laws
    try:
        with tempfile.TemporaryDirectory(prefix="trial-") as folder:
            output = Path(folder)
            platform = run(month_of(trial, output))
            found = digest(output, written(output, WRITTEN))
            broken = tuple(laws.broken(platform))
    finally:
        logging.disable(logging.NOTSET)
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
