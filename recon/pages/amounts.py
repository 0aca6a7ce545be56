"""Minor units as people read them: exact decimals in major units, never a float."""

from __future__ import annotations

from decimal import Decimal

from recon.currencies import places_of

NONE = "none"


def in_major_units(minor: Decimal | int | None, currency: str | None) -> Decimal | None:
    """12300 of USD as 123.00: the decimal point moves, no digit changes."""
    if minor is None or currency is None:
        return None
    # Made from text: arithmetic on decimals would round to the context's 28 digits.
    return Decimal(f"{int(minor)}E-{places_of(currency)}")


def in_minor_units(amount: Decimal, currency: str) -> int:
    """123.00 of USD as 12300."""
    minor = Decimal(f"{amount:f}E{places_of(currency)}")
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} is finer than the minor unit of {currency}")
    return int(minor)


def grouped(amount: Decimal | int) -> str:
    """1234.50 as 1,234.50."""
    return f"{amount:,f}" if isinstance(amount, Decimal) else f"{amount:,}"


def in_words(
    minor: Decimal | int | None, currency: str | None, *, sign: bool = False
) -> str:
    """1,234.50 USD; with a plus where the sign is the message."""
    amount = in_major_units(minor, currency)
    if amount is None:
        return NONE
    plus = "+" if sign and amount > 0 else ""
    return f"{plus}{grouped(amount)} {currency}"


def percent(rate: str | None) -> str:
    """The share 0.9643, given as text, as 96.43 %."""
    return NONE if rate is None else f"{Decimal(rate).scaleb(2).normalize():f} %"
