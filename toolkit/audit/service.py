"""What the audit service listens to, who in here answers, and what it asks of the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from toolkit.audit.decider import Eraser, Keeper, Policy, witness
from toolkit.audit.entry import Salts
from toolkit.audit.note import Checkpoint, Signer
from toolkit.core.message import Event, Message
from toolkit.messages.audit import (
    AnchorCheckpoint,
    AnchorNewest,
    AppendEntry,
    CloseCheckpoint,
    ErasePersonalData,
    PersonalDataErased,
    RecordAnchor,
    RecordSignature,
    SignCheckpoint,
)
from toolkit.messages.closing import AuditAnchored
from toolkit.messages.topics import RECORDS
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker
from toolkit.runtime.handler import Routes

LOG = (AppendEntry, CloseCheckpoint, RecordSignature, AnchorNewest, RecordAnchor)
BUSINESS = frozenset({"escrow.events.v1", "payments.events.v1", "closing.events.v1"})
# Whatever happens to a deal or its money, and that somebody had a trail forget people.
WITNESSED: tuple[type[Message], ...] = (
    *(
        cls
        for cls in RECORDS
        if issubclass(cls, Event)
        and cls.topic in BUSINESS
        and cls is not AuditAnchored  # it tells of the log, and would make it grow for ever
    ),
    PersonalDataErased,
)


class Anchor(Protocol):
    """A chain that keeps a root for ever, once for each intent.

    Raises Unavailable while nobody answers, and Unfinished while the transaction is on its
    way: whoever asks again with the same intent learns what became of it.
    """

    async def anchor(self, asked: AnchorCheckpoint) -> RecordAnchor: ...


@dataclass(frozen=True, slots=True)
class Notary:
    """Performs what the log asks for: signs at once, and anchors when the chain has it."""

    signer: Signer
    anchor: Anchor | None
    breaker: Breaker

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:  # noqa: ARG002 - shape
        match command:
            case SignCheckpoint():
                return [self._sign(command)]
            case AnchorCheckpoint():
                return [await self._anchor(command)]
            case unknown:
                raise AssertionError(f"nobody performs a {type(unknown).__name__}")

    def _sign(self, asked: SignCheckpoint) -> RecordSignature:
        checkpoint = Checkpoint(
            origin=self.signer.name,
            size=asked.size,
            root=bytes.fromhex(asked.merkle_root),
            chain_head=bytes.fromhex(asked.chain_head),
        )
        return RecordSignature(
            log_id=asked.log_id,
            size=asked.size,
            merkle_root=asked.merkle_root,
            note=self.signer.sign(checkpoint.text),
        )

    async def _anchor(self, asked: AnchorCheckpoint) -> RecordAnchor:
        assert self.anchor is not None, "without a chain nothing is to be anchored"
        chain = self.anchor
        return await self.breaker.call(lambda: chain.anchor(asked))


def wire(salts: Salts, policy: Policy) -> Routes:
    """Every event goes into its trail; what audit says to itself goes to the log."""
    return {
        **dict.fromkeys(WITNESSED, witness(salts)),
        **dict.fromkeys(LOG, Keeper(policy)),
        ErasePersonalData: Eraser(),
    }
