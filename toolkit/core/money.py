"""Money is an integer count of minor units in one currency; it never touches a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Currency(StrEnum):
    """A unit of account. ISO 4217, and USDC as its contract on Base defines it."""

    USD = "USD"
    EUR = "EUR"
    USDC = "USDC"

    @property
    def exponent(self) -> int:
        """How many decimal places one major unit has."""
        return EXPONENTS[self]


EXPONENTS = {Currency.USD: 2, Currency.EUR: 2, Currency.USDC: 6}
DECIMAL = re.compile(r"(?P<sign>-?)(?P<major>\d+)(?:\.(?P<fraction>\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount that is there: never negative. Signs belong to ledgers and statements."""

    minor: int
    currency: Currency = Currency.USD

    def __post_init__(self) -> None:
        if self.minor < 0:
            raise ValueError(f"money is never negative: {self.minor} {self.currency}")

    @classmethod
    def parse(cls, text: str, currency: Currency) -> Money:
        """Read a decimal number of major units, such as `1250.00`.

        Raises ValueError when the text is no decimal, is negative, or is finer than the
        currency's minor unit.
        """
        found = DECIMAL.fullmatch(text)
        fraction = (found["fraction"] or "") if found else ""
        if not found or len(fraction) > currency.exponent:
            raise ValueError(f"{text!r} is not an amount of {currency}")
        return cls(
            int(found["sign"] + found["major"] + fraction.ljust(currency.exponent, "0")),
            currency,
        )

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._minor_of(other), self.currency)

    def __str__(self) -> str:
        return f"{decimal(self.minor, self.currency)} {self.currency}"

    def _minor_of(self, other: Money) -> int:
        if self.currency is not other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def decimal(minor: int, currency: Currency) -> str:
    """Write minor units as major ones, exactly: `decimal(-1050, USD)` is `-10.50`."""
    unit = 10**currency.exponent
    major, fraction = divmod(abs(minor), unit)
    return f"{'-' if minor < 0 else ''}{major:,}.{fraction:0{currency.exponent}}"
