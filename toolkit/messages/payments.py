"""The language of payments: money asked for, money moved."""

from __future__ import annotations

from enum import StrEnum

from toolkit.core.message import Command, Event, record
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail


class ChargebackOutcome(StrEnum):
    WON = "WON"
    LOST = "LOST"


class RiskLevel(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    SEVERE = "SEVERE"


class ScreeningPurpose(StrEnum):
    """Why a wallet is looked at: money that came from it, or that is about to go there."""

    DEPOSIT = "DEPOSIT"
    TRANSFER = "TRANSFER"
    REFUND = "REFUND"
    RETURN = "RETURN"  # of a token that cannot be held


@record
class ChainRef:
    """Where a token moved. A transaction hash alone is not unique."""

    chain_id: int
    tx_hash: str
    log_index: int


@record
class PaymentCommand(Command):
    topic = "payments.commands.v1"

    escrow_id: str

    @property
    def key(self) -> str:
        return self.escrow_id


@record
class PaymentEvent(Event):
    topic = "payments.events.v1"

    escrow_id: str

    @property
    def key(self) -> str:
        return self.escrow_id


@record
class CreatePaymentIntent(PaymentCommand):
    payment_id: str
    rail: Rail
    amount: Money
    payer_id: str


@record
class CancelPaymentIntent(PaymentCommand):
    """`provider_ref` is filled in by payments, who knows the intent.

    Performed on the card rail only: an address cannot be taken back, and what still comes
    in there goes back.
    """

    payment_id: str
    provider_ref: str | None = None


@record
class TransferToSeller(PaymentCommand):
    """`source_ref`, the payment it comes from, is filled in by payments.

    `destination` is the account or the wallet. The custodian's rail answers once the
    outcome is final: TransferSucceeded, TransferFailed, or TransferParked where no later
    try can help.
    """

    payment_id: str
    transfer_id: str
    rail: Rail
    amount: Money
    payee_id: str
    destination: str | None = None
    source_ref: str | None = None


@record
class InitiateRefund(PaymentCommand):
    """`source_ref` names the payment that is given back; absent, the one that is held.

    `destination`, the wallet that the payment came from, is filled in by payments; a card's
    refund needs none. The custodian's rail answers once the outcome is final:
    RefundSucceeded, RefundFailed, or RefundParked where no later try can help.
    """

    payment_id: str
    refund_id: str
    rail: Rail
    amount: Money
    reason: str
    source_ref: str | None = None
    destination: str | None = None


@record
class ReverseTransfer(PaymentCommand):
    """Take a transfer back before its refund; said by payments to itself."""

    payment_id: str
    transfer_id: str
    amount: Money
    provider_ref: str


@record
class InspectPayment(Command):
    """Look at the provider's own object; said by payments to itself.

    A webhook is a hint, never a fact: amounts are read from the provider's API. On the
    custodian's rail the object is a transaction; one that is not final answers nothing.
    """

    topic = "payments.commands.v1"

    rail: Rail
    object_ref: str

    @property
    def key(self) -> str:
        return self.object_ref


@record
class PaymentRequested(PaymentEvent):
    """We will ask the provider for this payment; there is one for each escrow."""

    payment_id: str
    rail: Rail
    amount: Money
    payer_id: str


@record
class PaymentCancelRequested(PaymentEvent):
    payment_id: str


@record
class PaymentIntentCancelled(PaymentEvent):
    payment_id: str
    provider_ref: str


@record
class TransferRequested(PaymentEvent):
    """Money that is spoken for: nothing else may spend it until there is an answer."""

    payment_id: str
    transfer_id: str
    rail: Rail
    amount: Money
    destination: str
    source_ref: str


@record
class TransferReversalRequested(PaymentEvent):
    """A refund needs money that the seller has."""

    payment_id: str
    transfer_id: str
    amount: Money


@record
class RefundRequested(PaymentEvent):
    """Money that goes back as soon as it is here."""

    payment_id: str
    refund_id: str
    rail: Rail
    amount: Money
    reason: str
    source_ref: str


@record
class PaymentIntentCreated(PaymentEvent):
    payment_id: str
    rail: Rail
    amount: Money
    provider_ref: str  # `pi_…`, or the deposit address


@record
class PaymentSucceeded(PaymentEvent):
    payment_id: str
    rail: Rail
    amount: Money
    fee: Money
    provider_ref: str  # `ch_…`, or the custodian's transaction id
    chain_ref: ChainRef | None = None


@record
class PaymentFailed(PaymentEvent):
    payment_id: str
    rail: Rail
    reason: str


@record
class TransferSucceeded(PaymentEvent):
    payment_id: str
    transfer_id: str
    rail: Rail
    amount: Money
    fee: Money
    provider_ref: str  # `tr_…`, or the custodian's transaction id
    destination: str
    chain_ref: ChainRef | None = None


@record
class TransferFailed(PaymentEvent):
    payment_id: str
    transfer_id: str
    rail: Rail
    reason: str
    amount: Money | None = None  # ours always say it
    provider_ref: str | None = None  # what failed; absent, where nothing was made


@record
class TransferReversed(PaymentEvent):
    payment_id: str
    transfer_id: str
    amount: Money
    provider_ref: str  # `trr_…`


@record
class RefundSucceeded(PaymentEvent):
    payment_id: str
    refund_id: str
    rail: Rail
    amount: Money
    provider_ref: str  # `re_…`, or the custodian's transaction id
    chain_ref: ChainRef | None = None
    source_ref: str | None = None  # the payment that was given back


@record
class RefundFailed(PaymentEvent):
    payment_id: str
    refund_id: str
    rail: Rail
    reason: str
    amount: Money | None = None  # ours always say it
    provider_ref: str | None = None  # what failed; absent, where nothing was made


@record
class ChargebackOpened(PaymentEvent):
    """The card network took money back; said by the card rail as soon as Stripe shows it.

    An inquiry takes nothing and is not told. `fee`, what Stripe takes for the trouble, is
    our own expense and stays with Stripe even when the dispute is won.
    """

    payment_id: str
    dispute_ref: str  # `dp_…`
    amount: Money
    charge_ref: str | None = None  # `ch_…`; absent, the first that came in
    fee: Money | None = None


@record
class ChargebackClosed(PaymentEvent):
    payment_id: str
    dispute_ref: str
    outcome: ChargebackOutcome
    amount: Money | None = None  # ours always say it


@record
class WalletScreened(PaymentEvent):
    """One vendor's word on a wallet; said by the performer of ScreenWallet.

    `purpose` and `subject_ref` are those of the question; ours always say them.
    """

    payment_id: str
    address: str
    provider: str  # `TRM` or `CHAINALYSIS`
    level: RiskLevel
    sanctioned: bool
    purpose: ScreeningPurpose | None = None
    subject_ref: str | None = None


@record
class TransferReversalFailed(PaymentEvent):
    """The seller does not have the money now; it is asked for again."""

    payment_id: str
    transfer_id: str
    amount: Money
    reason: str


@record
class RefundReversed(PaymentEvent):
    """A refund that had succeeded came back from the buyer's bank; it is tried again.

    Said by payments when a RefundFailed names the very object that succeeded before.
    """

    payment_id: str
    refund_id: str
    rail: Rail
    amount: Money
    provider_ref: str  # `re_…`, the refund that came back
    reason: str
