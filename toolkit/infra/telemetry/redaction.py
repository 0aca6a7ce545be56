"""What no log may hold: people's addresses, cards and accounts, and everybody's secrets.

Nothing of ours logs what a message carries. This is the second line, for what an exception
of somebody else may quote; the same patterns scan what was logged in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from toolkit.core.card_number import RUN, holds_card_number

Pattern = re.Pattern[str]

# In this order: what is found first is replaced first, and a longer secret holds shorter.
KINDS: tuple[tuple[str, Pattern], ...] = (
    (
        "private key",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)", re.DOTALL),
    ),
    ("token", re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?")),
    ("token", re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{8,}")),
    ("client secret", re.compile(r"\b(?:pi|seti|src)_\w+_secret_\w+")),
    ("secret key", re.compile(r"\b(?:sk|rk|pk)_(?:test|live)_\w+|\bwhsec_\w+")),
    ("password", re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")),
    (
        "password",
        re.compile(
            r"(?i)\b(?:password|passwd|secret|api_?key|access_?token)[\"']?\s*[=:]\s*"
            r"[\"']?[^\s\"',}]+"
        ),
    ),
    ("e-mail address", re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "bank account",
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    ),
    ("phone number", re.compile(r"(?<![\w+])\+\d[\d ()-]{6,16}\d\b")),
)


def redacted(text: str) -> str:
    """Write a text with the name of each kind in the place of what is of it."""
    for kind, pattern in KINDS:
        text = pattern.sub(_named(kind), text)
    return RUN.sub(_without_card, text)


def found_in(text: str) -> set[str]:
    """Name the kinds of what a text holds and should not."""
    kinds = {kind for kind, pattern in KINDS if pattern.search(text)}
    return kinds | ({"card number"} if holds_card_number(text) else set())


def _named(kind: str) -> Callable[[re.Match[str]], str]:
    return lambda _: f"[{kind}]"


def _without_card(run: re.Match[str]) -> str:
    return "[card number]" if holds_card_number(run.group()) else run.group()
