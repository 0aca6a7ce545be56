"""Shows what a message says without what must not be shown: secrets, keys, card numbers."""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(
    r"secret|token|password|authori[sz]ation|signature|api_?key|credential|cookie",
    re.IGNORECASE,
)
SECRETS = re.compile(
    r"\b(?:sk|rk|pk|whsec)_[A-Za-z0-9_]{6,}"  # a provider's keys
    r"|\b[a-z]{2,6}_[A-Za-z0-9]+_secret_[A-Za-z0-9]+"  # what confirms a payment
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # a token
    r"|\bBearer\s+\S+"
)
CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")


def shown(value: Any) -> Any:
    """Copy plain JSON values without secrets; a text that is JSON itself is opened too."""
    match value:
        case dict():
            return {
                name: HIDDEN if SECRET_NAMES.search(name) and part else shown(part)
                for name, part in value.items()
            }
        case list():
            return [shown(part) for part in value]
        case str():
            return _text(value)
    return value


def line(text: str) -> str:
    """Hide what is secret in a line of text."""
    return CARD.sub(_card, SECRETS.sub(HIDDEN, text))


def _text(text: str) -> Any:
    if text[:1] in ("{", "["):
        try:
            return shown(json.loads(text))
        except ValueError:
            pass
    return line(text)


def _card(found: re.Match[str]) -> str:
    digits = [int(c) for c in found[0] if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    is_card = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return HIDDEN if is_card else found[0]
