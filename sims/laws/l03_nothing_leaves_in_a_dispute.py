"""L3: while a dispute is open nothing is sent to the seller that had not left before it."""

from __future__ import annotations

from uuid import UUID

from sims.laws.law import Committed, Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.core.ports import Partition
from toolkit.escrow.state import Delivered, Disputed
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.custody import HoldTransfer
from toolkit.messages.payments import TransferRequested, TransferToSeller


def watching(platform: Platform) -> Watching:
    asked: dict[UUID, str] = {}  # holds, by the id of the command
    held: set[str] = set()

    def said(_partition: Partition, envelope: Envelope) -> Complaints:
        if isinstance(envelope.message, HoldTransfer):
            asked[envelope.id] = envelope.key
        yield from ()

    def committed(transaction: MemoryTransaction) -> Complaints:
        held.update(asked[id] for id in transaction.claims if id in asked)
        for effects in transaction.writes:
            for event in effects.events:
                if isinstance(event.message, TransferRequested):
                    held.discard(event.key)
            for entry in effects.agenda:
                key = entry.envelope.key
                if isinstance(entry.envelope.message, TransferToSeller) and key in held:
                    yield f"the payout of {key} left, although it was held"

    return Watching(
        committed={"payments": committed, "escrow": _escrow(platform)}, said=said
    )


def _escrow(platform: Platform) -> Committed:
    states = platform.databases["escrow"].states

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for sent in effects.outbox:
                if not isinstance(sent.message, TransferToSeller):
                    continue
                state = states[sent.key].state
                decided = isinstance(state, Disputed) and state.resolution is not None
                if not (decided or isinstance(state, Delivered)):
                    yield f"escrow {sent.key} pays its seller while {type(state).__name__}"

    return committed
