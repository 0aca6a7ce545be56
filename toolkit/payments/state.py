"""What payments remembers of one escrow's money: what came in, and every way it went."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import ChargebackOutcome


class Progress(StrEnum):
    """How far a movement has come. WAITING is for money that is still with the seller."""

    WAITING = "WAITING"
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


@record
class Charge:
    """Money that came in."""

    provider_ref: str
    amount: Money


@record
class Reversal:
    """Money that came back from the seller."""

    provider_ref: str
    minor: int


@record
class Transfer:
    """Money on its way to the seller, or there."""

    transfer_id: str
    amount: Money
    source_ref: str
    progress: Progress
    provider_ref: str | None = None
    reversing_minor: int = 0  # asked back
    reversals: tuple[Reversal, ...] = ()  # come back

    @property
    def reversed_minor(self) -> int:
        return sum(reversal.minor for reversal in self.reversals)

    @property
    def out_minor(self) -> int:
        """What it takes from its charge."""
        if self.progress is Progress.FAILED:
            return 0
        return self.amount.minor - self.reversed_minor


@record
class Refund:
    """Money on its way back to the buyer, or there."""

    refund_id: str
    amount: Money
    source_ref: str
    reason: str
    progress: Progress
    provider_ref: str | None = None
    failed_refs: tuple[str, ...] = ()  # attempts of which we know that they failed


@record
class Chargeback:
    """Money the card network took; it stays out unless the dispute is won."""

    dispute_ref: str
    amount: Money
    outcome: ChargebackOutcome | None = None


@record
class Payment:
    """The money of one escrow. An empty one is nobody's yet."""

    payment_id: str = ""
    rail: Rail = Rail.STRIPE
    amount: Money | None = None
    intent_ref: str | None = None
    is_cancel_requested: bool = False
    is_cancelled: bool = False
    charges: tuple[Charge, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    refunds: tuple[Refund, ...] = ()
    chargebacks: tuple[Chargeback, ...] = ()

    @property
    def is_charged_back(self) -> bool:
        """Does the card network hold money whose dispute is not decided yet?"""
        return any(c.outcome is None for c in self.chargebacks)

    def charge(self, source_ref: str | None) -> Charge | None:
        """Find the named payment; without a name, the first that came in."""
        for charge in self.charges:
            if source_ref in (None, charge.provider_ref):
                return charge
        return None

    def transfer(self, transfer_id: str) -> Transfer | None:
        return next((t for t in self.transfers if t.transfer_id == transfer_id), None)

    def refund(self, refund_id: str) -> Refund | None:
        return next((r for r in self.refunds if r.refund_id == refund_id), None)

    def free_minor(self, charge: Charge) -> int:
        """What can be promised of a charge, in minor units; what was taken back cannot."""
        return self.left_minor(charge) - self._charged_back_minor(charge)

    def left_minor(self, charge: Charge) -> int:
        """What is left of a charge when all that was promised is kept."""
        out = sum(
            t.out_minor for t in self.transfers if t.source_ref == charge.provider_ref
        )
        back = sum(
            r.amount.minor
            for r in self.refunds
            if r.source_ref == charge.provider_ref
            and r.progress in (Progress.PENDING, Progress.SUCCEEDED)
        )
        return charge.amount.minor - out - back

    def refundable_minor(self, charge: Charge) -> int:
        """What of a charge no refund has claimed yet, wherever the money is now."""
        claimed = sum(
            r.amount.minor
            for r in self.refunds
            if r.source_ref == charge.provider_ref and r.progress is not Progress.FAILED
        )
        return charge.amount.minor - claimed - self._charged_back_minor(charge)

    def _charged_back_minor(self, charge: Charge) -> int:
        """Card networks take back what was charged first."""
        if not self.charges or charge != self.charges[0]:
            return 0
        return sum(
            c.amount.minor
            for c in self.chargebacks
            if c.outcome is not ChargebackOutcome.WON
        )

    def started(self) -> Payment:
        """Let refunds go that waited for money which is here now, first come first."""
        payment = self
        for waiting in self.refunds:
            charge = payment.charge(waiting.source_ref)
            is_here = charge and payment.free_minor(charge) >= waiting.amount.minor
            if waiting.progress is Progress.WAITING and is_here:
                payment = payment.with_refund(replace(waiting, progress=Progress.PENDING))
        return payment

    def with_transfer(self, transfer: Transfer) -> Payment:
        others = tuple(t for t in self.transfers if t.transfer_id != transfer.transfer_id)
        return replace(self, transfers=(*others, transfer))

    def with_refund(self, refund: Refund) -> Payment:
        """Put a refund in its place, so that the order of asking is kept."""
        if self.refund(refund.refund_id) is None:
            return replace(self, refunds=(*self.refunds, refund))
        kept = (refund if r.refund_id == refund.refund_id else r for r in self.refunds)
        return replace(self, refunds=tuple(kept))
