"""Double entry: every movement of a closing's money is booked, and sums to zero.

Debits are positive and credits negative. What the wallet provider holds for us is an asset
(`provider:WALLETS`), what we owe the people of a closing a liability (`closing:<id>`).
"""

from __future__ import annotations

from toolkit.core.message import record
from toolkit.core.money import Currency, Money
from toolkit.messages.wallets import (
    FundsDeposited,
    FundsReturned,
    MilestoneReleased,
    WalletSettled,
)

PROVIDER = "provider:WALLETS"


@record
class Line:
    """One side of a journal transaction, in minor units: a debit is above zero."""

    account: str
    minor: int
    currency: Currency


def journal(event: object) -> tuple[Line, ...]:
    """Book an event; what moves no money has no lines."""
    match event:
        case FundsDeposited(transaction_id=id, deposit=deposit):
            return _moved(id, deposit.amount, 1)
        case MilestoneReleased(transaction_id=id, amount=amount):
            return _moved(id, amount, -1)
        case FundsReturned(transaction_id=id, amount=amount):
            return _moved(id, amount, -1)
        case WalletSettled(transaction_id=id, distributions=paid):
            return tuple(line for each in paid for line in _moved(id, each.amount, -1))
        case _:
            return ()


def _moved(transaction_id: str, amount: Money, sign: int) -> tuple[Line, ...]:
    minor, currency = sign * amount.minor, amount.currency
    return (
        Line(account=PROVIDER, minor=minor, currency=currency),
        Line(account=f"closing:{transaction_id}", minor=-minor, currency=currency),
    )
