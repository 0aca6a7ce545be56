"""What a closing costs whom: the lines of the Closing Disclosure, and what they add up to.

The form says each thing up to four times: what the buyer owes the seller for the taxes is
one line of the buyer's column and one of the seller's. Here a line is one transfer between
two parties, and the form's sections are ways of reading them, so the two columns cannot
disagree. Source of the lines: 12 CFR 1026.38 and form H-25.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Currency, Money

COSTS = "ABCEFGH"
LENDER_CREDIT = "J.02"  # lowers what the buyer pays for the loan
CODE = re.compile(r"[A-CE-HJ-N]\.(?!00)\d\d", re.ASCII)

BUYER, SELLER, OTHER = "BUYER", "SELLER", "OTHER"
DEPOSIT = "DEPOSIT"  # the earnest money, held since the offer
ROLES = frozenset({BUYER, SELLER, OTHER, DEPOSIT})


class PaidBy(StrEnum):
    """A column of the form's costs; only what is paid at closing goes through our hands."""

    BUYER = "BUYER"
    BUYER_BEFORE = "BUYER_BEFORE"
    SELLER = "SELLER"
    SELLER_BEFORE = "SELLER_BEFORE"
    OTHERS = "OTHERS"


class Purpose(StrEnum):
    """What a payment is for, in the order in which the law has money leave."""

    PAYOFF = "PAYOFF"
    GOVERNMENT = "GOVERNMENT"
    TITLE = "TITLE"
    COMMISSION = "COMMISSION"
    SERVICE = "SERVICE"
    SELLER_PROCEEDS = "SELLER_PROCEEDS"
    BUYER_EXCESS = "BUYER_EXCESS"


@record
class Line:
    """One line as the form numbers it, `A.01` to `N.19`.

    `other_party` is who is paid, or pays in, where that is neither buyer nor seller.
    A credit goes the other way round, as a lender's aggregate adjustment does.
    """

    code: str
    amount: Money
    other_party: str = ""
    paid_by: PaidBy = PaidBy.BUYER  # of costs only
    purpose: Purpose | None = None  # of payments to others; by its section where left out
    is_credit: bool = False
    label: str = ""

    @property
    def section(self) -> str:
        return self.code[0]

    @property
    def is_cost(self) -> bool:
        return self.section in COSTS


def _signed(line: Line) -> int:
    return -line.amount.minor if line.is_credit else line.amount.minor


@record
class Transfer:
    """A line as what it does: the giver has less, the taker more. A credit is negative."""

    line: Line
    giver: str
    taker: str

    @property
    def minor(self) -> int:
        return _signed(self.line)


@record
class Statement:
    """A closing statement that stands. What is no `Money` is minor units, with sign."""

    currency: Currency
    lines: tuple[Line, ...]
    transfers: tuple[Transfer, ...]

    def section(self, letter: str, paid_by: PaidBy = PaidBy.BUYER) -> int:
        """Add up a section of costs in one column, such as `section("A")`."""
        found = [line for line in self.lines if line.section == letter]
        return sum(_signed(line) for line in found if line.paid_by is paid_by)

    def costs(self, paid_by: PaidBy) -> int:
        """Add up one column of all costs, J of the form, the lender's credits included."""
        return sum(self.section(letter, paid_by) for letter in f"{COSTS}J")

    @property
    def due_from_buyer(self) -> int:
        """Section K."""
        return sum(each.minor for each in self.transfers if each.giver == BUYER)

    @property
    def paid_for_buyer(self) -> int:
        """Section L."""
        return sum(each.minor for each in self.transfers if each.taker == BUYER)

    @property
    def due_to_seller(self) -> int:
        """Section M."""
        return sum(each.minor for each in self.transfers if each.taker == SELLER)

    @property
    def due_from_seller(self) -> int:
        """Section N."""
        return sum(each.minor for each in self.transfers if each.giver == SELLER)

    @property
    def cash_from_buyer(self) -> int:
        """What the buyer brings; negative is what the buyer gets."""
        return self.due_from_buyer - self.paid_for_buyer

    @property
    def cash_to_seller(self) -> int:
        """What the seller gets; negative is what the seller brings."""
        return self.due_to_seller - self.due_from_seller


class StatementError(ValueError):
    """A statement that does not stand; `faults` says of each line what to mend."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def _codes(section: str, *numbers: int) -> list[str]:
    return [f"{section}.{number:02}" for number in numbers]


# A line of the buyer, and the line of the seller that says the same.
MIRRORED = {
    "K.01": "M.01",
    "K.02": "M.02",
    **dict(zip(_codes("K", *range(8, 16)), _codes("M", *range(9, 17)), strict=True)),
    "L.03": "N.03",
    "L.05": "N.08",
    **dict(zip(_codes("L", *range(12, 18)), _codes("N", *range(14, 20)), strict=True)),
}
OF_BUYER = {seller: buyer for buyer, seller in MIRRORED.items()}

# Who gives to whom by each line that is no cost, the seller's mirrors left out.
PARTIES: Mapping[str, tuple[str, str]] = {
    LENDER_CREDIT: (BUYER, OTHER),
    **dict.fromkeys(_codes("K", 1, 2, *range(8, 16)), (BUYER, SELLER)),
    **dict.fromkeys(_codes("K", *range(4, 8)), (BUYER, OTHER)),
    "L.01": (DEPOSIT, BUYER),
    **dict.fromkeys(_codes("L", 3, 5, *range(12, 18)), (SELLER, BUYER)),
    **dict.fromkeys(_codes("L", 2, 4, *range(6, 12)), (OTHER, BUYER)),
    **dict.fromkeys(_codes("M", *range(3, 9)), (OTHER, SELLER)),
    "N.01": (SELLER, DEPOSIT),
    **dict.fromkeys(_codes("N", *range(4, 8), *range(9, 14)), (SELLER, OTHER)),
}
AT_CLOSING = {PaidBy.BUYER: BUYER, PaidBy.SELLER: SELLER}


def statement(lines: Iterable[Line]) -> Statement:
    """Read lines as a statement; what both sides say may be told once, or twice alike.

    Raises StatementError naming every line at fault.
    """
    given = tuple(lines)
    if faults := [*_faults(given)]:
        raise StatementError(faults)
    facts = {(_fact(line), line.paid_by): line for line in given}
    told = tuple(replace(facts[key], code=key[0]) for key in sorted(facts))
    return Statement(
        currency=given[0].amount.currency,
        lines=told,
        transfers=tuple(moved for line in told if (moved := _transfer(line))),
    )


def _fact(line: Line) -> str:
    return OF_BUYER.get(line.code, line.code)


def _transfer(line: Line) -> Transfer | None:
    """Say who gives whom; what was paid before, or by others, is told and moves nothing."""
    if not line.is_cost:
        giver, taker = PARTIES[line.code]
    elif line.paid_by in AT_CLOSING:
        giver, taker = AT_CLOSING[line.paid_by], OTHER
    else:
        return None
    return Transfer(line=line, giver=giver, taker=taker)


def _faults(lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        yield "a statement has at least one line"
    told: dict[tuple[str, PaidBy], tuple[int, Line]] = {}
    for place, line in enumerate(lines, start=1):
        for fault in _faults_of(line, lines[0].amount.currency):
            yield f"line {place}, {line.code}: {fault}"
        if (line.code, line.paid_by) in told:
            yield f"line {place}, {line.code}: told before; use the next free number"
        told[line.code, line.paid_by] = place, line
    for buyers, sellers in MIRRORED.items():
        one = told.get((buyers, PaidBy.BUYER))
        other = told.get((sellers, PaidBy.BUYER))
        if one and other and _signed(one[1]) != _signed(other[1]):
            yield (
                f"line {other[0]}, {sellers}: {other[1].amount} to the seller, "
                f"but {one[1].amount} in {buyers}, which says the same of the buyer"
            )


def _faults_of(line: Line, currency: Currency) -> Iterator[str]:
    code = _fact(line)
    if code in {"K.03", "N.02"}:
        yield "the costs at closing are added up here: leave it out"
        return
    if not CODE.fullmatch(code) or not (line.is_cost or code in PARTIES):
        yield "the form has no such line, or it is a sum; lines are as A.01 or N.04"
        return
    if line.amount.currency is not currency:
        yield f"{line.amount} in a statement of {currency}"
    if not line.amount.minor:
        yield "a line of nothing: leave it out"
    if line.paid_by is not PaidBy.BUYER and not line.is_cost:
        yield "only costs have a column: leave paid_by out"
    if (line.is_cost or OTHER in PARTIES[code]) and not line.other_party:
        yield "say who is paid, or who pays"
    if line.other_party != line.other_party.strip() or line.other_party in ROLES:
        yield f"{line.other_party!r} is nobody's name"
    if line.purpose and not (line.is_cost or PARTIES[code][1] == OTHER):
        yield "only what is paid to others has a purpose"
    if line.purpose in {Purpose.SELLER_PROCEEDS, Purpose.BUYER_EXCESS}:
        yield f"{line.purpose} is worked out and no line's purpose"
    if (code == LENDER_CREDIT) != line.is_credit and not line.is_cost:
        yield (
            "a lender's credit is a credit"
            if code == LENDER_CREDIT
            else ("only costs can be credited: use the line of the other side")
        )
