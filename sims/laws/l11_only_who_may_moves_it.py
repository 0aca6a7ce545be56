"""L11: nothing is done at the word of somebody who has no say in it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Command, Envelope
from toolkit.core.ports import Partition
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.escrow import (
    EscrowAwaitFunds,
    EscrowCancelled,
    EscrowCreated,
    EscrowDelivered,
    EscrowDisputed,
    EscrowDisputeResolved,
)
from toolkit.messages.payments import TransferToSeller

BUYER, SELLER, TIMER, ARBITER = "buyer", "seller", "timer", "arbiter"
MAY = {  # at whose word it happens, where it happens at a person's word at all
    EscrowDelivered: {SELLER},
    EscrowCancelled: {BUYER, SELLER, TIMER},
    EscrowDisputed: {BUYER, SELLER},
    EscrowDisputeResolved: {ARBITER},
    TransferToSeller: {BUYER, TIMER, ARBITER},
}
TOPIC = "escrow.commands.v1"


def watching(platform: Platform) -> Watching:
    asked: dict[UUID, Command] = {}
    created: dict[str, EscrowCreated] = {}
    until: dict[str, datetime] = {}  # when time is up

    def said(partition: Partition, envelope: Envelope) -> Complaints:
        if partition.topic == TOPIC:
            asked.setdefault(envelope.id, envelope.message)
        yield from ()

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for envelope in effects.outbox:
                match envelope.message:
                    case EscrowCreated() as opened:
                        created[envelope.key] = opened
                    case EscrowAwaitFunds(fund_by=at) | EscrowDelivered(auto_release_at=at):
                        until[envelope.key] = at
                yield from judged(envelope)

    def judged(envelope: Envelope) -> Complaints:
        may = MAY.get(type(envelope.message))
        ask = asked.get(envelope.causation_id) if envelope.causation_id else None
        if may is None or ask is None or envelope.key not in created:
            return
        terms, actor = created[envelope.key], getattr(ask, "actor_id", None)
        roles = {terms.buyer_id: BUYER, terms.seller_id: SELLER}
        role = roles.get(str(actor), str(actor))
        if role == TIMER and envelope.occurred_at + platform.skew_max < until[envelope.key]:
            yield f"{envelope.type} of {envelope.key} came before {until[envelope.key]}"
        if role not in may:
            yield f"{type(ask).__name__} by {role} led to {envelope.type} of {envelope.key}"

    return Watching(committed={"escrow": committed}, said=said)
