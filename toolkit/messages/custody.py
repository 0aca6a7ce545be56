"""The language of custody: what came into a wallet, whose it is, and what may not move."""

from __future__ import annotations

from enum import StrEnum

from toolkit.core.message import record
from toolkit.core.money import Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    ChainRef,
    PaymentCommand,
    PaymentEvent,
    RiskLevel,
    ScreeningPurpose,
)


class CaseKind(StrEnum):
    """What a person has to look into, since no decision of ours ends it."""

    SANCTIONS = "SANCTIONS"  # frozen: neither released nor refunded
    PAYEE_PARKED = "PAYEE_PARKED"  # the seller's wallet cannot be paid
    REFUND_PARKED = "REFUND_PARKED"  # the buyer's wallet or card cannot be paid
    DEPOSIT_PARKED = "DEPOSIT_PARKED"  # a token that cannot be held, nor sent back
    RECOVERY = "RECOVERY"  # the card network took money that is no longer here


@record
class TokenAmount:
    """So much of a token, whichever it is: not all that arrives is Money of ours.

    `base_units` is a whole number in decimal digits: 18 decimals overflow an int64.
    """

    symbol: str
    contract: str  # its address; the chain is that of the transaction
    decimals: int
    base_units: str


@record
class ScreenWallet(PaymentCommand):
    """Ask every screening vendor about a wallet; said by payments to itself.

    `subject_ref` names what it is for: the deposit's transaction at the custodian, the
    transfer_id or the refund_id. Answered with one WalletScreened of each vendor, all at
    once; while one of them is unavailable nothing is answered, and it is asked again.
    """

    payment_id: str
    address: str
    purpose: ScreeningPurpose
    subject_ref: str


@record
class ReturnDeposit(PaymentCommand):
    """Send a token that cannot be held back to where it came from; said to itself.

    Performed by the custodian's rail, and answered with DepositReturned or
    DepositReturnFailed once the outcome is final.
    """

    payment_id: str
    deposit_ref: str  # the custodian's transaction that brought it
    token: TokenAmount
    destination: str


@record
class DepositArrived(PaymentEvent):
    """A token has arrived at an escrow's deposit address, and that is final.

    Said by the custodian's rail for each incoming transaction that is COMPLETE. `amount` is
    there only for the token that we hold, USDC on the right chain, and is booked from here
    on; any other token is named in `token` and goes back. What may be held becomes
    PaymentSucceeded, with the same `provider_ref`, once its sender has been screened.
    """

    payment_id: str
    provider_ref: str  # the custodian's transaction id
    token: TokenAmount
    from_address: str
    chain_ref: ChainRef
    amount: Money | None = None


@record
class ScreeningRequested(PaymentEvent):
    """We wait for every vendor's word on a wallet before the subject may move."""

    payment_id: str
    address: str
    purpose: ScreeningPurpose
    subject_ref: str


@record
class ScreeningConcluded(PaymentEvent):
    """Every vendor has spoken, and the worst of them counts.

    `is_cleared` says whether the subject may move on: money that goes back to where it came
    from may be of high risk, and nothing that is sanctioned moves at all.
    """

    payment_id: str
    address: str
    purpose: ScreeningPurpose
    subject_ref: str
    level: RiskLevel
    sanctioned: bool
    is_cleared: bool


@record
class DepositReturned(PaymentEvent):
    """A token that cannot be held is with its sender again, says the custodian's rail."""

    payment_id: str
    deposit_ref: str
    token: TokenAmount
    destination: str
    provider_ref: str  # the custodian's transaction that took it back
    chain_ref: ChainRef | None = None


@record
class DepositReturnFailed(PaymentEvent):
    """It could not be sent back, for good; the custodian's rail says so."""

    payment_id: str
    deposit_ref: str
    reason: str
    provider_ref: str | None = None


@record
class FundsFrozen(PaymentEvent):
    """A sanctioned wallet is concerned: this money neither goes out nor back.

    Said by payments when a vendor calls the sender, the payee or the buyer's wallet
    sanctioned. `amount` is absent for a token that we keep no books of.
    """

    payment_id: str
    case_id: str
    source_ref: str  # the deposit
    address: str
    reason: str
    amount: Money | None = None


@record
class PaymentCaseOpened(PaymentEvent):
    """A person has to look into this; said by payments, once for each cause.

    `subject_ref` is what it is about: a deposit, a transfer_id, a refund_id or a dispute.
    """

    payment_id: str
    case_id: str
    kind: CaseKind
    subject_ref: str
    reason: str
    amount: Money | None = None
    address: str | None = None


@record
class TransferParked(PaymentEvent):
    """The seller's wallet cannot be paid, and no later try by itself will change that.

    Said by the custodian's rail (the token's blacklist, no such address) and by payments
    (the wallet is of high risk). Whoever asks for the transfer again has it tried again.
    """

    payment_id: str
    transfer_id: str
    rail: Rail
    amount: Money
    destination: str
    reason: str
    provider_ref: str | None = None  # what came to nothing; absent, nothing was made


@record
class RefundParked(PaymentEvent):
    """The buyer cannot be paid back, and no later try by itself will change that.

    Said by the custodian's rail, and by payments when a card's refunds came back too often.
    """

    payment_id: str
    refund_id: str
    rail: Rail
    amount: Money
    reason: str
    destination: str | None = None
    provider_ref: str | None = None


@record
class HoldTransfer(PaymentCommand):
    """Somebody objects: what of a transfer has not left yet is to stay.

    Answered with TransferFailed where its wallet is still being looked at; a transfer that
    has left, or was never asked for, answers nothing.
    """

    payment_id: str
    transfer_id: str
