"""I1: every journal transaction sums to zero in each currency."""

from __future__ import annotations

from collections import Counter

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.infra.memory import MemoryTransaction
from toolkit.payments.ledger import journal


def watching(_platform: Platform) -> Watching:
    return Watching(committed={"payments": committed})


def committed(transaction: MemoryTransaction) -> Complaints:
    for effects in transaction.writes:
        for event in effects.events:
            if not (lines := journal(event.message)):
                continue
            sums: Counter[str] = Counter()
            for line in lines:
                sums[line.currency] += line.minor
            if any(sums.values()):
                yield f"the journal of {event.type} {event.id} sums to {dict(sums)}"
