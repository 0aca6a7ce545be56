"""A month of houses that are sold, with the trouble that every month brings.

Question: does every deal end, with the keys or without, is every cent accounted for, and is
no agent paid twice, whatever is lost, doubled or killed on the way? Offers come every day;
titles are defective, appraisals too low and loans denied at the published rates, buyers
step back, sides object, and payments are refused by banks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sims.closings import laws
from sims.closings.house import PANEL, House
from sims.closings.people import Manners, Sale
from sims.world.faults import CALM, Faults
from sims.world.recovery import CATCHES_UP_WITHIN
from sims.world.time import SimTasks
from sims.world.verifiers.habits import Habits
from toolkit.closing.policy import Practice, name_of

FIRST_DAY = date(2026, 9, 1)
ENDS_WITHIN = timedelta(days=240)  # the longest story: three tries at everything
HEALED_FOR = timedelta(days=30)
TROUBLE = Faults(
    webhook_lost=0.03,
    webhook_doubled=0.03,
    webhook_delayed=0.03,
    webhook_reordered=0.03,
    call_lost=0.005,
    timed_out_after=0.01,
    failed_before=0.01,
    failed_after=0.005,
    rate_limited=0.005,
    transfer_stuck=0.05,
    transfer_fails=0.03,
)
WRITTEN = ("archive",)  # the folders below a run's output

Told = Callable[[date], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingMonth:
    """What to play. `closings_per_day` is a mean; arrivals are Poisson."""

    seed: int
    output: Path
    days: int = 30
    closings_per_day: float = 3.0
    first_day: date = FIRST_DAY
    manners: Manners = field(default_factory=Manners)
    habits: Habits = field(default_factory=Habits)
    faults: Faults = TROUBLE
    duplicate_probability: float = 0.01
    crashes_per_day: float = 1.0

    @property
    def start_at(self) -> datetime:
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def stop_at(self) -> datetime:
        return self.start_at + timedelta(days=self.days) + ENDS_WITHIN

    @property
    def healed_at(self) -> datetime:
        return self.stop_at - HEALED_FOR


def run(month: ClosingMonth, told: Told = lambda _: None) -> House:
    """Play the month, then on until every deal has ended."""
    house = House(
        seed=month.seed,
        start_at=month.start_at,
        archive_root=month.output / "archive",
        faults=month.faults,
        agents_faults=month.faults,
        duplicate_probability=month.duplicate_probability,
        habits=month.habits,
        practice=Practice(panel=PANEL),
    )
    laws.watch(house)
    outside = SimTasks(house.env)
    outside.spawn(offers(house, month))
    if month.crashes_per_day:
        outside.spawn(crashes(house, month))
    outside.spawn(relief(house, month))
    day = month.first_day
    while datetime.combine(day, time(), UTC) < month.stop_at:
        day += timedelta(days=1)
        house.run(until=datetime.combine(day, time(), UTC))
        told(day)
    return house


async def offers(house: House, month: ClosingMonth) -> None:
    """Let sellers accept offers, day after day."""
    random = house.stream("offers")
    mean = timedelta(days=1) / month.closings_per_day
    until, number = month.start_at + timedelta(days=month.days), 0
    while True:
        await house.clock.sleep(mean * random.expovariate(1.0))
        if house.clock.now() >= until:
            return
        number += 1
        sale = Sale(house, number, month.manners, house.stream(f"sale {number}"))
        SimTasks(house.env).spawn(sale.live())


async def crashes(house: House, month: ClosingMonth) -> None:
    """Kill a process now and then, where few have died."""
    random = house.stream("crashes")
    mean = timedelta(days=1) / month.crashes_per_day
    while True:
        await house.clock.sleep(mean * random.expovariate(1.0))
        if house.clock.now() >= month.healed_at:
            return
        house.ambush()


async def relief(house: House, month: ClosingMonth) -> None:
    """End all trouble before the end."""
    await house.clock.sleep(month.healed_at - house.clock.now())
    house.wallets.set_faults(CALM)
    house.agents.set_faults(CALM)
    house.broker.duplicate_probability = 0.0
    house.dangers.aimed.clear()
    await house.clock.sleep(CATCHES_UP_WITHIN)


def ended(house: House) -> Mapping[str, int]:
    """Count the closings by where they are."""
    states = house.databases["closing"].states.values()
    return dict(Counter(sorted(name_of(s) for s, _ in states if s is not None)))
