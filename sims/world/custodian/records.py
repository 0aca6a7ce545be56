"""What the custodian remembers of each object; `wire` gives it the shape of the API."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    INITIATED = "INITIATED"
    CLEARED = "CLEARED"
    QUEUED = "QUEUED"
    SENT = "SENT"
    STUCK = "STUCK"
    CONFIRMED = "CONFIRMED"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    DENIED = "DENIED"
    CANCELLED = "CANCELLED"


FINAL = frozenset({State.COMPLETE, State.FAILED, State.DENIED, State.CANCELLED})
CANCELLABLE = frozenset({State.INITIATED, State.QUEUED, State.SENT})
ACCELERABLE = frozenset({State.SENT, State.STUCK})


@dataclass(slots=True, kw_only=True)
class WalletSet:
    id: str
    created_at: datetime
    name: str


@dataclass(slots=True, kw_only=True)
class Token:
    """An asset on the chain. Whoever likes may write a contract and call it USDC."""

    id: str
    created_at: datetime
    symbol: str
    contract: str
    decimals: int


@dataclass(slots=True, kw_only=True)
class Wallet:
    """An address of ours. What is locked is on its way out."""

    id: str
    created_at: datetime
    updated_at: datetime
    wallet_set_id: str
    address: str
    account_type: str
    name: str
    ref_id: str
    state: str = "LIVE"
    held: Counter[str] = field(default_factory=Counter)  # base units by token id
    locked: Counter[str] = field(default_factory=Counter)

    def free(self, token_id: str) -> int:
        return self.held[token_id] - self.locked[token_id]


@dataclass(slots=True, kw_only=True)
class Transaction:
    id: str
    created_at: datetime
    updated_at: datetime
    is_inbound: bool
    state: State
    wallet_id: str
    token_id: str
    base_units: int
    source: str
    destination: str
    ref_id: str = ""
    tx_hash: str | None = None
    log_index: int = 0
    block_height: int | None = None
    first_confirm_at: datetime | None = None
    network_fee_wei: int = 0
    error_reason: str | None = None
    error_details: str | None = None
    screening: dict[str, Any] | None = None
    final_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Notification:
    id: str
    created_at: datetime
    type: str
    shape: dict[str, Any]
    pending_webhooks: int = 0
    payload: bytes | None = None  # written at the first delivery; equal at every one
