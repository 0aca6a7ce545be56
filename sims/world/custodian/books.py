"""Everything the custodian knows, and the few ways in which it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sims.world.appointments import Appointments
from sims.world.custodian import wire
from sims.world.custodian.errors import not_found
from sims.world.custodian.ids import Ids
from sims.world.custodian.records import (
    FINAL,
    Notification,
    State,
    Token,
    Transaction,
    Wallet,
    WalletSet,
)
from sims.world.faults import Dice
from sims.world.table import R, Table
from sims.world.webhooks import Webhooks

USDC_CONTRACT = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"
GENESIS_HEIGHT = 38_000_000
BLOCK_S = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long after the call a transaction comes to each state."""

    cleared_s: float = 0.5
    queued_s: float = 1.0
    sent_s: float = 2.0
    confirmed_s: float = 4.0
    complete_s: float = 60.0


@dataclass(slots=True, kw_only=True)
class Books:
    clock: Callable[[], datetime]
    ids: Ids
    dice: Dice
    webhooks: Webhooks[Notification]
    pace: Pace
    wallet_sets: Table[WalletSet] = field(default_factory=Table)
    wallets: Table[Wallet] = field(default_factory=Table)
    tokens: Table[Token] = field(default_factory=Table)
    transactions: Table[Transaction] = field(default_factory=Table)
    notifications: Table[Notification] = field(default_factory=Table)
    blacklisted: set[str] = field(default_factory=set)  # by the token's own contract
    gas_wei: int = 10**18  # what the gas station may still spend on our transfers
    appointments: Appointments = field(default_factory=Appointments)
    started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock()
        self.token("USDC", USDC_CONTRACT, 6)

    def now(self) -> datetime:
        return self.clock()

    def height(self) -> int:
        """Count the blocks of the chain, one every two seconds."""
        passed_s = (self.now() - self.started_at).total_seconds()
        return GENESIS_HEIGHT + int(passed_s // BLOCK_S)

    def token(self, symbol: str, contract: str, decimals: int) -> Token:
        """Find a token by its contract, or learn of it."""
        known = self.tokens.referring("contract", contract.lower())
        if known:
            return known[0]
        token = Token(
            id=self.ids.uuid("token"),
            created_at=self.now(),
            symbol=symbol,
            contract=contract.lower(),
            decimals=decimals,
        )
        return self.tokens.add(token, contract=token.contract)

    def come_to(self, row: Transaction, state: State) -> None:
        """Bring a transaction into a state, and say so."""
        row.state, row.updated_at = state, self.now()
        if state in FINAL:
            row.final_at = row.updated_at
        self.tell(row)

    def tell(self, row: Transaction, state: State | None = None) -> None:
        """Notify of a transaction, or of a state that it has left behind already."""
        shape = wire.transaction(row, self.tokens.by_id[row.token_id])
        if state is not None:
            shape["state"] = state.value
        way = "inbound" if row.is_inbound else "outbound"
        notification = Notification(
            id=self.ids.uuid("notification"),
            created_at=self.now(),
            type=f"transactions.{way}",
            shape=shape,
        )
        self.notifications.add(notification)
        self.webhooks.send(notification, self.now())


def found(table: Table[R], kind: str, id: str) -> R:
    row = table.get(id)
    if row is None:
        raise not_found(kind, id)
    return row
