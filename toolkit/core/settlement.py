"""In which currency an amount is held: by card in USD, or on chain in USDC."""

from __future__ import annotations

from toolkit.core.money import Currency, Money

STRIPE_MAX = Money(10_000_00, Currency.USD)  # exactly this much still goes by card
MINOR_MAX = (1 << 63) - 1  # of anything that is written down
USDC_PER_CENT = 10_000  # minor units of USDC in one cent


def settled(amount: Money) -> tuple[Money, str | None]:
    """Say in which currency an amount is held: USD up to 10,000.00, USDC above.

    One USDC stands for one USD. The second value says why an amount cannot be held.
    """
    match amount.currency:
        case Currency.USD:
            minor = amount.minor * USDC_PER_CENT
        case Currency.USDC:
            minor = amount.minor
        case other:
            return amount, f"{other} cannot be held: use USD or USDC"
    if minor == 0:
        return amount, "there is nothing to hold"
    if minor > MINOR_MAX:
        return amount, f"{amount} is more than any ledger holds"
    if minor > STRIPE_MAX.minor * USDC_PER_CENT:
        return Money(minor, Currency.USDC), None
    cents, rest = divmod(minor, USDC_PER_CENT)
    if rest:
        return amount, f"{amount} goes by card, and a card pays no fraction of a cent"
    return Money(cents, Currency.USD), None
