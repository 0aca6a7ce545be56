"""An account that sends transactions: one at a time, each until it is in a block.

Nothing of it is kept but in memory. Its nonce is that of the last block, so whatever is
sent again, after a crash too, takes the place of what was sent before: of two with one
nonce only one can be mined. What a transaction was to bring about is looked up first, by
whoever sends it; so nothing happens twice, whichever of them it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.core.ports import Clock
from toolkit.infra.chain.rpc import NodeError, Rpc

GWEI = 10**9
FEE_MAX_WEI = 500 * GWEI  # of a unit of gas: above it we rather wait
STUCK_AFTER = timedelta(seconds=60)
DYNAMIC_FEE = 2  # the kind of transaction of EIP-1559
RAISES_MAX = 5
BLOCK = timedelta(seconds=2)  # about the time of a block: sooner nobody need ask again


@dataclass(frozen=True, slots=True)
class Sent:
    """What is on its way, and what it offers for gas."""

    nonce: int
    to: str | None
    data: str
    fee_wei: int
    tip_wei: int
    tx_hash: str
    sent_at: datetime


@dataclass(slots=True)
class Account:
    """Signs and sends. Another process must not use the same key."""

    rpc: Rpc
    keys: LocalAccount
    clock: Clock
    confirmations: int = 12
    sent: Sent | None = None
    chain_id: int | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, rpc: Rpc, key: str, clock: Clock, confirmations: int = 12) -> Account:
        return cls(rpc, Keys.from_key(bytes.fromhex(key)), clock, confirmations)

    @property
    def address(self) -> str:
        found: str = self.keys.address
        return found

    async def chain(self) -> int:
        """Answer the chain's id, which never changes."""
        if self.chain_id is None:
            self.chain_id = int(await self.rpc("eth_chainId", []), 16)
        return self.chain_id

    async def is_final(self, block_number: int) -> bool:
        """Say whether a block lies deep enough not to go away again."""
        newest = int(await self.rpc("eth_blockNumber", []), 16)
        return newest - block_number + 1 >= self.confirmations

    async def send(self, to: str | None, data: str) -> str:
        """Send a transaction, or push one that is stuck; answer its hash.

        Raises Declined where the contract would refuse it, and Unfinished while another
        one has to be mined first.
        """
        async with self.lock:
            return await self._send(to, data)

    async def _send(self, to: str | None, data: str) -> str:
        nonce = int(await self._count(), 16)
        under_way = self.sent if self.sent and self.sent.nonce == nonce else None
        if under_way is None:
            return await self._first(nonce, to, data)
        if self.clock.now() - under_way.sent_at >= STUCK_AFTER:
            await self._raised(under_way)
        elif (under_way.to, under_way.data) != (to, data):
            raise Unfinished(f"{under_way.tx_hash} must be mined first", BLOCK)
        assert self.sent is not None
        return self.sent.tx_hash

    async def _first(self, nonce: int, to: str | None, data: str) -> str:
        fee, tip = await self._fees()
        sent = Sent(nonce, to, data, fee, tip, "", self.clock.now())
        gas = await self._gas(to, data)
        for _ in range(RAISES_MAX):
            try:
                return await self._publish(sent, gas)
            except NodeError as no:
                if "underpriced" not in no.message.lower():
                    raise
            sent = _dearer(sent)  # a transaction of an earlier life is in its place
        raise Unavailable("the node takes no transaction in the place of the one before")

    async def _raised(self, stuck: Sent) -> None:
        """Offer more for the same transaction; either of the two may be mined."""
        dearer = _dearer(stuck)
        fee, tip = await self._fees()
        offered = Sent(
            stuck.nonce,
            stuck.to,
            stuck.data,
            max(dearer.fee_wei, fee),
            max(dearer.tip_wei, tip),
            "",
            self.clock.now(),
        )
        await self._publish(offered, await self._gas(stuck.to, stuck.data))

    async def _publish(self, sent: Sent, gas: int) -> str:
        if sent.fee_wei > FEE_MAX_WEI:
            raise Unavailable(f"gas is too dear: {sent.fee_wei // GWEI} gwei")
        transaction: dict[str, Any] = {
            "type": DYNAMIC_FEE,
            "chainId": await self.chain(),
            "nonce": sent.nonce,
            "value": 0,
            "data": sent.data,
            "gas": gas,
            "maxFeePerGas": sent.fee_wei,
            "maxPriorityFeePerGas": sent.tip_wei,
        }
        if sent.to is not None:
            transaction["to"] = to_checksum_address(sent.to)
        signed = self.keys.sign_transaction(transaction)
        tx_hash = "0x" + signed.hash.hex()
        try:
            raw = "0x" + signed.raw_transaction.hex()
            await self.rpc("eth_sendRawTransaction", [raw])
        except NodeError as no:
            said = no.message.lower()
            if "nonce too low" in said:
                raise Unfinished("something was mined meanwhile", BLOCK) from no
            if "already known" not in said and "already imported" not in said:
                raise
        self.sent = Sent(
            sent.nonce,
            sent.to,
            sent.data,
            sent.fee_wei,
            sent.tip_wei,
            tx_hash,
            sent.sent_at,
        )
        return tx_hash

    async def _fees(self) -> tuple[int, int]:
        """Offer the tip that the node suggests, and twice the base fee, which may rise."""
        block = await self.rpc("eth_getBlockByNumber", ["latest", False])
        tip = int(await self.rpc("eth_maxPriorityFeePerGas", []), 16)
        return 2 * int(block.get("baseFeePerGas", "0x0"), 16) + tip, tip

    async def _gas(self, to: str | None, data: str) -> int:
        """Ask how much it takes, and add a fifth; what would be reverted is not sent."""
        call = {"from": self.address, "data": data} | ({"to": to} if to else {})
        try:
            estimate = int(await self.rpc("eth_estimateGas", [call]), 16)
        except NodeError as no:
            raise Declined(f"the contract refuses: {no.message}") from no
        return estimate * 6 // 5

    async def _count(self) -> str:
        found: str = await self.rpc("eth_getTransactionCount", [self.address, "latest"])
        return found


def _dearer(sent: Sent) -> Sent:
    """Offer a quarter more: a node wants at least a tenth to replace a transaction."""
    return Sent(
        sent.nonce,
        sent.to,
        sent.data,
        sent.fee_wei * 5 // 4 + 1,
        sent.tip_wei * 5 // 4 + 1,
        "",
        sent.sent_at,
    )
