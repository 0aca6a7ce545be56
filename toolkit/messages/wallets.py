"""The language of a closing's wallet: money that is promised, that came, and that went."""

from __future__ import annotations

from toolkit.core.message import Command, Event, record
from toolkit.core.money import Money
from toolkit.messages.closing import Distribution, Milestone, StatementLine


@record
class Deposit:
    """Money that came into a wallet; `payer_id` is whom the provider names."""

    provider_ref: str
    payer_id: str
    amount: Money


@record
class WalletCommand(Command):
    """Asked of the wallet provider; said by closing to itself."""

    topic = "payments.commands.v1"

    transaction_id: str

    @property
    def key(self) -> str:
        return self.transaction_id


@record
class WalletEvent(Event):
    """Money in a closing's wallet: what is promised, what came, what went."""

    topic = "payments.events.v1"

    transaction_id: str

    @property
    def key(self) -> str:
        return self.transaction_id


@record
class CreateWallet(WalletCommand):
    wallet_id: str
    buyer_id: str
    milestones: tuple[Milestone, ...]


@record
class ReleaseMilestone(WalletCommand):
    """Pay the fee of a verification that was accepted."""

    wallet_id: str
    payment_id: str
    task_id: str
    payee_id: str
    amount: Money


@record
class SettleWallet(WalletCommand):
    """Pay out a whole wallet, all lines or none; answered with WalletSettled."""

    wallet_id: str
    settlement_id: str
    lines: tuple[StatementLine, ...]


@record
class ReturnFunds(WalletCommand):
    """Pay back what is held when a deal has fallen through, or came too late."""

    wallet_id: str
    payment_id: str
    payee_id: str
    amount: Money


@record
class InspectWallet(WalletCommand):
    """Read what came into a wallet; answered with one FundsDeposited for each deposit."""

    wallet_id: str


@record
class WalletCreated(WalletEvent):
    wallet_id: str
    provider_ref: str


@record
class WalletDeclined(WalletEvent):
    """The provider opens no such wallet; a person has to look into it."""

    wallet_id: str
    reason: str


@record
class FundsDeposited(WalletEvent):
    """Good funds: the provider can pay them out."""

    wallet_id: str
    deposit: Deposit


@record
class MilestoneRequested(WalletEvent):
    """Money that is spoken for, until there is an answer."""

    payment_id: str
    task_id: str
    payee_id: str
    amount: Money


@record
class MilestoneReleased(WalletEvent):
    payment_id: str
    task_id: str
    payee_id: str
    amount: Money
    provider_ref: str


@record
class MilestoneFailed(WalletEvent):
    payment_id: str
    task_id: str
    payee_id: str
    amount: Money
    reason: str


@record
class SettlementRequested(WalletEvent):
    """All that is held is spoken for."""

    settlement_id: str
    amount: Money


@record
class WalletSettled(WalletEvent):
    settlement_id: str
    distributions: tuple[Distribution, ...]


@record
class WalletSettlementFailed(WalletEvent):
    settlement_id: str
    reason: str


@record
class ReturnRequested(WalletEvent):
    payment_id: str
    payee_id: str
    amount: Money


@record
class FundsReturned(WalletEvent):
    payment_id: str
    payee_id: str
    amount: Money
    provider_ref: str


@record
class FundsReturnFailed(WalletEvent):
    payment_id: str
    payee_id: str
    amount: Money
    reason: str
