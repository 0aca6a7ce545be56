"""Double entry: every movement of money is a journal transaction that sums to zero.

Debits are positive and credits negative. What a provider holds for us is an asset
(`provider:<rail>`), what we owe the two sides of an escrow a liability (`escrow:<id>`),
what concerns a sanctioned wallet one that nobody may pay (`frozen:<id>`), and the
provider's fees our own expense (`platform:fees`).

On chain money is booked when it arrives; that it may be held moves nothing. A token that is
no currency of ours is in no book: it goes back as it came.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.core.message import record
from toolkit.core.money import Currency, Money
from toolkit.messages.custody import DepositArrived, FundsFrozen
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    PaymentSucceeded,
    RefundReversed,
    RefundSucceeded,
    TransferReversed,
    TransferSucceeded,
)

FEES = "platform:fees"


@record
class Line:
    """One side of a journal transaction, in minor units: a debit is above zero."""

    account: str
    minor: int
    currency: Currency


def journal(event: object) -> tuple[Line, ...]:
    """Book an event; what moves no money has no lines."""
    match event:
        case DepositArrived(escrow_id=id, amount=Money() as amount):
            return tuple(_moved(id, Rail.CUSTODIAN, amount.minor, amount))
        case FundsFrozen(escrow_id=id, amount=Money() as amount):
            return tuple(_frozen(id, amount))
        case PaymentSucceeded(rail=Rail.CUSTODIAN):
            return ()
        case PaymentSucceeded(escrow_id=id, rail=rail, amount=amount, fee=fee):
            return (*_moved(id, rail, amount.minor, amount), *_fee(rail, fee))
        case TransferSucceeded(escrow_id=id, rail=rail, amount=amount, fee=fee):
            return (*_moved(id, rail, -amount.minor, amount), *_fee(rail, fee))
        case TransferReversed(escrow_id=id, amount=amount):
            return tuple(_moved(id, Rail.STRIPE, amount.minor, amount))
        case RefundSucceeded(escrow_id=id, rail=rail, amount=amount):
            return tuple(_moved(id, rail, -amount.minor, amount))
        case RefundReversed(escrow_id=id, rail=rail, amount=amount):
            return tuple(_moved(id, rail, amount.minor, amount))
        case ChargebackOpened(escrow_id=id, amount=amount, fee=fee):
            taken = _moved(id, Rail.STRIPE, -amount.minor, amount)
            return (*taken, *(_fee(Rail.STRIPE, fee) if fee else ()))
        case ChargebackClosed(
            escrow_id=id, amount=Money() as amount, outcome=ChargebackOutcome.WON
        ):
            return tuple(_moved(id, Rail.STRIPE, amount.minor, amount))
        case _:
            return ()


def _moved(escrow_id: str, rail: Rail, minor: int, amount: Money) -> Iterator[Line]:
    yield Line(account=f"provider:{rail}", minor=minor, currency=amount.currency)
    yield Line(account=f"escrow:{escrow_id}", minor=-minor, currency=amount.currency)


def _frozen(escrow_id: str, amount: Money) -> Iterator[Line]:
    yield Line(account=f"escrow:{escrow_id}", minor=amount.minor, currency=amount.currency)
    yield Line(account=f"frozen:{escrow_id}", minor=-amount.minor, currency=amount.currency)


def _fee(rail: Rail, fee: Money) -> Iterator[Line]:
    if fee.minor:
        yield Line(account=FEES, minor=fee.minor, currency=fee.currency)
        yield Line(account=f"provider:{rail}", minor=-fee.minor, currency=fee.currency)
