"""A card number is found however it is written, and ordinary numbers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.card_number import holds_card_number

# The numbers that card schemes and Stripe publish for tests.
NUMBERS = (
    "4242424242424242",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "30569309025904",
    "3566002020360505",
    "6200000000000005",
    "6304000000000000",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "written",
    [
        str,
        lambda n: f"pay me back on {n}, please",
        lambda n: " ".join(n[i : i + 4] for i in range(0, len(n), 4)),
        lambda n: "-".join(n[i : i + 4] for i in range(0, len(n), 4)),
        lambda n: "\n".join(n[i : i + 6] for i in range(0, len(n), 6)),
        lambda n: "".join(chr(0xFF10 + int(c)) for c in n),
        lambda n: f"x{n}x",
        lambda n: f"{n[:4]} {n[4:8]} {n[8:]} 12/29 123",
    ],
    ids=[
        "bare",
        "in a sentence",
        "blanks",
        "hyphens",
        "lines",
        "wide",
        "between letters",
        "with all that is on the card",
    ],
)
def test_a_card_number_is_found(number, written):
    assert holds_card_number(written(number))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "on the doorstep",
        "4242424242424241",
        "order 20261119120000",
        "2026-11-19 12:00:00.000000",
        "parcel 1Z999AA10123456784",
        "parcel 9400 1000 0000 0000 0000 00",
        "parcel 94001442424242424242424242",
        "+44 20 7946 0958",
        "8f462647-bf88-5278-a643-f0fe203f08e7",
        "12.50 USD, 1250 units, 99 days",
        "0x71C7656EC7ab88b098defB751B7401B5f6d8976F",
    ],
)
def test_an_ordinary_text_is_left_alone(text):
    assert not holds_card_number(text)


@given(st.text(max_size=200), st.sampled_from(NUMBERS), st.text(max_size=200))
def test_what_stands_around_it_does_not_hide_it(before, number, after):
    assert holds_card_number(f"{before} : {number} : {after}")


@given(st.text(max_size=500))
def test_any_text_can_be_asked(text):
    holds_card_number(text)
