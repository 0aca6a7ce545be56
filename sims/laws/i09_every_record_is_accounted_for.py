"""I9: a service has read each record, and handled, parked or buried what concerns it."""

from __future__ import annotations

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.core.message import Envelope
from toolkit.infra.memory import MemoryDatabase
from toolkit.topology import ROUTES


def at_rest(platform: Platform) -> Complaints:
    for name, group in platform.broker.groups.items():
        database = platform.databases.get(name)
        if database is None:
            continue  # the archive keeps no offsets here: its files do
        heard = ROUTES[name]()
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
            yield f"{name} buried {letter.key}: {letter.error}"


def _known(database: MemoryDatabase) -> set[object]:
    """What was handled, and what waits for somebody to look at it."""
    letters = [e.cargo for e in database.dead_letters if isinstance(e.cargo, Envelope)]
    parked = [d.envelope for waiting in database.parked.values() for d in waiting]
    return database.claimed | {e.id for e in (*letters, *parked) if e}
