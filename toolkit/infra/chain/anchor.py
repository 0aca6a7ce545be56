"""Audit's anchor on an EVM chain: a root is written once, and known when it is final."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from toolkit.core.errors import Declined, Unfinished
from toolkit.infra.chain.account import BLOCK, Account
from toolkit.infra.chain.contract import Contract, Log, artifact
from toolkit.messages.audit import AnchorCheckpoint, RecordAnchor


@dataclass(frozen=True, slots=True)
class ChainAnchor:
    """Writes roots into the contract AuditAnchor, whose keeper the account is."""

    account: Account
    contract: Contract

    @classmethod
    def at(cls, account: Account, address: str) -> ChainAnchor:
        return cls(account, Contract(account.rpc, address, artifact("AuditAnchor")))

    async def anchor(self, asked: AnchorCheckpoint) -> RecordAnchor:
        """Look first, then send. Until it is final every call ends in Unfinished."""
        found = await self._found(asked)
        if found is None:
            await self._send(asked)
            raise Unfinished(f"the anchor {asked.intent_id} is on its way", BLOCK)
        if not await self.account.is_final(found.block_number):
            raise Unfinished(f"{found.tx_hash} is not deep enough yet", BLOCK)
        return RecordAnchor(
            log_id=asked.log_id,
            from_index=asked.from_index,
            to_index=asked.to_index,
            merkle_root=asked.merkle_root,
            chain_id=await self.account.chain(),
            tx_hash=found.tx_hash,
            block_number=found.block_number,
        )

    async def _found(self, asked: AnchorCheckpoint) -> Log | None:
        """Look the intent up; the contract says in which block to look for it."""
        intent = _intent(asked)
        root, to_index, block = await self.contract.read("anchors", intent)
        if not to_index:
            return None
        if root.hex() != asked.merkle_root or to_index != asked.to_index:
            raise Declined(f"another root is anchored under {asked.intent_id}")
        topic = "0x" + intent.hex()
        logs = await self.contract.logs("Anchored", topic, from_block=block, to_block=block)
        return logs[0] if logs else None

    async def _send(self, asked: AnchorCheckpoint) -> None:
        data = self.contract.artifact.encoded(
            "anchor",
            _intent(asked),
            bytes.fromhex(asked.merkle_root),
            asked.from_index,
            asked.to_index,
        )
        await self.account.send(self.contract.address, data)


def _intent(asked: AnchorCheckpoint) -> bytes:
    """Write the intent's id as the contract has it: 32 bytes."""
    return UUID(asked.intent_id).bytes.rjust(32, b"\0")
