"""What the escrow service listens to, and who in here answers."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.core.decider import Consequence, Listener
from toolkit.core.message import derived
from toolkit.escrow.decider import within
from toolkit.escrow.policy import WINDOWS, Windows
from toolkit.messages.contracts import ContractExecuted
from toolkit.messages.custody import FundsFrozen, RefundParked, TransferParked
from toolkit.messages.escrow import (
    CancelEscrow,
    CreateEscrow,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ResolveDispute,
)
from toolkit.messages.payments import (
    ChargebackClosed,
    ChargebackOpened,
    PaymentSucceeded,
    RefundSucceeded,
    TransferFailed,
    TransferReversed,
    TransferSucceeded,
)
from toolkit.runtime.handler import Routes

COMMANDS = (
    CreateEscrow,
    MarkDelivered,
    ReleaseFunds,
    CancelEscrow,
    RaiseDispute,
    ResolveDispute,
)
PAYMENTS = (
    PaymentSucceeded,
    TransferSucceeded,
    TransferFailed,
    TransferReversed,
    RefundSucceeded,
    ChargebackOpened,
    ChargebackClosed,
    TransferParked,
    RefundParked,
    FundsFrozen,
)


def wire(windows: Windows = WINDOWS) -> Routes:
    escrow = within(windows)
    return {
        ContractExecuted: Listener(say=open_for),
        **dict.fromkeys(COMMANDS, escrow),
        **dict.fromkeys(PAYMENTS, escrow),
    }


def open_for(contract: ContractExecuted) -> Iterator[Consequence]:
    """An executed contract wants an escrow, named after it so that there is only one."""
    yield CreateEscrow(
        escrow_id=str(derived("escrow", contract.contract_id)),
        contract_id=contract.contract_id,
        buyer_id=contract.buyer_id,
        seller_id=contract.seller_id,
        amount=contract.amount,
        payee_account=contract.payee_account,
    )
