"""How many decimal places the minor unit of a currency or token has.

ISO 4217 as Stripe counts it; `digits_of` in `steps/00_vocabulary.sql` says the same, and a
test holds the two together. A custodian's tokens are counted in millionths, whatever their
own decimals are.
"""

from __future__ import annotations

USUAL_PLACES = 2
WITHOUT = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
WITH_THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
SHORT_TOKENS = frozenset(["BTC", "DAI", "ETH", "SOL"])  # three letters, and no ISO code
TOKEN_PLACES = 6


def places_of(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    code = currency.upper()
    if code in WITHOUT:
        return 0
    if code in WITH_THREE:
        return 3
    if code in SHORT_TOKENS or len(code) > 3:
        return TOKEN_PLACES
    return USUAL_PLACES
