"""The shape of every object in the custodian's API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sims.world.custodian.records import (
    Notification,
    Token,
    Transaction,
    Wallet,
    WalletSet,
)

BLOCKCHAIN = "BASE"
CHAIN_ID = 8453
SUBSCRIPTION = "7a1c9d3e-52b4-4f0a-9c61-0d8e3b7f2a45"
Wire = dict[str, Any]


def wallet_set(group: WalletSet) -> Wire:
    return {
        "id": group.id,
        "custodyType": "DEVELOPER",
        "name": group.name,
        "createDate": iso(group.created_at),
        "updateDate": iso(group.created_at),
    }


def wallet(wallet: Wallet) -> Wire:
    return {
        "id": wallet.id,
        "state": wallet.state,
        "walletSetId": wallet.wallet_set_id,
        "custodyType": "DEVELOPER",
        "address": wallet.address,
        "blockchain": BLOCKCHAIN,
        "accountType": wallet.account_type,
        "name": wallet.name,
        "refId": wallet.ref_id,
        "createDate": iso(wallet.created_at),
        "updateDate": iso(wallet.updated_at),
    }


def token(token: Token) -> Wire:
    return {
        "id": token.id,
        "name": token.symbol,
        "standard": "ERC20",
        "blockchain": BLOCKCHAIN,
        "decimals": token.decimals,
        "isNative": False,
        "symbol": token.symbol,
        "tokenAddress": token.contract,
        "createDate": iso(token.created_at),
        "updateDate": iso(token.created_at),
    }


def balances(wallet: Wallet, tokens: Mapping[str, Token]) -> Wire:
    shown = [
        {
            "amount": major(base_units, tokens[token_id].decimals),
            "token": token(tokens[token_id]),
            "updateDate": iso(wallet.updated_at),
        }
        for token_id, base_units in wallet.held.items()
        if base_units
    ]
    return {"tokenBalances": shown}


def transaction(row: Transaction, token: Token) -> Wire:
    """Fields that are not known yet are left out, as in the API."""
    shape = {
        "id": row.id,
        "blockchain": BLOCKCHAIN,
        "walletId": row.wallet_id,
        "tokenId": row.token_id,
        "sourceAddress": row.source,
        "destinationAddress": row.destination,
        "transactionType": "INBOUND" if row.is_inbound else "OUTBOUND",
        "custodyType": "DEVELOPER",
        "operation": "TRANSFER",
        "state": row.state.value,
        "amounts": [major(row.base_units, token.decimals)],
        "txHash": row.tx_hash,
        "blockHeight": row.block_height,
        "networkFee": row.network_fee_wei and major(row.network_fee_wei, 18),
        "firstConfirmDate": row.first_confirm_at and iso(row.first_confirm_at),
        "refId": row.ref_id,
        "errorReason": row.error_reason,
        "errorDetails": row.error_details,
        "transactionScreeningEvaluation": row.screening,
        "createDate": iso(row.created_at),
        "updateDate": iso(row.updated_at),
    }
    return {name: value for name, value in shape.items() if value not in (None, "", 0)}


def envelope(notification: Notification) -> Wire:
    return {
        "subscriptionId": SUBSCRIPTION,
        "notificationId": notification.id,
        "notificationType": notification.type,
        "notification": notification.shape,
        "timestamp": f"{notification.created_at:%Y-%m-%dT%H:%M:%S.%f}000Z",
        "version": 2,
    }


def major(base_units: int, decimals: int) -> str:
    """Base units as a decimal of whole tokens, without zeros that say nothing."""
    whole, fraction = divmod(base_units, 10**decimals)
    digits = f"{fraction:0{decimals}}".rstrip("0") if decimals else ""
    return f"{whole}.{digits}" if digits else str(whole)


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
