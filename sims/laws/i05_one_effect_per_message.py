"""I5: a message has its effects once, however often it comes and whoever reuses its id."""

from __future__ import annotations

from uuid import UUID

from sims.laws.law import Committed, Complaints, Watching
from sims.world.platform import Platform
from toolkit.infra.memory import MemoryTransaction


def watching(platform: Platform) -> Watching:
    return Watching(committed={name: _once(name) for name in platform.databases})


def _once(name: str) -> Committed:
    commits = 0
    led_at: dict[UUID, int] = {}  # in which commit a message had its effects
    said: set[UUID] = set()

    def committed(transaction: MemoryTransaction) -> Complaints:
        nonlocal commits
        commits += 1
        for effects in transaction.writes:
            for event in effects.events:
                if event.id in said:
                    yield f"{name} said {event.type} {event.id} twice"
                said.add(event.id)
                cause = event.causation_id
                if cause and led_at.setdefault(cause, commits) != commits:
                    yield f"{name} answered {cause} twice: {event.type} {event.id}"

    return committed
