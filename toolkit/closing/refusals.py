"""How a closing says no: with the command, who asked, and why."""

from __future__ import annotations

from toolkit.closing.policy import HOUSE
from toolkit.messages.closing import ClosingCommand, TransactionRefusedCommand


def refused(ask: ClosingCommand, reason: str) -> TransactionRefusedCommand:
    return TransactionRefusedCommand(
        transaction_id=ask.transaction_id,
        command=type(ask).__name__,
        reason=reason,
        actor_id=actor(ask),
    )


def actor(ask: ClosingCommand) -> str:
    """Who asks: a person, an agent, or the house."""
    names = ("actor_id", "agent_id", "buyer_id")
    found = (getattr(ask, name, None) for name in names)
    return str(next((name for name in found if name), HOUSE))
