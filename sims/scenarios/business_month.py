"""Thirty days of a marketplace, with the trouble that every month brings.

Question: does every escrow end, is every cent accounted for, and do the books of each day
agree with the provider's? Contracts arrive by day and rest at night; webhooks are lost and
doubled, calls time out after they took effect, and services are killed in the middle. Above
10,000.00 USD people pay on chain, some with the wrong token, too little or too much, and a
few of their wallets are risky or sanctioned; card payments are charged back, and refunds
come back from the bank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import simpy

from sims import laws
from sims.world.banks import regret
from sims.world.broker import PROMPT, SMOOTH, Hiccups, Producing
from sims.world.custodian.exports import export_day as export_custody
from sims.world.database import WELL, Ailments
from sims.world.faults import Faults
from sims.world.groups import Protocol
from sims.world.habits import Habits
from sims.world.operator import attend
from sims.world.outside import SimOutside
from sims.world.people import Deal
from sims.world.platform import Platform
from sims.world.recovery import Recovery, recover
from sims.world.screening.faults import PLANS
from sims.world.screening.faults import Faults as ScreeningFaults
from sims.world.stripe.exports import export_day
from sims.world.time import ShuffledEnvironment, SimTasks
from sims.world.trouble import heal, strikes
from toolkit.core.money import Currency
from toolkit.payments.ledger import FEES, journal

FIRST_DAY = date(2026, 9, 1)
SETTLES_WITHIN = timedelta(days=45)  # the longest story: pay, wait, object, be refunded
HEALED_FOR = timedelta(days=5)  # without trouble at the end, everything must finish
TROUBLE = Faults(
    webhook_lost=0.02,
    webhook_doubled=0.03,
    webhook_delayed=0.03,
    webhook_reordered=0.03,
    timed_out_after=0.01,
    failed_before=0.01,
    failed_after=0.002,
    rate_limited=0.005,
    refund_fails=0.03,
    transfer_stuck=0.02,
    transfer_fails=0.02,
    confirmed_late=0.03,
)
VENDORS_TROUBLE = PLANS["calls"]
HABITS = Habits()
OWN_FUNDS_MINOR = 50_000_00  # pays the provider's fees
BUSY_HOURS = (7, 22)  # UTC
BURST, FIRST_OF_BURSTS = 12, 100_000

WRITTEN = ("archive", "exports", "own_funds")  # the folders below a run's output

Told = Callable[[date], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What to play. `escrows_per_day` is a mean; arrivals are Poisson in busy hours."""

    seed: int
    output: Path
    days: int = 30
    escrows_per_day: float = 40.0
    week: tuple[float, ...] = (1.0,) * 7  # of that mean, from Monday to Sunday
    first_day: date = FIRST_DAY
    habits: Habits = HABITS
    faults: Faults = TROUBLE
    screening_faults: ScreeningFaults = VENDORS_TROUBLE
    duplicate_probability: float = 0.01
    crashes_per_day: float = 1.0
    freezes_per_day: float = 0.0
    instances: Mapping[str, int] = field(default_factory=dict)
    protocol: Protocol = Protocol.COOPERATIVE
    troubles: Mapping[str, float] = field(default_factory=dict)  # per day, by name
    hiccups: Hiccups = SMOOTH
    producing: Producing = PROMPT
    ailments: Ailments = WELL
    forges: float = 0.0
    abuses: float = 0.0
    bursts_per_day: float = 0.0
    locks_rows: bool = True
    has_post_office: bool = False  # are people told by e-mail, SMS and webhooks, too?
    is_shuffled: bool = False  # a seed says which of equal moments is first

    @property
    def all_troubles(self) -> Mapping[str, float]:
        """How often each kind of trouble strikes in a day; none that never does."""
        named = {"crashes": self.crashes_per_day, "freezes": self.freezes_per_day}
        return {name: n for name, n in {**named, **self.troubles}.items() if n}

    @property
    def healed_at(self) -> datetime:
        return self.stop_at - HEALED_FOR

    @property
    def start_at(self) -> datetime:
        return datetime.combine(self.first_day, time(), UTC)

    @property
    def stop_at(self) -> datetime:
        return self.start_at + timedelta(days=self.days) + SETTLES_WITHIN


def run(month: Month, told: Told = lambda _: None) -> Platform:
    """Play the month, then on until every story has ended, and write each day's files.

    `<output>/archive/` has the events, `<output>/exports/<day>/` the provider's reports,
    and `<output>/own_funds/<day>.txt` what `recon collect --own-funds` wants to know.
    """
    platform = opened(month)
    play(platform, month, told)
    return platform


def play(
    platform: Platform,
    month: Month,
    told: Told = lambda _: None,
    *,
    is_hasty: bool = False,
) -> bool:
    """Play a month in a world that was opened for it; answer whether it was played out.

    Who is in a hurry goes home on the day on which a law is broken.
    """
    laws.watch(platform)
    opening = {"amount": OWN_FUNDS_MINOR, "currency": "usd"}
    platform.client.post("/_sandbox/opening_balance", opening)
    outside = SimTasks(platform.env)
    outside.spawn(contracts(platform, month))
    for name, per_day in month.all_troubles.items():
        outside.spawn(strikes(platform, name, per_day, month.healed_at))
    if "poison" in month.troubles:
        outside.spawn(attend(platform))
    if month.bursts_per_day:
        outside.spawn(bursts(platform, month))
    outside.spawn(relief(platform, month))
    day = month.first_day
    while datetime.combine(day, time(), UTC) < month.stop_at:
        tomorrow = day + timedelta(days=1)
        platform.run(until=datetime.combine(tomorrow, time(), UTC))
        if (day - month.first_day).days < month.days:
            exports = month.output / "exports" / day.isoformat()
            export_day(platform.stripe, day, exports)
            custody = export_custody(platform.custodian.books, day, exports)
            tell_own_funds(platform, day, custody, month.output / "own_funds")
        told(day)
        if is_hasty and platform.violations:
            return False
        day = tomorrow
    return True


def opened(month: Month) -> Platform:
    """Build the world of a month, before anything has happened."""
    random = Random(f"{month.seed}:ties")
    platform = Platform(
        seed=month.seed,
        start_at=month.start_at,
        archive_root=month.output / "archive",
        faults=month.faults,
        screening_faults=month.screening_faults,
        custodian_faults=month.faults,
        duplicate_probability=month.duplicate_probability,
        instances=month.instances,
        protocol=month.protocol,
        env=ShuffledEnvironment(random) if month.is_shuffled else simpy.Environment(),
        abuses=month.abuses,
        has_post_office=month.has_post_office,
    )
    platform.broker.hiccups, platform.broker.producing = month.hiccups, month.producing
    platform.postman.forges = month.forges
    for database in platform.databases.values():
        database.ailments, database.locks_rows = month.ailments, month.locks_rows
    return platform


def tell_own_funds(
    platform: Platform, day: date, custody: Mapping[str, Any], folder: Path
) -> None:
    """Write what of each holding is our own, a line for each `--own-funds` of recon.

    At Stripe that is what we began with, less all fees so far, and less what escrows owe
    us for chargebacks of money that was paid out. What came to be owed on the day itself
    is the day's finding, and own funds make it good afterwards. At the custodian nothing
    is our own.
    """
    dawn = datetime.combine(day, time(), UTC)
    fees_before, owed_before = own_account(platform, dawn)
    fees_after, owed_after = own_account(platform, dawn + timedelta(days=1))
    opening = OWN_FUNDS_MINOR - fees_before - owed_before.total()
    closing = OWN_FUNDS_MINOR - fees_after - (owed_before & owed_after).total()
    totals = custody["control_totals"]
    holding = f"{totals['holding_opening_minor']}:{totals['holding_closing_minor']}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{day}.txt").write_text(
        f"STRIPE:USD:{opening}:{closing}\nCUSTODIAN:USDC:0:0:{holding}\n"
    )


def own_account(platform: Platform, until: datetime) -> tuple[int, Counter[str]]:
    """What our own money has done so far: the fees it paid, and what escrows owe it."""
    fees, owed = 0, Counter[str]()
    for event in platform.databases["payments"].events:
        if event.occurred_at >= until:
            break
        for line in journal(event.message):
            fees += line.minor if line.account == FEES else 0
            if line.account.startswith("escrow:") and line.currency is Currency.USD:
                owed[line.account] += line.minor
    return fees, +owed


async def contracts(platform: Platform, month: Month) -> None:
    """Let contracts arrive through the busy hours of each day."""
    arrivals = platform.stream("arrivals")
    outside = _outside(platform)
    opens, closes = BUSY_HOURS
    mean = timedelta(hours=closes - opens) / month.escrows_per_day
    number = 0
    for ordinal in range(month.days):
        day = platform.start_at + timedelta(days=ordinal)
        if not (share := month.week[day.weekday()]):
            continue
        at = day + timedelta(hours=opens)
        stop_at = platform.start_at + timedelta(days=ordinal, hours=closes)
        while (at := at + mean / share * arrivals.expovariate(1.0)) < stop_at:
            await platform.clock.sleep(at - platform.clock.now())
            number += 1
            open_deal(platform, number, month.habits, outside)


def open_deal(platform: Platform, number: int, habits: Habits, outside: SimOutside) -> None:
    """Let two people, and the buyer's bank, begin to live their story."""
    deal = Deal(platform, number, habits, platform.stream(f"deal {number}"), outside)
    SimTasks(platform.env).spawn(deal.live())
    bank = platform.stream(f"bank of {number}")
    SimTasks(platform.env).spawn(regret(deal, outside, bank))


def _outside(platform: Platform) -> SimOutside:
    return SimOutside(
        platform.client, platform.called, platform.custodian, platform.custodian_called
    )


async def bursts(platform: Platform, month: Month) -> None:
    """Let many people sign at once, now and then."""
    random, outside = platform.stream("bursts"), _outside(platform)
    mean = timedelta(days=1) / month.bursts_per_day
    until = platform.start_at + timedelta(days=month.days)
    number = FIRST_OF_BURSTS
    while True:
        await platform.clock.sleep(mean * random.expovariate(1.0))
        if platform.clock.now() >= until:
            return
        platform.struck.strike("burst", f"{BURST} contracts at once")
        for _ in range(BURST):
            number += 1
            open_deal(platform, number, month.habits, outside)


async def relief(platform: Platform, month: Month) -> None:
    """End all trouble before the end, and see how long the house needs to catch up."""
    await platform.clock.sleep(month.healed_at - platform.clock.now())
    heal(platform)
    platform.recovery = Recovery(platform.clock.now())
    await recover(platform, platform.recovery)
