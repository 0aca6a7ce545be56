"""One escrow between Ada, who buys, and Bob, who sells: whatever can be said about it."""

from datetime import UTC, datetime, timedelta

from toolkit.core.decider import Later
from toolkit.core.message import derived
from toolkit.core.money import Currency, Money
from toolkit.escrow.policy import CARD_NETWORK, TIMER
from toolkit.escrow.requests import AUTO_RELEASE, FUND_BY
from toolkit.escrow.state import (
    Absent,
    AwaitFunds,
    Cancelled,
    Delivered,
    Disputed,
    FundsHeld,
    Refunded,
    Released,
    Terms,
)
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    CreateEscrow,
    EscrowRefusedCommand,
    MarkDelivered,
    Rail,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    InitiateRefund,
    PaymentSucceeded,
    RefundSucceeded,
    TransferFailed,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
)

NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
FUNDED_BY = NOW + timedelta(hours=72)
RELEASED_AT = NOW + timedelta(days=7)
ID = {"escrow_id": "E1"}
PAYMENT = {**ID, "payment_id": str(derived("payment", "E1"))}
STRIPE = {**PAYMENT, "rail": Rail.STRIPE}
PRICE, PART, REST = Money(250_00), Money(100_00), Money(150_00)
NOTHING = Money(0)
CHARGE, OTHER_CHARGE = "ch_1", "ch_2"
TRANSFER_ID = str(derived("transfer", "E1"))

TERMS = Terms(
    contract_id="C1", buyer_id="ada", seller_id="bob", amount=PRICE, rail=Rail.STRIPE
)
HOLDING = {"terms": TERMS, "held_ref": CHARGE}
ABSENT = Absent()
AWAITS = AwaitFunds(terms=TERMS, fund_by=FUNDED_BY)
HELD = FundsHeld(**HOLDING)
DELIVERED = Delivered(**HOLDING, auto_release_at=RELEASED_AT)
DISPUTED = Disputed(**HOLDING, dispute_id="D1", raised_by="ada", before=DELIVERED)
CHARGED_BACK = Disputed(
    **HOLDING, dispute_id="dp_1", raised_by=CARD_NETWORK, before=DELIVERED
)
RELEASED, REFUNDED = Released(**HOLDING), Refunded(**HOLDING)
CANCELLED = Cancelled(terms=TERMS)
STATES = (
    ABSENT,
    AWAITS,
    HELD,
    DELIVERED,
    DISPUTED,
    CHARGED_BACK,
    RELEASED,
    REFUNDED,
    CANCELLED,
)


def create(amount=PRICE, buyer="ada", seller="bob"):
    return CreateEscrow(
        **ID, contract_id="C1", buyer_id=buyer, seller_id=seller, amount=amount
    )


def deliver(actor):
    return MarkDelivered(**ID, actor_id=actor, evidence="on the doorstep")


def release(actor, reason=ReleaseReason.BUYER):
    return ReleaseFunds(**ID, actor_id=actor, reason=reason)


def cancel(actor, reason):
    return CancelEscrow(**ID, actor_id=actor, reason=reason)


def dispute(actor, dispute_id="D1"):
    return RaiseDispute(**ID, dispute_id=dispute_id, actor_id=actor, reason="broken")


def resolve(resolution, part=None, dispute_id="D1"):
    return ResolveDispute(
        **ID,
        dispute_id=dispute_id,
        actor_id="eve",
        resolution=resolution,
        seller_amount=part,
    )


def paid(amount=PRICE, ref=CHARGE):
    return PaymentSucceeded(**STRIPE, amount=amount, fee=NOTHING, provider_ref=ref)


def transferred(amount=PRICE):
    return TransferSucceeded(
        **STRIPE,
        transfer_id=TRANSFER_ID,
        amount=amount,
        fee=NOTHING,
        provider_ref="tr_1",
        destination="acct_bob",
    )


def transfer_failed(amount=PRICE):
    return TransferFailed(
        **STRIPE, transfer_id=TRANSFER_ID, amount=amount, reason="account closed"
    )


def reversed_(amount=PRICE):
    return TransferReversed(
        **PAYMENT, transfer_id=TRANSFER_ID, amount=amount, provider_ref="trr_1"
    )


def refunded(amount=PRICE, source=CHARGE, refund_id="R1"):
    return RefundSucceeded(
        **STRIPE, refund_id=refund_id, amount=amount, provider_ref="re_1", source_ref=source
    )


def charged_back(ref="dp_1", amount=PRICE):
    return ChargebackOpened(**PAYMENT, dispute_ref=ref, amount=amount)


def closed(outcome, ref="dp_1", amount=PRICE):
    return ChargebackClosed(**PAYMENT, dispute_ref=ref, amount=amount, outcome=outcome)


def transfer(amount=PRICE):
    return TransferToSeller(
        **STRIPE,
        transfer_id=TRANSFER_ID,
        amount=amount,
        payee_id="bob",
        source_ref=CHARGE,
    )


def refund(amount, cause, reason, source=CHARGE):
    """What goes back, named after what caused it: a dispute, or the payment itself."""
    return InitiateRefund(
        **STRIPE,
        refund_id=str(derived("refund", "E1", cause)),
        amount=amount,
        reason=reason,
        source_ref=source,
    )


def auto_release(at):
    command = release(TIMER, ReleaseReason.AUTO_RELEASE)
    return Later(name=AUTO_RELEASE, at=at, command=command)


OVERDUE = Later(name=FUND_BY, at=FUNDED_BY, command=cancel(TIMER, CancelReason.TIMEOUT))

COMMANDS = (
    create(),
    deliver("bob"),
    deliver("mallory"),
    release("ada"),
    release("mallory"),
    release(TIMER, ReleaseReason.AUTO_RELEASE),
    *(
        cancel(who, why)
        for who in ("ada", "bob", TIMER, "mallory")
        for why in CancelReason
        if why is not CancelReason.ADMIN
    ),
    cancel("eve", CancelReason.ADMIN),
    dispute("ada"),
    dispute("bob"),
    dispute("mallory"),
    *(resolve(how, dispute_id=id) for how in Resolution for id in ("D1", "D9", "dp_1")),
    *(resolve(Resolution.SPLIT, part) for part in (PART, PRICE, NOTHING)),
    resolve(Resolution.SPLIT, Money(100_00, Currency.USDC)),
    resolve(Resolution.RELEASE, PART),
)
WON, LOST = ChargebackOutcome.WON, ChargebackOutcome.LOST


def is_refusal(consequence):
    return isinstance(consequence, EscrowRefusedCommand)
