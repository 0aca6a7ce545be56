"""What is true of an escrow, one type per state."""

from __future__ import annotations

from datetime import datetime

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail, Resolution


@record
class Terms:
    """What buyer and seller agreed to. Terms never change once an escrow exists."""

    contract_id: str
    buyer_id: str
    seller_id: str
    amount: Money
    rail: Rail
    payee_account: str | None = None


@record
class Absent:
    """Nothing has been agreed yet."""


@record
class Agreed:
    """Agreed, and about to say until when it must be paid; no message finds it so."""

    terms: Terms


@record
class AwaitFunds:
    """Agreed, but not paid for."""

    terms: Terms
    fund_by: datetime


@record
class FundsHeld:
    """We hold the money, so it must leave exactly once."""

    terms: Terms
    held_ref: str


@record
class Delivered:
    """The seller says it is done; silence until the deadline is consent."""

    terms: Terms
    held_ref: str
    auto_release_at: datetime


@record
class Disputed:
    """Somebody objects: nothing moves but by resolution, or by what was under way."""

    terms: Terms
    held_ref: str
    dispute_id: str
    raised_by: str
    before: FundsHeld | Delivered | Disputed
    resolution: Resolution | None = None
    released_minor: int = 0
    refunded_minor: int = 0
    refund_ids: tuple[str, ...] = ()  # what these went back as
    seller_minor: int = 0  # the seller's part, once it is resolved
    buyer_minor: int = 0  # the buyer's

    @property
    def left_minor(self) -> int:
        """What is still held, in minor units of the escrow's currency."""
        return self.terms.amount.minor - self.released_minor - self.refunded_minor


@record
class Released:
    """The seller has been paid; `reversed_minor` is what came back since."""

    terms: Terms
    held_ref: str
    reversed_minor: int = 0


@record
class Refunded:
    """The buyer has the money back."""

    terms: Terms
    held_ref: str


@record
class Cancelled:
    """Ended before any money was held."""

    terms: Terms


Live = FundsHeld | Delivered | Disputed
Ended = Released | Refunded | Cancelled
State = Absent | Agreed | AwaitFunds | Live | Ended
