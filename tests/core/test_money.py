"""Money counts minor units of one currency, exactly, and is never negative."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.money import Currency, Money, decimal

currencies = st.sampled_from(Currency)
minors = st.integers(0, 10**18)
amounts = st.builds(Money, minors, currencies)


@given(minors, minors, currencies)
def test_what_is_added_can_be_taken_away(one, other, currency):
    whole = Money(one, currency) + Money(other, currency)
    assert whole - Money(other, currency) == Money(one, currency)


@given(amounts)
def test_what_is_written_can_be_read(amount):
    text = decimal(amount.minor, amount.currency).replace(",", "")
    assert Money.parse(text, amount.currency) == amount


@given(amounts, amounts)
def test_currencies_do_not_add_up(one, other):
    if one.currency is other.currency:
        assert (one + other).currency is one.currency
    else:
        with pytest.raises(ValueError, match="do not add up"):
            one + other


@given(amounts, amounts)
def test_there_is_no_negative_money(one, other):
    if one.currency is other.currency and one < other:
        with pytest.raises(ValueError, match="never negative"):
            one - other


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1250.00", Currency.USD, 1250_00),
        ("0.1", Currency.EUR, 10),
        ("7", Currency.USD, 700),
        ("10000.000001", Currency.USDC, 10_000_000_001),
        ("-0.00", Currency.USD, 0),
    ],
)
def test_a_decimal_is_read_exactly(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text", ["", "1,250.00", "1.005", "-1", "1e3", "NaN", ".5", "5.", "+1", "\uff11", " 1"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"never negative|is not an amount"):
        Money.parse(text, Currency.USD)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (-1050, Currency.USD, "-10.50"),
        (5, Currency.USD, "0.05"),
        (1_234_567_89, Currency.EUR, "1,234,567.89"),
        (1, Currency.USDC, "0.000001"),
    ],
)
def test_minor_units_are_written_as_major_ones(minor, currency, text):
    assert decimal(minor, currency) == text


def test_money_names_its_currency():
    assert str(Money(10_000_000001, Currency.USDC)) == "10,000.000001 USDC"
