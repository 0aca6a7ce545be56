"""Amounts as people read them are the amounts that were reconciled, to the last digit."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.currencies import SHORT_TOKENS, WITH_THREE, WITHOUT, places_of
from recon.pages.amounts import (
    in_major_units,
    in_minor_units,
    in_words,
    percent,
)
from recon.rulebook import STEPS

CURRENCIES = st.sampled_from(["USD", "USDC", "JPY", "EUR"])
MINORS = st.integers(-(10**38) + 1, 10**38 - 1)


@given(MINORS, CURRENCIES)
def test_no_digit_is_lost_on_the_way_to_major_units_and_back(minor, currency):
    assert in_minor_units(in_major_units(minor, currency), currency) == minor


@given(MINORS, CURRENCIES)
def test_words_carry_every_digit(minor, currency):
    number = in_words(minor, currency).removesuffix(f" {currency}")
    assert int(number.replace(",", "").replace(".", "")) == minor


def test_amounts_are_grouped_and_keep_their_places():
    assert in_words(123456789, "USD") == "1,234,567.89 USD"
    assert in_words(-1, "USDC") == "-0.000001 USDC"
    assert in_words(1234, "JPY", sign=True) == "+1,234 JPY"


def test_an_amount_that_is_absent_is_not_zero():
    assert in_major_units(None, "USD") is None
    assert in_words(None, "USD") == "none"


def test_an_amount_finer_than_its_currency_is_refused():
    with pytest.raises(ValueError, match="finer"):
        in_minor_units(Decimal("1.001"), "USD")


@pytest.mark.parametrize(
    ("rate", "said"), [("0.9643", "96.43 %"), ("1.0000", "100 %"), ("0.0000", "0 %")]
)
def test_shares_are_said_in_percent(rate, said):
    assert percent(rate) == said


def test_notebook_and_rules_know_the_same_places():
    with duckdb.connect() as db:
        db.execute((STEPS / "00_vocabulary.sql").read_text(encoding="utf-8"))
        for currency in ("USD", "usdc", "EURC", "eth", "CHF", "SEK", *WITHOUT, *WITH_THREE, *SHORT_TOKENS):
            [(places,)] = db.execute("select digits_of(?)", [currency]).fetchall()
            assert places_of(currency) == places, currency
