"""The verdict on a wallet: every vendor must have spoken, and the worst of them counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from toolkit.core.message import record
from toolkit.messages.payments import RiskLevel, WalletScreened

TRM, CHAINALYSIS = "TRM", "CHAINALYSIS"
VENDORS = (TRM, CHAINALYSIS)
FROM_LOW_TO_SEVERE = tuple(RiskLevel)


@record
class Assessment:
    """What one vendor thinks of a wallet. `sanctioned`: its owner is on a list."""

    provider: str
    address: str
    level: RiskLevel
    sanctioned: bool


@record
class Verdict:
    """What all vendors together think of a wallet."""

    level: RiskLevel
    sanctioned: bool


def combined(
    heard: Iterable[Assessment | WalletScreened], vendors: Collection[str] = VENDORS
) -> Verdict | None:
    """Take the worst of what was heard of one wallet, once every vendor has spoken.

    Where a vendor spoke twice both count: a second look does not undo the first.
    """
    words = list(heard)
    if not set(vendors) <= {word.provider for word in words}:
        return None
    return Verdict(
        level=max((word.level for word in words), key=FROM_LOW_TO_SEVERE.index),
        sanctioned=any(word.sanctioned for word in words),
    )
