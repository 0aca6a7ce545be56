"""How long those who verify take, and what they find: published figures, in days.

Title search: log-normal with median 5 and sigma 0.6, at most 21; in 12 of 100 there is a
defect to cure. Inspection: triangular 2, 6, 12, and in 40 of 100 some days of negotiation.
Appraisal: log-normal with median 10 and sigma 0.45; 9 of 100 are too low. Underwriting:
gamma with mean 12 and a coefficient of variation of 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

from toolkit.core.money import Currency, Money, decimal
from toolkit.messages.closing import VerificationType

DAY = timedelta(days=1)
TITLE, INSPECTION = VerificationType.TITLE_SEARCH, VerificationType.INSPECTION
APPRAISAL, LENDING = VerificationType.APPRAISAL, VerificationType.LENDING
Days = Callable[[Random], float]


def _inspection(random: Random) -> float:
    negotiates = random.random() < 0.4
    return random.triangular(2, 12, 6) + (random.triangular(1, 7, 4) if negotiates else 0)


TAKES: Mapping[VerificationType, Days] = {
    TITLE: lambda random: min(random.lognormvariate(math.log(5), 0.6), 21),
    INSPECTION: _inspection,
    APPRAISAL: lambda random: random.lognormvariate(math.log(10), 0.45),
    LENDING: lambda random: random.gammavariate(4, 3),
}
BAD_NEWS = {TITLE: 0.12, INSPECTION: 0.05, APPRAISAL: 0.09, LENDING: 0.04}
GIVES_UP = 0.01  # no report at all, for whatever reason
CURED = 3  # times less often is there bad news again


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What to expect of all who verify. `pace` is how many real days a day takes here."""

    bad_news: Mapping[VerificationType, float] = field(default_factory=lambda: BAD_NEWS)
    gives_up: float = GIVES_UP
    pace: float = 1.0

    def takes(self, type: VerificationType, random: Random) -> timedelta:
        return DAY * (TAKES[type](random) * self.pace)

    def is_bad(self, type: VerificationType, orders: int, random: Random) -> bool:
        """What was cured is seldom found again."""
        chance = self.bad_news[type] / (CURED if orders > 1 else 1)
        return random.random() < chance


def findings(
    type: VerificationType, price_minor: int, random: Random, *, is_bad: bool
) -> dict[str, str]:
    """Write what was found."""
    match type:
        case VerificationType.TITLE_SEARCH:
            liens = random.randint(1, 3) if is_bad else random.randint(0, 1)
            return {"title": "DEFECTIVE" if is_bad else "CLEAR", "liens": str(liens)}
        case VerificationType.INSPECTION:
            condition = "REPAIRS_NEEDED" if is_bad else "SATISFACTORY"
            return {"condition": condition, "defects": str(random.randint(0, 9))}
        case VerificationType.APPRAISAL:
            share = random.randint(850, 990) if is_bad else random.randint(1000, 1080)
            return {"value": _text(price_minor * share // 1000)}
        case VerificationType.LENDING:
            loan = 0 if is_bad else price_minor * 4 // 5
            decision = "DENIED" if is_bad else "APPROVED"
            return {"decision": decision, "loan_amount": _text(loan)}


def report(found: Mapping[str, str]) -> dict[str, Any]:
    """Put findings into a report, with the hash of the document."""
    document = "\n".join(f"{name}: {value}" for name, value in sorted(found.items()))
    return {"hash": sha256(document.encode()).hexdigest(), "findings": dict(found)}


def price_minor(text: str) -> int:
    return Money.parse(text, Currency.USD).minor


def _text(minor: int) -> str:
    return decimal(minor, Currency.USD).replace(",", "")
