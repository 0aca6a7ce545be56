"""A chain in virtual time, as audit's anchor meets it: blocks, depth, lost answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

import simpy

from sims.world.faults import CALM, CallFault, Dice, Faults
from sims.world.time import Danger, Wait, no_danger
from toolkit.core.errors import Declined, Unavailable, Unfinished
from toolkit.messages.audit import AnchorCheckpoint, RecordAnchor

CHAIN_ID = 8_453  # Base
BLOCK = timedelta(seconds=2)
DEPTH = 12  # blocks that make a transaction final


@dataclass(frozen=True, slots=True)
class Mined:
    """A root in its block."""

    asked: AnchorCheckpoint
    tx_hash: str
    mined_at: datetime


@dataclass(slots=True)
class ChainModel:
    """What the contract AuditAnchor keeps: each intent once, each on top of the last."""

    now: Callable[[], datetime]
    seed: int
    faults: Faults = CALM
    start_at: datetime = field(init=False)
    anchors: dict[str, Mined] = field(default_factory=dict)
    size: int = 0
    refused: int = 0
    dice: Dice = field(init=False)

    def __post_init__(self) -> None:
        self.start_at = self.now()
        self.dice = Dice(self.seed, self.faults)

    def anchor(self, asked: AnchorCheckpoint) -> RecordAnchor:
        """Answer where a root is, or take it in; it is final some blocks later."""
        mined = self.anchors.get(asked.intent_id)
        if mined is None:
            self._mine(asked)
            raise Unfinished("the transaction is on its way", BLOCK)
        final_at = mined.mined_at + DEPTH * BLOCK
        if self.now() < final_at:
            raise Unfinished("its block is not deep enough", final_at - self.now())
        return RecordAnchor(
            log_id=asked.log_id,
            from_index=asked.from_index,
            to_index=asked.to_index,
            merkle_root=asked.merkle_root,
            chain_id=CHAIN_ID,
            tx_hash=mined.tx_hash,
            block_number=(mined.mined_at - self.start_at) // BLOCK,
        )

    def _mine(self, asked: AnchorCheckpoint) -> None:
        if asked.from_index != self.size or asked.to_index <= asked.from_index:
            self.refused += 1
            raise Declined("execution reverted: not where the log ended")
        tx_hash = f"0x{sha256(asked.intent_id.encode()).hexdigest()}"
        self.anchors[asked.intent_id] = Mined(asked, tx_hash, self.now() + BLOCK)
        self.size = asked.to_index


@dataclass(slots=True)
class SimAnchor:
    """The port over the model, with the way there and back."""

    env: simpy.Environment
    random: Random
    model: ChainModel
    latency_mean_s: float = 0.3
    patience_s: float = 10.0
    danger: Danger = no_danger

    async def anchor(self, asked: AnchorCheckpoint) -> RecordAnchor:
        await self._travel("before a call arrives")
        fault = self.model.dice.call_fault()
        if fault in (CallFault.LOST, CallFault.FAILED_BEFORE, CallFault.RATE_LIMITED):
            await Wait(self.env.timeout(self.patience_s))
            raise Unavailable("the node does not answer")
        try:
            answer = self.model.anchor(asked)
        finally:
            await self._travel("before its answer arrives")
        if fault is not None:
            raise Unavailable("the node's answer is lost")
        return answer

    async def _travel(self, step: str) -> None:
        latency_s = self.random.expovariate(2 / self.latency_mean_s)
        self.danger(latency_s, step)
        await Wait(self.env.timeout(latency_s))
