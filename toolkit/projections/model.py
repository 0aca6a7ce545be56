"""What a reader wants to know of one escrow: its terms, its state, and what moved.

A view is a set of facts, and everything else is read off it. A fact that is told twice
changes nothing, and each half is fed by one topic alone: so it does not matter how the
topics interleave, nor how often or how late something is repeated.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.escrow import CancelReason, Rail, Resolution


class State(StrEnum):
    """Where an escrow is; the contract's seven states, and one before them."""

    UNKNOWN = "UNKNOWN"  # its payment was heard of before it was
    AWAIT_FUNDS = "AWAIT_FUNDS"
    FUNDS_HELD = "FUNDS_HELD"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    RELEASED = "RELEASED"
    REFUNDED = "REFUNDED"
    CANCELLED = "CANCELLED"


class PaymentStatus(StrEnum):
    REQUESTED = "REQUESTED"
    PENDING = "PENDING"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SUCCEEDED = "SUCCEEDED"


class Flow(StrEnum):
    """Which way money moved at a provider, or was booked to have moved in an escrow."""

    PAYMENT = "PAYMENT"
    TRANSFER = "TRANSFER"
    REVERSAL = "REVERSAL"
    REFUND = "REFUND"
    REFUND_REVERSAL = "REFUND_REVERSAL"  # the buyer's bank sent it back
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_WON = "CHARGEBACK_WON"


@record
class Terms:
    """What buyer and seller agreed to."""

    contract_id: str
    buyer_id: str
    seller_id: str
    amount: Money
    rail: Rail


@record
class Movement:
    """Money that moved, under the name that tells it from any other movement."""

    flow: Flow
    reference: str
    amount: Money
    at: datetime | None = None


@record
class Dispute:
    """An objection and how it ended, if it has."""

    dispute_id: str
    raised_by: str | None = None
    reason: str | None = None
    resolution: Resolution | None = None
    seller_amount: Money | None = None

    @property
    def is_open(self) -> bool:
        """Say whether it still decides where the money goes; only RESUME ends that."""
        return self.resolution is not Resolution.RESUME


@record
class Entry:
    """One line of the story, and when it happened; old views may not know when."""

    type: str
    reference: str | None = None
    at: datetime | None = None
    amount: Money | None = None
    note: str | None = None


@record
class Agreement:
    """What escrow has told."""

    terms: Terms | None = None
    created_at: datetime | None = None
    payment_id: str | None = None
    fund_by: datetime | None = None
    held: Money | None = None
    held_at: datetime | None = None
    delivered_at: datetime | None = None
    auto_release_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: CancelReason | None = None
    disputes: tuple[Dispute, ...] = ()
    endings: tuple[Movement, ...] = ()
    story: tuple[Entry, ...] = ()


@record
class Payment:
    """What payments has told."""

    provider_ref: str | None = None
    movements: tuple[Movement, ...] = ()
    story: tuple[Entry, ...] = ()

    @property
    def status(self) -> PaymentStatus:
        """Say how the payment stands: money that came in outweighs a failure before it."""
        if any(movement.flow is Flow.PAYMENT for movement in self.movements):
            return PaymentStatus.SUCCEEDED
        told = {entry.type for entry in self.story}
        if "PaymentIntentCancelled" in told:
            return PaymentStatus.CANCELLED
        if "PaymentFailed" in told:
            return PaymentStatus.FAILED
        return PaymentStatus.PENDING if self.provider_ref else PaymentStatus.REQUESTED


@record
class EscrowView:
    """All that is known of one escrow."""

    escrow_id: str
    agreement: Agreement = Agreement()
    payment: Payment = Payment()

    @property
    def state(self) -> State:
        """Read the state off the facts, as the contract's table has them follow."""
        known = self.agreement
        if known.terms is None:
            return State.UNKNOWN
        if known.cancelled_at:
            return State.CANCELLED
        if self._has_ended:
            return self._ending
        if self.dispute:
            return State.DISPUTED
        if known.delivered_at:
            return State.DELIVERED
        return State.FUNDS_HELD if known.held else State.AWAIT_FUNDS

    @property
    def told_at(self) -> datetime | None:
        """When the newest of what is known here happened."""
        stories = (*self.agreement.story, *self.payment.story)
        return max((entry.at for entry in stories if entry.at), default=None)

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that holds the money now, the newest first."""
        return next((d for d in reversed(self.agreement.disputes) if d.is_open), None)

    @property
    def auto_release_at(self) -> datetime | None:
        """When silence counts as consent.

        A dispute stops that clock, and a resumption starts another one that no event
        names; better no moment than a wrong one.
        """
        interrupted = bool(self.agreement.disputes)
        still = self.state is State.DELIVERED and not interrupted
        return self.agreement.auto_release_at if still else None

    @property
    def in_minor(self) -> int:
        """What has come in, in minor units of the escrow's currency."""
        return total(self.payment.movements, Flow.PAYMENT)

    @property
    def out_minor(self) -> int:
        """What the seller has, less what came back from there."""
        moved = self.payment.movements
        return total(moved, Flow.TRANSFER) - total(moved, Flow.REVERSAL)

    @property
    def refunded_minor(self) -> int:
        """What the buyer has back, by refund or by chargeback."""
        moved = self.payment.movements
        charged_back = total(moved, Flow.CHARGEBACK) - total(moved, Flow.CHARGEBACK_WON)
        given_back = total(moved, Flow.REFUND) - total(moved, Flow.REFUND_REVERSAL)
        return given_back + charged_back

    @property
    def _has_ended(self) -> bool:
        """Outside a dispute the first ending is the end; inside, when nothing is left."""
        known = self.agreement
        if not known.endings or known.terms is None:
            return False
        gone = total(known.endings, Flow.TRANSFER) + total(known.endings, Flow.REFUND)
        nothing_left = gone >= known.terms.amount.minor
        return self.dispute is None or self._chargeback_lost or nothing_left

    @property
    def _ending(self) -> State:
        """Whoever got a part of it as agreed, unless it was taken back and refunded."""
        flows = [ending.flow for ending in self.agreement.endings]
        if self._chargeback_lost or Flow.TRANSFER not in flows:
            return State.REFUNDED
        taken_back = flows[flows.index(Flow.REVERSAL) :] if Flow.REVERSAL in flows else []
        return State.REFUNDED if Flow.REFUND in taken_back else State.RELEASED

    @property
    def _chargeback_lost(self) -> bool:
        """A lost chargeback is a refund under the dispute's own name."""
        disputes = {dispute.dispute_id for dispute in self.agreement.disputes}
        return any(ending.reference in disputes for ending in self.agreement.endings)


def total(movements: tuple[Movement, ...], flow: Flow) -> int:
    """Add up one way of flowing; an escrow has one currency, so its minor units add up."""
    return sum(m.amount.minor for m in movements if m.flow is flow)


# What payments has told stands before what escrow concluded from it.
CAUSES = {
    "EscrowFundsHeld": ("PaymentSucceeded",),
    "EscrowReleased": ("TransferSucceeded",),
    "EscrowReleaseReversed": ("TransferReversed",),
    "EscrowRefunded": ("RefundSucceeded", "ChargebackClosed"),
    "EscrowDisputed": ("ChargebackOpened",),
    "EscrowDisputeResolved": ("ChargebackClosed",),
}


def timeline(view: EscrowView) -> tuple[Entry, ...]:
    """Tell both stories as one, by their moments, but a cause always before its effect."""
    told: list[Entry] = []
    waiting = list(view.payment.story)
    for entry in view.agreement.story:
        causes = CAUSES.get(entry.type, ())
        before = 0  # of those that wait, so many come before this one
        for number, cause in enumerate(waiting, start=1):
            if cause.type in causes and cause.reference == entry.reference:
                before = number
                break
        while before < len(waiting) and _is_before(waiting[before], entry):
            before += 1
        told += [*waiting[:before], entry]
        del waiting[:before]
    return (*told, *waiting)


def _is_before(one: Entry, other: Entry) -> bool:
    return one.at is not None and other.at is not None and one.at < other.at
