"""I11: whoever lost a partition commits nothing of it, and no offset is passed over."""

from __future__ import annotations

from sims.laws.law import Committed, Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.ports import Cursor, Partition
from toolkit.infra.memory import MemoryTransaction


def watching(platform: Platform) -> Watching:
    return Watching(
        committed={name: _fenced(platform, name) for name in platform.databases}
    )


def at_rest(platform: Platform) -> Complaints:
    """Each owner has an epoch of its own, or nobody could tell it from the one before."""
    for name, database in platform.databases.items():
        for partition, owner in database.taken_over.items():
            if (count := database.takes[partition]) > owner.epoch:
                yield f"{name} took {partition} {count} times, in epoch {owner.epoch}"


def _fenced(platform: Platform, name: str) -> Committed:
    database = platform.databases[name]
    newest: dict[Partition, Cursor] = database.taken_over

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for cursor in effects.cursors:
                owner = newest.get(cursor.partition)
                if owner is None or cursor.epoch != owner.epoch:
                    yield f"{name} wrote {cursor} in the time of {owner}"
                elif cursor.offset < owner.offset:
                    yield f"{name} went back from {owner.offset} with {cursor}"
                else:
                    newest[cursor.partition] = cursor

    return committed
