"""Which rail, which currency: cards up to and including 10,000.00 USD, USDC above."""

import pytest

from tests.escrow.story import ABSENT, NOW, create, is_refusal
from toolkit.core.money import Currency, Money
from toolkit.escrow.decider import escrow
from toolkit.messages.escrow import EscrowCreated, Rail

USD, EUR, USDC = Currency.USD, Currency.EUR, Currency.USDC


def agreed(amount):
    """What was created, or the reason why nothing was."""
    return escrow.step(ABSENT, create(amount), NOW)[1][0]


@pytest.mark.parametrize(
    ("asked", "held", "rail"),
    [
        (Money(1, USD), Money(1, USD), Rail.STRIPE),
        (Money(10_000_00, USD), Money(10_000_00, USD), Rail.STRIPE),
        (Money(10_000_01, USD), Money(10_000_010000, USDC), Rail.CUSTODIAN),
        (Money(10_000_000000, USDC), Money(10_000_00, USD), Rail.STRIPE),
        (Money(10_000_000001, USDC), Money(10_000_000001, USDC), Rail.CUSTODIAN),
        (Money(25_000000, USDC), Money(25_00, USD), Rail.STRIPE),
    ],
    ids=str,
)
def test_the_amount_decides_the_rail_and_the_currency(asked, held, rail):
    created = agreed(asked)
    assert isinstance(created, EscrowCreated)
    assert (created.amount, created.rail) == (held, rail)


@pytest.mark.parametrize(
    "amount", [Money(0, USD), Money(0, USDC), Money(100_00, EUR), Money(1, USDC)], ids=str
)
def test_what_cannot_be_held_to_the_cent_is_refused(amount):
    assert is_refusal(agreed(amount))


def test_nobody_holds_money_against_themselves():
    _, outcome = escrow.step(ABSENT, create(buyer="bob", seller="bob"), NOW)
    assert is_refusal(outcome[0])
