"""Share a period's bill between seller and buyer, by the day the house changes hands."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.core.shares import allocate


class DayCount(StrEnum):
    """How the days of a period are counted; the contract of sale says which."""

    ACTUAL = "ACTUAL"  # as the calendar has them
    FIXED_365 = "FIXED_365"  # 29 February costs nothing
    THIRTY_360 = "THIRTY_360"  # every month has thirty: a 31st costs nothing


class ClosingDay(StrEnum):
    """Whose day the closing day is; custom differs from county to county."""

    BUYER = "BUYER"
    SELLER = "SELLER"


@record
class Bill:
    """What a period costs, its first and last day included."""

    amount: Money
    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"the period {self.first_day} to {self.last_day} has no day")


@record
class Shares:
    """A bill divided between the two; together they are the bill."""

    seller: Money
    buyer: Money


def prorate(
    bill: Bill,
    closing_date: date,
    count: DayCount = DayCount.ACTUAL,
    closing_day: ClosingDay = ClosingDay.BUYER,
) -> Shares:
    """Divide a bill: the seller bears the days before the buyer's first one.

    A closing outside the period leaves all of it to one of them. A period all of whose days
    the count leaves out is counted as the calendar has it.
    """
    buyers_first = closing_date + timedelta(days=closing_day is ClosingDay.SELLER)
    after = bill.last_day + timedelta(days=1)
    turn = min(max(buyers_first, bill.first_day), after)
    if not days_between(bill.first_day, after, count):
        count = DayCount.ACTUAL
    days = days_between(bill.first_day, turn, count), days_between(turn, after, count)
    seller, buyer = allocate(bill.amount.minor, days)
    currency = bill.amount.currency
    return Shares(seller=Money(seller, currency), buyer=Money(buyer, currency))


def days_between(first: date, after: date, count: DayCount) -> int:
    """Count the days from `first` up to but not including `after`."""
    match count:
        case DayCount.ACTUAL:
            return (after - first).days
        case DayCount.FIXED_365:
            return (after - first).days - _leap_days(first, after)
        case DayCount.THIRTY_360:
            return _days_of_thirty(after) - _days_of_thirty(first)


def interest(principal: Money, annual_rate: Decimal, days: int, year_days: int) -> Money:
    """Say what a loan costs for some days: a day's interest in whole cents, so many times.

    `annual_rate` is a fraction of one: `Decimal("0.03875")` is 3.875 %. `year_days` is 360,
    365 or, of a leap year, 366, as the note says. A day's interest is rounded half up, as
    lenders quote it.
    """
    if not 0 <= annual_rate < 1 or days < 0 or year_days not in {360, 365, 366}:
        raise ValueError(f"no interest is {annual_rate} for {days} of {year_days} days")
    exact = Decimal(principal.minor) * annual_rate / year_days
    day = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return Money(day * days, principal.currency)


def _leap_days(first: date, after: date) -> int:
    """Count each 29 February from `first` up to but not including `after`."""
    leap_years = filter(calendar.isleap, range(first.year, after.year + 1))
    return sum(first <= date(year, 2, 29) < after for year in leap_years)


def _days_of_thirty(day: date) -> int:
    """Number a day by those before it, in months of thirty; February's last counts more."""
    return day.year * 360 + day.month * 30 + min(day.day - 1, 30)
