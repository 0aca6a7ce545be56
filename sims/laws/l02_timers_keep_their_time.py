"""L2: buyers have 72 hours to pay and 7 days to object, and timers speak then.

A timer may be refused only if it spoke while what makes it needless was under way.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.escrow.policy import TIMER
from toolkit.infra.memory import MemoryTransaction
from toolkit.messages.escrow import (
    EscrowAwaitFunds,
    EscrowDelivered,
    EscrowRefusedCommand,
)

TO_PAY, TO_OBJECT = timedelta(hours=72), timedelta(days=7)
LATE_MAX = timedelta(hours=1)  # a house that is down speaks when it is up again
RACES_FOR = timedelta(hours=1)


def watching(platform: Platform) -> Watching:
    clock = platform.clock

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for event in effects.events:
                yield from lengths(event)
            for entry in effects.answered:
                late, skew = clock.now() - entry.due_at, platform.skew_max
                if not entry.performs and not -skew <= late <= LATE_MAX + 2 * skew:
                    yield f"{entry.envelope.type} was due at {entry.due_at}, late by {late}"

    return Watching(committed={"escrow": committed})


def lengths(event: Envelope) -> Complaints:
    """What is promised is what was agreed, from the moment that it is said."""
    match event.message:
        case EscrowAwaitFunds(fund_by=until) if until - event.occurred_at != TO_PAY:
            yield f"{event.key} is to be paid within {until - event.occurred_at}"
        case EscrowDelivered(auto_release_at=until, delivered_at=at) if (
            until - at != TO_OBJECT or at != event.occurred_at
        ):
            yield f"{event.key} may be objected to within {until - event.occurred_at}"


def at_rest(platform: Platform) -> Complaints:
    latest: dict[str, datetime] = {}
    for envelope in platform.databases["escrow"].events:
        match envelope.message:
            case _ if envelope.causation_id in platform.abused:
                pass  # somebody else pretended that time is up
            case EscrowRefusedCommand() if platform.skew_max:
                pass  # what came too early by a wrong clock comes again
            case EscrowRefusedCommand(actor_id=actor, command=command) if actor == TIMER:
                needless_since = latest.get(envelope.key, envelope.occurred_at)
                if envelope.occurred_at - needless_since > RACES_FOR:
                    yield f"a forgotten timer asked escrow {envelope.key} to {command}"
            case _:
                latest[envelope.key] = envelope.occurred_at
