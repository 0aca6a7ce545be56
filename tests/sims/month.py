"""A short month with more trouble than any long one: two days of contracts."""

from dataclasses import dataclass
from pathlib import Path

from sims import laws
from sims.report import Report, digest, report, written
from sims.scenarios.business_month import WRITTEN, Month, run
from sims.world.faults import Faults
from sims.world.platform import Platform

TROUBLE = Faults(
    webhook_lost=0.25,
    webhook_doubled=0.1,
    webhook_delayed=0.1,
    webhook_reordered=0.1,
    call_lost=0.02,
    timed_out_after=0.05,
    failed_before=0.02,
    failed_after=0.02,
    rate_limited=0.02,
)


@dataclass(frozen=True)
class History:
    """What was played, and what came of it."""

    platform: Platform
    report: Report
    broken: list[str]
    digest: str


def played(seed: int, output: Path, **other) -> History:
    month = Month(
        seed=seed,
        output=output,
        days=2,
        escrows_per_day=12,
        faults=TROUBLE,
        duplicate_probability=0.05,
        crashes_per_day=4.0,
        **other,
    )
    platform = run(month)
    return History(
        platform,
        report(platform),
        laws.broken(platform),
        digest(output, written(output, WRITTEN)),
    )
