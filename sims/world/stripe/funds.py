"""How much of the platform's own balance is available, and how much is still pending."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sims.world.stripe.records import BalanceTransaction

SETTLEMENT = timedelta(days=2)
FEE_PER_MILLE = 29
FEE_FIXED_MINOR = 30


def card_fee_minor(amount_minor: int) -> int:
    """2.9 %, rounded half up, plus 0.30."""
    return (amount_minor * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED_MINOR


def day_of(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(slots=True)
class Funds:
    """Running totals per currency; the sum of the nets without adding them up each time."""

    opening_minor: Counter[str] = field(default_factory=Counter)
    available_minor: Counter[str] = field(default_factory=Counter)
    pending_minor: Counter[str] = field(default_factory=Counter)
    maturing: list[tuple[datetime, int, str, int]] = field(default_factory=list)
    entries: int = 0
    closings: dict[date, Counter[str]] = field(default_factory=dict)

    def open_with(self, amount_minor: int, currency: str) -> None:
        """Own money that was there before the first line of the books."""
        difference = amount_minor - self.opening_minor[currency]
        self.opening_minor[currency] = amount_minor
        self.available_minor[currency] += difference

    def add(self, transaction: BalanceTransaction) -> None:
        currency, net_minor = transaction.currency, transaction.net_minor
        self._today(transaction.created_at.date())[currency] += net_minor
        if transaction.available_on <= transaction.created_at:
            self.available_minor[currency] += net_minor
            return
        self.entries += 1
        self.pending_minor[currency] += net_minor
        heapq.heappush(
            self.maturing, (transaction.available_on, self.entries, currency, net_minor)
        )

    def before(self, day: date) -> Counter[str]:
        """What the account held when the day began."""
        for closed_on in reversed(self.closings):
            if closed_on < day:
                return Counter(self.closings[closed_on])
        return Counter(self.opening_minor)

    def _today(self, day: date) -> Counter[str]:
        if day not in self.closings:
            self.closings[day] = self.before(day)
        return self.closings[day]

    def mature(self, now: datetime) -> None:
        """Move what has become available by now out of pending."""
        while self.maturing and self.maturing[0][0] <= now:
            _, _, currency, net_minor = heapq.heappop(self.maturing)
            self.pending_minor[currency] -= net_minor
            self.available_minor[currency] += net_minor
