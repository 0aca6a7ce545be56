"""What the closing service listens to, and who in here answers."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.closing.agents import AgentDesk
from toolkit.closing.decider import working
from toolkit.closing.policy import PRACTICE, Practice
from toolkit.closing.webhooks import heard
from toolkit.core.decider import Listener
from toolkit.core.errors import Unavailable
from toolkit.core.message import Message, record
from toolkit.messages.closing import (
    AssignVerification,
    CancelTransaction,
    CollectVerification,
    DisburseSettlement,
    EscalateVerification,
    ExecuteSettlement,
    InitiateTransaction,
    OrderVerification,
    PauseWallet,
    RaiseTransactionDispute,
    ResolveTransactionDispute,
    ResumeWallet,
    RetryPayment,
    SubmitVerification,
    VerificationStarted,
)
from toolkit.messages.wallets import (
    FundsDeposited,
    FundsReturned,
    FundsReturnFailed,
    MilestoneFailed,
    MilestoneReleased,
    WalletCreated,
    WalletDeclined,
    WalletSettled,
    WalletSettlementFailed,
)
from toolkit.messages.webhooks import WebhookReceived
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Performing
from toolkit.runtime.handler import Routes

COMMANDS = (
    InitiateTransaction,
    AssignVerification,
    SubmitVerification,
    EscalateVerification,
    ExecuteSettlement,
    DisburseSettlement,
    RetryPayment,
    RaiseTransactionDispute,
    ResolveTransactionDispute,
    CancelTransaction,
    PauseWallet,
    ResumeWallet,
)
FACTS = (
    VerificationStarted,
    WalletCreated,
    WalletDeclined,
    FundsDeposited,
    MilestoneReleased,
    MilestoneFailed,
    FundsReturned,
    FundsReturnFailed,
    WalletSettled,
    WalletSettlementFailed,
)


def wire(practice: Practice = PRACTICE) -> Routes:
    """Facts come from the provider and the agents, through the agenda, and nobody else."""
    closing = working(practice)
    return {
        WebhookReceived: Listener(say=heard),
        **dict.fromkeys(COMMANDS, closing),
        **dict.fromkeys(FACTS, closing),
    }


@record
class Outside:
    """Sends what is asked of an agent to its desk, and of money to the wallet provider."""

    agents: AgentDesk
    wallets: Performing | None = None

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        if isinstance(command, OrderVerification | CollectVerification):
            return await self.agents.perform(command, attempt)
        if self.wallets is None:  # nothing is lost: it is asked for again
            raise Unavailable("no wallet provider is connected")
        return await self.wallets.perform(command, attempt)
