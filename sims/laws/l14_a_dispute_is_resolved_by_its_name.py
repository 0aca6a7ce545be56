"""L14: only what was disputed is resolved, and a seller's part is less than the whole."""

from __future__ import annotations

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.money import Money
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.escrow import (
    EscrowDisputed,
    EscrowDisputeResolved,
    EscrowFundsHeld,
)


def watching(_platform: Platform) -> Watching:
    raised: set[tuple[str, str]] = set()
    held: dict[str, Money] = {}

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for event in effects.events:
                match event.message:
                    case EscrowFundsHeld(amount=amount):
                        held[event.key] = amount
                    case EscrowDisputed(dispute_id=id):
                        raised.add((event.key, id))
                    case EscrowDisputeResolved() as ended:
                        yield from resolved(event.key, ended)

    def resolved(key: str, ended: EscrowDisputeResolved) -> Complaints:
        if (key, ended.dispute_id) not in raised:
            yield f"{ended.dispute_id} of {key} was resolved, and nobody had raised it"
        part, whole = ended.seller_amount, held.get(key)
        if part and whole and not 0 < part.minor < whole.minor:
            yield f"{part} of {whole} is the seller's part of {key}"

    return Watching(committed={"escrow": committed})
