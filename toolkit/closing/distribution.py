"""Who pays in at a closing and who is paid, in the order in which money may leave."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from toolkit.closing.statement import (
    DEPOSIT,
    OTHER,
    Line,
    Purpose,
    Statement,
    Transfer,
)
from toolkit.core.message import record
from toolkit.core.money import Money

ORDER = tuple(Purpose)  # payoffs before taxes, and the seller after all who are owed
OF_SECTION = {"E": Purpose.GOVERNMENT}
PAYOFFS = frozenset({"N.04", "N.05", "N.06", "N.07"})


@record
class Receipt:
    """Money that has to be there before any leaves, with the lines it is for."""

    payer: str
    amount: Money
    codes: tuple[str, ...] = ()


@record
class Disbursement:
    """Money that leaves, with the lines it pays."""

    purpose: Purpose
    payee: str
    amount: Money
    codes: tuple[str, ...] = ()


@record
class Distribution:
    """All of a closing's money; receipts equal disbursements to the last unit."""

    receipts: tuple[Receipt, ...]
    disbursements: tuple[Disbursement, ...]

    @property
    def total(self) -> int:
        """What goes through our hands, in minor units."""
        return sum(each.amount.minor for each in self.receipts)


def distribute(told: Statement, *, buyer: str, seller: str) -> Distribution:
    """Work out who brings and who gets what; DEPOSIT is the payer of the earnest money.

    A payee is paid once for each purpose. One whose credits exceed what is owed to them
    pays in instead. Raises ValueError where more of the deposit was paid out before than
    it was.
    """
    receipts, disbursements = list[Receipt](), list[Disbursement]()

    def settle(who: str, owed: int, purpose: Purpose, codes: tuple[str, ...] = ()) -> None:
        amount = Money(abs(owed), told.currency)
        if owed > 0:
            paid = Disbursement(purpose=purpose, payee=who, amount=amount, codes=codes)
            disbursements.append(paid)
        elif owed < 0:
            receipts.append(Receipt(payer=who, amount=amount, codes=codes))

    for (purpose, who), moved in _by_payee(told.transfers):
        codes = tuple(dict.fromkeys(each.line.code for each in moved))
        settle(who, sum(each.minor for each in moved), purpose, codes)
    for each in told.transfers:
        if each.giver == OTHER:
            settle(each.line.other_party, -each.minor, Purpose.SERVICE, (each.line.code,))
    settle(DEPOSIT, -_deposit(told), Purpose.SERVICE, ("L.01",))
    settle(seller, told.cash_to_seller, Purpose.SELLER_PROCEEDS)
    settle(buyer, -told.cash_from_buyer, Purpose.BUYER_EXCESS)
    disbursements.sort(key=lambda paid: ORDER.index(paid.purpose))
    found = Distribution(receipts=tuple(receipts), disbursements=tuple(disbursements))
    assert found.total == sum(each.amount.minor for each in disbursements)
    return found


def digest(lines: Iterable[Line]) -> str:
    """Name a statement by the SHA-256 of its lines, in whatever order they were told."""
    told = sorted(
        [
            line.code,
            line.paid_by.value,
            line.amount.minor,
            line.amount.currency.value,
            line.is_credit,
            line.other_party,
            line.purpose.value if line.purpose else "",
        ]
        for line in lines
    )
    canonical = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _by_payee(
    transfers: Iterable[Transfer],
) -> Iterator[tuple[tuple[Purpose, str], list[Transfer]]]:
    paid = defaultdict[tuple[Purpose, str], list[Transfer]](list)
    for each in transfers:
        if each.taker == OTHER:
            paid[_purpose(each.line), each.line.other_party].append(each)
    yield from sorted(paid.items())


def _purpose(line: Line) -> Purpose:
    if line.purpose:
        return line.purpose
    if line.code in PAYOFFS:
        return Purpose.PAYOFF
    return OF_SECTION.get(line.section, Purpose.SERVICE)


def _deposit(told: Statement) -> int:
    """Say how much of the deposit is still here: some may be with the seller."""
    put_in = sum(each.minor for each in told.transfers if each.giver == DEPOSIT)
    gone = sum(each.minor for each in told.transfers if each.taker == DEPOSIT)
    if gone > put_in:
        over = Money(gone - put_in, told.currency)
        raise ValueError(f"N.01 is {over} more than the deposit of L.01")
    return put_in - gone
