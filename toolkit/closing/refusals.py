"""How a closing says no: with the command, who asked, and why."""

from __future__ import annotations

from toolkit.closing.policy import HOUSE
from toolkit.messages.closing import ClosingCommand, TransactionRefusedCommand
from toolkit.messages.wallets import FundsDeposited


def refused(ask: ClosingCommand, reason: str) -> TransactionRefusedCommand:
    return TransactionRefusedCommand(
        transaction_id=ask.transaction_id,
        command=type(ask).__name__,
        reason=reason,
        actor_id=actor(ask),
    )


def not_held(event: FundsDeposited, reason: str) -> TransactionRefusedCommand:
    """Say of money that came in that it is not counted: a person has to see to it."""
    deposit = event.deposit
    return TransactionRefusedCommand(
        transaction_id=event.transaction_id,
        command=type(event).__name__,
        reason=f"{deposit.amount} ({deposit.provider_ref:.80}) are not held: {reason}",
        actor_id=deposit.payer_id or HOUSE,
    )


def actor(ask: ClosingCommand) -> str:
    """Who asks: a person, an agent, or the house."""
    names = ("actor_id", "agent_id", "buyer_id")
    found = (getattr(ask, name, None) for name in names)
    return str(next((name for name in found if name), HOUSE))
