"""I9: a service has read each record, and handled, parked or buried what concerns it."""

from __future__ import annotations

from sims.laws.law import Committed, Complaints, Watching
from sims.world.garbage import is_poison
from sims.world.platform import Platform, salt
from toolkit.core.message import Envelope
from toolkit.infra.memory import MemoryDatabase, MemoryTransaction
from toolkit.topology import routes_of


def watching(platform: Platform) -> Watching:
    """What waits behind a dead letter is not overtaken by what comes after it."""
    names = ("escrow", "payments", "projections", "notifications")
    return Watching(committed={n: _in_order(platform.databases[n], n) for n in names})


def _in_order(database: MemoryDatabase, name: str) -> Committed:
    def committed(transaction: MemoryTransaction) -> Complaints:
        if not database.parked:
            return
        for effects in transaction.writes:
            buried = {letter.key for letter in effects.dead_letters}
            for event in effects.events:
                if event.key in database.parked and event.key not in buried:
                    yield f"{name} said {event.type} of {event.key}, which is parked"

    return committed


def at_rest(platform: Platform) -> Complaints:
    for name, group in platform.broker.groups.items():
        database = platform.databases.get(name)
        if database is None:
            continue  # the archive keeps no offsets here: its files do
        heard = routes_of(name, salt)
        known = _known(database)
        for partition in group.partitions:
            log = platform.broker.logs[partition]
            cursor = database.cursors.get(partition)
            read = cursor.offset if cursor else 0
            if read != len(log):
                yield f"{name} has read {read} of {len(log)} in {partition}"
            for envelope in log[:read]:
                if type(envelope.message) in heard and envelope.id not in known:
                    yield f"{name} never handled {envelope.type} {envelope.id}"
    for name, database in platform.databases.items():
        for letter in database.dead_letters:
            if not is_poison(letter.cargo, platform.poisoned):
                yield f"{name} buried {letter.key}: {letter.error}"
        for key in database.parked:
            yield f"{name} never let {key} go on"
    yield from poison(platform)


def poison(platform: Platform) -> Complaints:
    """What nobody can handle lies among the dead letters of whoever hears of it."""
    buried = {
        getattr(letter.cargo, "id", None)
        for database in platform.databases.values()
        for letter in database.dead_letters
    }
    causes = {
        envelope.id
        for log in platform.broker.logs.values()
        for envelope in log
        if platform.poisoned and is_poison(envelope, platform.poisoned)
    }
    for id in causes - buried:
        yield f"{id}, which nobody can handle, was buried by nobody"


def _known(database: MemoryDatabase) -> set[object]:
    """What was handled, and what waits for somebody to look at it."""
    letters = [e.cargo for e in database.dead_letters if isinstance(e.cargo, Envelope)]
    parked = [d.envelope for waiting in database.parked.values() for d in waiting]
    return database.claimed | {e.id for e in (*letters, *parked) if e}
