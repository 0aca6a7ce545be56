"""The person who looks after dead letters: what nobody can use is discarded, by two."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from sims.world.garbage import is_poison
from sims.world.platform import Platform
from toolkit.core.errors import Conflict, Unavailable
from toolkit.core.ports import Agreed, DeadLetter
from toolkit.runtime.handler import BatchHandler
from toolkit.topology import ROUTES

LOOKS_EVERY = timedelta(hours=2)


async def attend(platform: Platform) -> None:
    """Look now and then for what could not be read, and let what waits behind it go on."""
    while True:
        await platform.clock.sleep(LOOKS_EVERY)
        for service, number, letter in list(_waiting(platform)):
            await _discard(platform, service, letter, number)


def _waiting(platform: Platform) -> Iterator[tuple[str, int, DeadLetter]]:
    """Find the letters that hold up a key; behind one there may be another."""
    for service, database in platform.databases.items():
        settled = {each.agreed.letter_id for each in database.settled}
        held_up: set[str] = set()
        for number, letter in enumerate(database.dead_letters, start=1):
            is_ours = is_poison(letter.cargo, platform.poisoned) and number not in settled
            if is_ours and letter.key in database.parked.keys() - held_up:
                held_up.add(letter.key)
                yield service, number, letter


async def _discard(
    platform: Platform, service: str, letter: DeadLetter, number: int
) -> None:
    handler = BatchHandler(
        service, platform.databases[service], platform.clock, ROUTES[service]()
    )
    agreed = Agreed(
        request_id=number,
        letter_id=number,
        again=None,
        approved_by="a second person",
        approved_at=platform.clock.now(),
    )
    with suppress(Conflict, Unavailable):  # the next look shows what came of it
        await handler.resume(letter.key, agreed)
