"""I6: no command is lost: who waits for time has a timer, and nothing is left undone."""

from __future__ import annotations

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.message import derived
from toolkit.escrow.state import AwaitFunds, Delivered
from toolkit.infra.memory import MemoryTransaction

TIMERS = {AwaitFunds: "fund by", Delivered: "auto release"}


def watching(platform: Platform) -> Watching:
    agenda = platform.databases["escrow"].agenda

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            moved = {e.key for e in effects.events if e.type != "EscrowRefusedCommand"}
            for key in moved:
                state = effects.states[key].state
                timer = TIMERS.get(type(state))
                if timer and derived("escrow", key, timer) not in agenda:
                    yield f"escrow {key} is {type(state).__name__} without {timer!r}"

    return Watching(committed={"escrow": committed})


def at_rest(platform: Platform) -> Complaints:
    for name, database in platform.databases.items():
        if database.outbox:
            yield f"{name} has {len(database.outbox)} messages in its outbox"
        for entry in database.agenda.values():
            yield f"{name} still means to {entry.envelope.type} at {entry.due_at}"
