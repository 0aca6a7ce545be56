"""Who hears of what: every event of escrow and payments, told or silent for a reason."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.core.message import Event
from toolkit.messages import custody as c
from toolkit.messages import escrow as e
from toolkit.messages import payments as p
from toolkit.messages.notifications import Audience, Parties

# Those on call. No token can have this subject, so only an admin says where they are told.
OPERATIONS_ID = "~operations"

# What those on call are told of our own accord: a person whom no channel reaches any more.
UNREACHABLE = "PersonUnreachable"
ALARMS = (UNREACHABLE,)

BUYER, SELLER, OPERATIONS = Audience.BUYER, Audience.SELLER, Audience.OPERATIONS
BOTH = (BUYER, SELLER)
ON_CALL = (OPERATIONS,)
NOBODY: tuple[Audience, ...] = ()
ALARMING = frozenset({p.RiskLevel.HIGH, p.RiskLevel.SEVERE})

TOLD: Mapping[type[Event], tuple[Audience, ...]] = {
    e.EscrowAwaitFunds: BOTH,
    e.EscrowFundsHeld: BOTH,
    e.EscrowDelivered: (BUYER,),
    e.EscrowReleased: BOTH,
    e.EscrowReleaseReversed: (SELLER,),
    e.EscrowRefunded: (SELLER,),
    e.EscrowCancelled: BOTH,
    e.EscrowDisputed: (BUYER, SELLER, OPERATIONS),
    e.EscrowDisputeResolved: BOTH,
    e.EscrowRefusedCommand: BOTH,  # whichever of them asked
    p.PaymentFailed: (BUYER,),
    p.TransferFailed: ON_CALL,
    p.TransferReversalFailed: ON_CALL,
    p.RefundSucceeded: (BUYER,),
    p.RefundFailed: ON_CALL,
    p.RefundReversed: ON_CALL,
    p.ChargebackOpened: (SELLER, OPERATIONS),
    p.ChargebackClosed: (SELLER, OPERATIONS),
    p.WalletScreened: ON_CALL,  # never a party: nobody is warned of a report
    c.DepositReturned: (BUYER,),
    c.DepositReturnFailed: ON_CALL,
    c.FundsFrozen: ON_CALL,  # as above
    c.PaymentCaseOpened: ON_CALL,
    c.TransferParked: (SELLER, OPERATIONS),
    c.RefundParked: (BUYER, OPERATIONS),
}

SILENT: Mapping[type[Event], str] = {
    e.EscrowCreated: "EscrowAwaitFunds follows at once and says what to do",
    p.PaymentRequested: "an intention; its outcome is told",
    p.PaymentCancelRequested: "an intention; its outcome is told",
    p.TransferRequested: "an intention; its outcome is told",
    p.TransferReversalRequested: "an intention; its outcome is told",
    p.RefundRequested: "an intention; its outcome is told",
    p.PaymentIntentCreated: "EscrowAwaitFunds has asked the buyer to pay",
    p.PaymentIntentCancelled: "EscrowCancelled tells it",
    p.PaymentSucceeded: "EscrowFundsHeld tells it; what is not held is refunded and told",
    p.TransferSucceeded: "EscrowReleased tells it",
    p.TransferReversed: "EscrowReleaseReversed tells it",
    c.DepositArrived: "EscrowFundsHeld tells it, once its sender is screened",
    c.ScreeningRequested: "nobody is warned of a report; its outcome goes to those on call",
    c.ScreeningConcluded: "each WalletScreened tells it, to those on call",
}


def audiences(event: Event, parties: Parties | None) -> tuple[Audience, ...]:
    """Say in what capacity people hear of this event."""
    told = TOLD.get(type(event), NOBODY)
    match event:
        case e.EscrowRefusedCommand(actor_id=actor_id):
            return tuple(a for a in told if parties and person(a, parties) == actor_id)
        case p.WalletScreened(level=level, sanctioned=sanctioned):
            return told if sanctioned or level in ALARMING else NOBODY
        case _:
            return told


def person(audience: Audience, parties: Parties) -> str:
    """Say who that is."""
    match audience:
        case Audience.BUYER:
            return parties.buyer_id
        case Audience.SELLER:
            return parties.seller_id
        case _:
            return OPERATIONS_ID
