"""The wallet of a closing at its provider: what we ask, and what its answers mean to us.

The provider keeps one wallet for each transaction, under the name that we give it. It
knows its milestones from the start and pays none of them twice; a settlement is paid out
whole or not at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from toolkit.core.errors import Declined, Unfinished
from toolkit.core.message import Message, record
from toolkit.core.money import Currency, Money, decimal
from toolkit.messages.closing import Distribution
from toolkit.messages.wallets import (
    CreateWallet,
    Deposit,
    FundsDeposited,
    FundsReturned,
    FundsReturnFailed,
    InspectWallet,
    MilestoneFailed,
    MilestoneReleased,
    ReleaseMilestone,
    ReturnFunds,
    SettleWallet,
    WalletCreated,
    WalletDeclined,
    WalletSettled,
    WalletSettlementFailed,
)
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.horizon import looks_first, refuse_past_horizon

Object = Mapping[str, Any]
Paying = ReleaseMilestone | ReturnFunds | SettleWallet
log = logging.getLogger(__name__)
NOTHING_SHOWN = "the wallet's history shows nothing of it"


class Wallets(Protocol):
    """The provider's API as we use it. Objects are its own, as mappings.

    Every method raises Declined when it says no, and Unavailable when it says nothing or
    the outcome is unknown.
    """

    async def open(self, wallet_id: str, params: Object) -> Object:
        """Make a wallet with its milestones, or answer the one that is there."""
        ...

    async def pay(self, wallet_id: str, kind: str, params: Object, key: str) -> Object:
        """Ask for a `milestone`, a `return` or a `settlement`, once for each key."""
        ...

    async def balance(self, wallet_id: str) -> Object:
        """Read what is in a wallet: `available` and `pending`."""
        ...

    async def history(self, wallet_id: str) -> Sequence[Object]:
        """Read all that came and went, the oldest first."""
        ...

    async def events_since(self, moment: datetime) -> Sequence[Object]:
        """List what happened in all wallets since a moment, the oldest first."""
        ...


@record
class WalletRail:
    """Performs a closing's commands at the wallet provider; the answers are facts."""

    api: Wallets

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        match command:
            case CreateWallet():
                return [await self._open(command)]
            case ReleaseMilestone() | ReturnFunds() | SettleWallet():
                return [await self._pay(command, attempt)]
            case InspectWallet(transaction_id=transaction_id, wallet_id=wallet_id):
                return await self._inspect(transaction_id, wallet_id)
            case unknown:
                raise AssertionError(f"nothing a wallet can do: {unknown!r}")

    async def _open(self, ask: CreateWallet) -> Message:
        params = {
            "currency": Currency.USD,
            "owner": ask.buyer_id,
            "metadata": {"transaction_id": ask.transaction_id},
            "milestones": [
                {"id": each.task_id, "name": each.type, "amount": _text(each.fee)}
                for each in ask.milestones
            ],
        }
        names = {"transaction_id": ask.transaction_id, "wallet_id": ask.wallet_id}
        try:
            made = await self.api.open(ask.wallet_id, params)
        except Declined as no:
            return WalletDeclined(**names, reason=str(no))
        return WalletCreated(**names, provider_ref=made["funding_account"])

    async def _pay(self, ask: Paying, attempt: Attempt) -> Message:
        """Ask for a payment that is made at most once, however often this is tried."""
        try:
            made = await self._found(ask, attempt) if looks_first(attempt) else None
            if made is None:
                refuse_past_horizon(attempt, NOTHING_SHOWN)
                params = {**_params(ask), "reference": str(attempt.key)}
                made = await self.api.pay(
                    ask.wallet_id, _kind(ask), params, str(attempt.key)
                )
        except Declined as no:
            return failure(ask, str(no))
        match made["status"]:
            case "succeeded":
                return success(ask, made)
            case "failed":
                return failure(ask, str(made.get("failure_reason") or "no reason was told"))
            case underway:
                raise Unfinished(f"{_kind(ask)} {made['id']} is {underway}")

    async def _found(self, ask: Paying, attempt: Attempt) -> Object | None:
        """Look for a payment with our reference among all that left the wallet."""
        for made in await self.api.history(ask.wallet_id):
            if made.get("reference") == str(attempt.key):
                return made
        return None

    async def _inspect(self, transaction_id: str, wallet_id: str) -> Sequence[Message]:
        """Tell of every deposit that can be paid out. Our calls tell what went."""
        try:
            found = await self.api.history(wallet_id)
        except Declined:
            return []  # news of a wallet that the provider does not show
        good = (e for e in found if e["type"] == "deposit" and e["status"] == "available")
        return [
            FundsDeposited(
                transaction_id=transaction_id,
                wallet_id=wallet_id,
                deposit=Deposit(
                    provider_ref=each["id"], payer_id=each["payer"], amount=amount
                ),
            )
            for each, amount in _readable(wallet_id, good)
        ]


def success(ask: Paying, made: Object) -> Message:
    """Say of a payment that it was made, with the provider's name for it."""
    match ask:
        case ReleaseMilestone():
            return MilestoneReleased(
                transaction_id=ask.transaction_id,
                payment_id=ask.payment_id,
                task_id=ask.task_id,
                payee_id=ask.payee_id,
                amount=ask.amount,
                provider_ref=made["id"],
            )
        case ReturnFunds():
            return FundsReturned(
                transaction_id=ask.transaction_id,
                payment_id=ask.payment_id,
                payee_id=ask.payee_id,
                amount=ask.amount,
                provider_ref=made["id"],
            )
        case SettleWallet():
            paid = [
                Distribution(
                    code=each["code"],
                    payee_id=each["payee"],
                    amount=amount,
                    provider_ref=each["id"],
                )
                for each, amount in _readable(ask.wallet_id, made["payments"])
            ]
            return WalletSettled(
                transaction_id=ask.transaction_id,
                settlement_id=ask.settlement_id,
                distributions=tuple(paid),
            )


def failure(ask: Paying, reason: str) -> Message:
    """Say of a payment that it was not made, and why."""
    match ask:
        case ReleaseMilestone():
            return MilestoneFailed(
                transaction_id=ask.transaction_id,
                payment_id=ask.payment_id,
                task_id=ask.task_id,
                payee_id=ask.payee_id,
                amount=ask.amount,
                reason=reason,
            )
        case ReturnFunds():
            return FundsReturnFailed(
                transaction_id=ask.transaction_id,
                payment_id=ask.payment_id,
                payee_id=ask.payee_id,
                amount=ask.amount,
                reason=reason,
            )
        case SettleWallet():
            return WalletSettlementFailed(
                transaction_id=ask.transaction_id,
                settlement_id=ask.settlement_id,
                reason=reason,
            )


def _kind(ask: Paying) -> str:
    match ask:
        case ReleaseMilestone():
            return "milestone"
        case ReturnFunds():
            return "return"
        case SettleWallet():
            return "settlement"


def _params(ask: Paying) -> dict[str, Any]:
    match ask:
        case ReleaseMilestone():
            paid = {"milestone": ask.task_id, "payee": ask.payee_id}
            return {**paid, "amount": _text(ask.amount), "currency": ask.amount.currency}
        case ReturnFunds():
            paid = {"payee": ask.payee_id, "payment": ask.payment_id}
            return {**paid, "amount": _text(ask.amount), "currency": ask.amount.currency}
        case SettleWallet():
            lines = [
                {"code": each.code, "payee": each.payee_id, "amount": _text(each.amount)}
                for each in ask.lines
            ]
            return {"currency": ask.lines[0].amount.currency, "lines": lines}


def _text(amount: Money) -> str:
    """Write an amount as the provider reads it: `1200.00`."""
    return decimal(amount.minor, amount.currency).replace(",", "")


def _readable(wallet_id: str, found: Iterable[Object]) -> Iterator[tuple[Object, Money]]:
    """Leave out what is in no money of ours, and say so; it must not hide the others."""
    for each in found:
        try:
            amount = _money(each)
        except (KeyError, TypeError, ValueError) as unread:
            left_out = "wallet %s: %s is not counted, its amount cannot be read: %s"
            log.warning(left_out, wallet_id, each.get("id"), unread)
        else:
            yield each, amount


def _money(found: Object) -> Money:
    return Money.parse(found["amount"], Currency(found["currency"]))
