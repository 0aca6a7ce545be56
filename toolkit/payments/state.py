"""What payments remembers of one escrow's money: what came in, and every way it went."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from toolkit.core.message import record, replace
from toolkit.core.money import Money
from toolkit.messages.custody import TokenAmount
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import ChainRef, ChargebackOutcome, ScreeningPurpose
from toolkit.payments.verdict import Assessment


class Progress(StrEnum):
    """How far a movement has come.

    WAITING is for money that is still with the seller, SCREENING for a wallet that the
    vendors have not spoken of. FROZEN is an end, FAILED may be tried again.
    """

    WAITING = "WAITING"
    SCREENING = "SCREENING"
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    FROZEN = "FROZEN"


PROMISED = (Progress.SCREENING, Progress.PENDING, Progress.SUCCEEDED)
UNDER_WAY = (Progress.PENDING, Progress.SUCCEEDED)


class Standing(StrEnum):
    """What may be done with money that came in."""

    SCREENING = "SCREENING"  # nothing, until we know who sent it
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"  # it goes back
    FROZEN = "FROZEN"  # nothing, for good


@record
class Charge:
    """Money that came in; `sender` is the wallet it came from, a card has none."""

    provider_ref: str
    amount: Money
    standing: Standing = Standing.ACCEPTED
    sender: str | None = None
    chain_ref: ChainRef | None = None
    frozen_minor: int = 0


@record
class Deposit:
    """A token that cannot be held, on its way back to its sender."""

    provider_ref: str
    token: TokenAmount
    sender: str
    progress: Progress = Progress.SCREENING
    tries_in_vain: int = 0


@record
class Screening:
    """A wallet that the vendors are asked about, and what each has said so far."""

    purpose: ScreeningPurpose
    subject_ref: str
    address: str
    words: tuple[Assessment, ...] = ()


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
    destination: str | None = None
    refusals: int = 0  # how often the seller could not give back what was asked
    failed_refs: tuple[str, ...] = ()  # attempts of which we know that they failed

    @property
    def reversed_minor(self) -> int:
        return sum(reversal.minor for reversal in self.reversals)

    @property
    def out_minor(self) -> int:
        """What it takes from its charge."""
        if self.progress not in PROMISED:
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
    tries_in_vain: int = 0  # refused outright, or sent back by the buyer's bank


@record
class Chargeback:
    """Money the card network took; it stays out unless the dispute is won."""

    dispute_ref: str
    amount: Money
    outcome: ChargebackOutcome | None = None
    charge_ref: str | None = None  # absent, the first that came in


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
    deposits: tuple[Deposit, ...] = ()
    screenings: tuple[Screening, ...] = ()  # that are not concluded
    cases: tuple[str, ...] = ()  # that were opened

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

    def deposit(self, provider_ref: str) -> Deposit | None:
        return next((d for d in self.deposits if d.provider_ref == provider_ref), None)

    def screening(
        self, purpose: ScreeningPurpose | None, subject_ref: str | None
    ) -> Screening | None:
        for each in self.screenings:
            if (each.purpose, each.subject_ref) == (purpose, subject_ref):
                return each
        return None

    def free_minor(self, charge: Charge) -> int:
        """What can be promised of a charge, in minor units; what was taken back cannot."""
        if charge.standing in (Standing.SCREENING, Standing.FROZEN):
            return 0
        return self.left_minor(charge) - self.charged_back_minor(charge)

    def left_minor(self, charge: Charge) -> int:
        """What is left of a charge when all that was promised is kept."""
        out = sum(t.out_minor for t in self.transfers_of(charge))
        back = sum(
            r.amount.minor for r in self.refunds_of(charge) if r.progress in PROMISED
        )
        return charge.amount.minor - charge.frozen_minor - out - back

    def held_minor(self, charge: Charge) -> int:
        """What of a charge is with us, promised or not, and not on its way out."""
        out = sum(t.out_minor for t in self.transfers_of(charge) if t.progress in UNDER_WAY)
        back = sum(
            r.amount.minor for r in self.refunds_of(charge) if r.progress in UNDER_WAY
        )
        return charge.amount.minor - charge.frozen_minor - out - back

    def refundable_minor(self, charge: Charge) -> int:
        """What of a charge no refund has claimed yet, wherever the money is now."""
        if charge.standing in (Standing.SCREENING, Standing.FROZEN):
            return 0
        claimed = sum(
            r.amount.minor
            for r in self.refunds_of(charge)
            if r.progress is not Progress.FAILED
        )
        return charge.amount.minor - claimed - self.charged_back_minor(charge)

    def charged_back_minor(self, charge: Charge) -> int:
        """What the card network has of a charge, for a while or for good."""
        return sum(
            c.amount.minor
            for c in self.chargebacks_of(charge)
            if c.outcome is not ChargebackOutcome.WON
        )

    def lost_minor(self, charge: Charge) -> int:
        """What the card network has of a charge for good."""
        return sum(
            c.amount.minor
            for c in self.chargebacks_of(charge)
            if c.outcome is ChargebackOutcome.LOST
        )

    def transfers_of(self, charge: Charge) -> Iterator[Transfer]:
        return (t for t in self.transfers if t.source_ref == charge.provider_ref)

    def refunds_of(self, charge: Charge) -> Iterator[Refund]:
        return (r for r in self.refunds if r.source_ref == charge.provider_ref)

    def chargebacks_of(self, charge: Charge) -> Iterator[Chargeback]:
        return (c for c in self.chargebacks if self.charge(c.charge_ref) == charge)

    def started(self) -> Payment:
        """Let refunds go that waited for money which is here now, first come first.

        A wallet is screened before it is paid; a card needs no such look.
        """
        payment = self
        is_on_chain = self.rail is Rail.CUSTODIAN
        ready = Progress.SCREENING if is_on_chain else Progress.PENDING
        for waiting in self.refunds:
            charge = payment.charge(waiting.source_ref)
            is_here = charge and payment.free_minor(charge) >= waiting.amount.minor
            if waiting.progress is Progress.WAITING and is_here:
                payment = payment.with_refund(replace(waiting, progress=ready))
        return payment

    def with_charge(self, charge: Charge) -> Payment:
        """Put a charge in its place: the first that came in stays the first."""
        if self.charge(charge.provider_ref) is None:
            return replace(self, charges=(*self.charges, charge))
        kept = (
            charge if c.provider_ref == charge.provider_ref else c for c in self.charges
        )
        return replace(self, charges=tuple(kept))

    def with_deposit(self, deposit: Deposit) -> Payment:
        ref = deposit.provider_ref
        others = tuple(d for d in self.deposits if d.provider_ref != ref)
        return replace(self, deposits=(*others, deposit))

    def with_screening(self, screening: Screening) -> Payment:
        payment = self.without_screening(screening.purpose, screening.subject_ref)
        return replace(payment, screenings=(*payment.screenings, screening))

    def without_screening(self, purpose: ScreeningPurpose, subject_ref: str) -> Payment:
        done = self.screening(purpose, subject_ref)
        return replace(
            self, screenings=tuple(each for each in self.screenings if each != done)
        )

    def with_transfer(self, transfer: Transfer) -> Payment:
        others = tuple(t for t in self.transfers if t.transfer_id != transfer.transfer_id)
        return replace(self, transfers=(*others, transfer))

    def with_refund(self, refund: Refund) -> Payment:
        """Put a refund in its place, so that the order of asking is kept."""
        if self.refund(refund.refund_id) is None:
            return replace(self, refunds=(*self.refunds, refund))
        kept = (refund if r.refund_id == refund.refund_id else r for r in self.refunds)
        return replace(self, refunds=tuple(kept))
