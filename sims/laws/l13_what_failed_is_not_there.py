"""L13: what we say has failed is not there, says the provider, at the moment of saying it.

A movement that the bank undid is there no more, and one that was withdrawn never left.
"""

from __future__ import annotations

from sims.laws.books import on_chain
from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Event
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.payments import RefundFailed, TransferFailed
from toolkit.payments.custodian_facts import Purpose

STANDS = ("succeeded", "pending")


def watching(platform: Platform) -> Watching:
    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for event in effects.events:
                if isinstance(event.message, TransferFailed | RefundFailed):
                    yield from contradicted(platform, event.message)

    return Watching(committed={"payments": committed})


def contradicted(platform: Platform, failed: Event) -> Complaints:
    """Look for it in the provider's own books."""
    books = platform.stripe.books
    match failed:
        case TransferFailed(transfer_id=id):
            name, purpose = f"transfer {id}", f"{Purpose.TRANSFER}:{id}"
            made = [t.id for t in books.transfers.rows if _ours(t, "transfer_id", id)]
        case RefundFailed(refund_id=id):
            name, purpose = f"refund {id}", f"{Purpose.REFUND}:{id}:"
            made = [
                r.id
                for r in books.refunds.rows
                if _ours(r, "refund_id", id) and r.status in STANDS
            ]
        case _:
            return
    made += [row.id for row in on_chain(platform) if f"{row.ref_id}:".startswith(purpose)]
    for found in made:
        yield f"{name} failed, we say, and {found} is there"


def _ours(row: object, reference: str, id: str) -> bool:
    metadata: dict[str, str] = getattr(row, "metadata", {})
    return metadata.get(reference) == id
