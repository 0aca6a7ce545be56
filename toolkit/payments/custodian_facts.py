"""What the custodian's transactions mean to us. Only what is final is a fact."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from toolkit.core.message import Message, record
from toolkit.core.money import Currency, Money
from toolkit.messages.custody import (
    DepositArrived,
    DepositReturned,
    DepositReturnFailed,
    RefundParked,
    ReturnDeposit,
    TokenAmount,
    TransferParked,
)
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    ChainRef,
    InitiateRefund,
    RefundFailed,
    RefundSucceeded,
    TransferFailed,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.payments.custodian_status import Status, read

log = logging.getLogger(__name__)

Object = Mapping[str, Any]

RAIL = Rail.CUSTODIAN
CHAIN_ID = 8453
BLOCKCHAIN = "BASE"
USDC_CONTRACT = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
GAS_IS_PAID_IN_ETH = Money(0, Currency.USDC)
DECIMAL = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)
BLOCKED = "blacklist"  # as the token's contract says it when it refuses an address


class Purpose(StrEnum):
    """What a transfer out is for, as its reference at the custodian says."""

    TRANSFER = "transfer"
    REFUND = "refund"
    RETURN = "return"


@record
class Seen:
    """A transaction, with the wallet and the token that it names."""

    transaction: Object
    wallet: Object
    token: Object

    @property
    def status(self) -> Status:
        return read(self.transaction["state"])

    @property
    def is_over(self) -> bool:
        """Has it come to its end, and a deposit to its place on the chain?"""
        is_deposit = self.transaction["transactionType"] == "INBOUND"
        has_no_place = self.status is Status.COMPLETE and self.chain_ref is None
        return self.status.is_final and not (is_deposit and has_no_place)

    @property
    def names(self) -> dict[str, str]:
        return {"escrow_id": self.wallet["name"], "payment_id": self.wallet["refId"]}

    @property
    def amount(self) -> TokenAmount:
        decimals = int(self.token["decimals"])
        return TokenAmount(
            symbol=self.token["symbol"],
            contract=self.token["tokenAddress"],
            decimals=decimals,
            base_units=str(base_units(self.transaction["amounts"][0], decimals)),
        )

    @property
    def chain_ref(self) -> ChainRef | None:
        """Where it stands on the chain. The custodian does not say which log it is."""
        tx_hash = self.transaction.get("txHash")
        if not tx_hash:
            return None
        log_index = int(self.transaction.get("logIndex", 0))
        return ChainRef(chain_id=CHAIN_ID, tx_hash=tx_hash, log_index=log_index)

    @property
    def reason(self) -> str:
        said = [
            self.transaction.get("errorReason"),
            self.transaction.get("errorDetails"),
            self.transaction.get("transactionScreeningEvaluation", {}).get("ruleName"),
        ]
        return ": ".join([self.status.value, *(each for each in said if each)])

    @property
    def is_hopeless(self) -> bool:
        """Would every later try end in the same way?"""
        return self.status is Status.DENIED or BLOCKED in self.reason.lower()


def facts(seen: Seen) -> list[Message]:
    """Say what a transaction means; while it is not over it means nothing."""
    if not seen.is_over:
        return []
    if not seen.wallet.get("name") or not seen.wallet.get("refId"):
        log.warning("a wallet of nobody's: %s", seen.wallet["id"])
        return []
    if seen.transaction["transactionType"] == "INBOUND":
        return _arrived(seen) if seen.status is Status.COMPLETE else []
    purpose, _, subject = seen.transaction.get("refId", "").partition(":")
    match purpose:
        case Purpose.TRANSFER:
            return [_transferred(seen, subject)]
        case Purpose.REFUND:
            return [_refunded(seen, subject)]
        case Purpose.RETURN:
            return [_returned(seen, subject)]
        case _:
            log.warning("a transfer that is not ours: %s", seen.transaction["id"])
            return []


def refused(
    ask: TransferToSeller | InitiateRefund | ReturnDeposit, reason: str
) -> list[Message]:
    """Say that a transfer was not even begun, and may be asked for again."""
    names = {"escrow_id": ask.escrow_id, "payment_id": ask.payment_id, "reason": reason}
    match ask:
        case TransferToSeller(transfer_id=id, amount=amount):
            return [TransferFailed(**names, transfer_id=id, rail=RAIL, amount=amount)]
        case InitiateRefund(refund_id=id, amount=amount):
            return [RefundFailed(**names, refund_id=id, rail=RAIL, amount=amount)]
        case ReturnDeposit(deposit_ref=ref):
            return [DepositReturnFailed(**names, deposit_ref=ref)]


def parked(
    ask: TransferToSeller | InitiateRefund | ReturnDeposit, reason: str
) -> Sequence[Message]:
    """Say that nothing can be sent where this is to go."""
    names = {"escrow_id": ask.escrow_id, "payment_id": ask.payment_id, "reason": reason}
    match ask:
        case TransferToSeller(transfer_id=id, amount=amount, destination=to):
            return [
                TransferParked(
                    **names,
                    transfer_id=id,
                    rail=RAIL,
                    amount=amount,
                    destination=to or "",
                )
            ]
        case InitiateRefund(refund_id=id, amount=amount, destination=to):
            return [
                RefundParked(
                    **names,
                    refund_id=id,
                    rail=RAIL,
                    amount=amount,
                    destination=to,
                )
            ]
        case ReturnDeposit():
            return refused(ask, reason)


def is_held_token(blockchain: str, contract: str) -> bool:
    """Is it the one token that we hold? Whatever it calls itself, its contract says so."""
    return blockchain == BLOCKCHAIN and contract.lower() == USDC_CONTRACT.lower()


def base_units(text: str, decimals: int) -> int:
    """Read a decimal of whole tokens, exactly."""
    found = DECIMAL.fullmatch(text)
    fraction = (found[2] or "").rstrip("0") if found else ""
    if not found or len(fraction) > decimals:
        raise ValueError(f"{text!r} is no amount of a token with {decimals} decimals")
    return int(found[1] + fraction.ljust(decimals, "0"))


def whole_tokens(units: int, decimals: int) -> str:
    """Write base units as a decimal of whole tokens, exactly."""
    whole, fraction = divmod(units, 10**decimals)
    return f"{whole}.{fraction:0{decimals}}" if decimals else str(whole)


def _arrived(seen: Seen) -> list[Message]:
    token, chain_ref = seen.amount, seen.chain_ref
    assert chain_ref is not None, "a deposit that is over has its place"
    is_ours = is_held_token(seen.transaction["blockchain"], token.contract)
    return [
        DepositArrived(
            **seen.names,
            provider_ref=seen.transaction["id"],
            token=token,
            from_address=seen.transaction["sourceAddress"],
            chain_ref=chain_ref,
            amount=_usdc(token) if is_ours else None,
        )
    ]


def _transferred(seen: Seen, transfer_id: str) -> Message:
    names = {**seen.names, "transfer_id": transfer_id}
    amount, to = _usdc(seen.amount), seen.transaction["destinationAddress"]
    ref = seen.transaction["id"]
    if seen.status is Status.COMPLETE:
        return TransferSucceeded(
            **names,
            rail=RAIL,
            amount=amount,
            fee=GAS_IS_PAID_IN_ETH,
            provider_ref=ref,
            destination=to,
            chain_ref=seen.chain_ref,
        )
    names["reason"] = seen.reason
    if seen.is_hopeless:
        return TransferParked(
            **names, rail=RAIL, amount=amount, destination=to, provider_ref=ref
        )
    return TransferFailed(**names, rail=RAIL, amount=amount, provider_ref=ref)


def _refunded(seen: Seen, subject: str) -> Message:
    refund_id, _, source = subject.partition(":")
    names = {**seen.names, "refund_id": refund_id}
    amount, ref = _usdc(seen.amount), seen.transaction["id"]
    if seen.status is Status.COMPLETE:
        return RefundSucceeded(
            **names,
            rail=RAIL,
            amount=amount,
            provider_ref=ref,
            chain_ref=seen.chain_ref,
            source_ref=source or None,
        )
    names["reason"] = seen.reason
    if seen.is_hopeless:
        to = seen.transaction["destinationAddress"]
        return RefundParked(
            **names, rail=RAIL, amount=amount, destination=to, provider_ref=ref
        )
    return RefundFailed(**names, rail=RAIL, amount=amount, provider_ref=ref)


def _returned(seen: Seen, deposit_ref: str) -> Message:
    ref = seen.transaction["id"]
    if seen.status is Status.COMPLETE:
        return DepositReturned(
            **seen.names,
            deposit_ref=deposit_ref,
            token=seen.amount,
            destination=seen.transaction["destinationAddress"],
            provider_ref=ref,
            chain_ref=seen.chain_ref,
        )
    return DepositReturnFailed(
        **seen.names, deposit_ref=deposit_ref, reason=seen.reason, provider_ref=ref
    )


def _usdc(token: TokenAmount) -> Money:
    return Money(int(token.base_units), Currency.USDC)
