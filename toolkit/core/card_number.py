"""Is there a card number in this text? What holds one is refused, and kept nowhere.

A number counts when it has an issuer's prefix and length and the right check digit
(ISO/IEC 7812), however it is grouped. Free text is scanned; ids and money are not, as one
long number in ten has the right check digit by chance.
"""

from __future__ import annotations

import re
import unicodedata

# Groups of digits with at most two separators between: blanks, hyphens, points and so on.
BETWEEN = r"[\s\-\u2010-\u2015\u2212._/,*|]{1,2}"
RUN = re.compile(rf"\d+(?:{BETWEEN}\d+)*")
GROUP = re.compile(r"\d+")
ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}(?:\d{2})?"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d{2})\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14}(?:\d{3})?"  # UnionPay
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{12}",  # Maestro
    re.ASCII,
)
LENGTH_MIN, LENGTH_MAX = 13, 19


def holds_card_number(text: str) -> bool:
    """Find a card number in a text: in one piece, or as groups that follow each other.

    A part of a longer group does not count: parcels have long numbers too.
    """
    return any(_is_among(GROUP.findall(run.group())) for run in RUN.finditer(text))


def _is_among(groups: list[str]) -> bool:
    """Join groups that follow each other, as long as that may be a card's number."""
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > LENGTH_MAX:
                break
            if len(number) >= LENGTH_MIN and _is_card(_digits(number)):
                return True
    return False


def _digits(group: str) -> str:
    """Write the digits of any script as ours."""
    return "".join(str(unicodedata.digit(digit)) for digit in group)


def _is_card(number: str) -> bool:
    return ISSUERS.fullmatch(number) is not None and _checks(number)


def _checks(number: str) -> bool:
    """Add every second digit from the right twice, as Luhn does."""
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        twice = digit * 2 if place % 2 else digit
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0
