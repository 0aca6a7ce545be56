"""How people say where they want to be told: read as it is, and set at once.

Unlike a command about money it does not travel through the broker, which would keep an
address for a week: it is one transaction of this service's own judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.core.message import derived, first
from toolkit.core.ports import Clock, Database, Delivery, Partition
from toolkit.messages.notifications import Preference, SetPreference
from toolkit.notifications.audience import ALARMS, TOLD
from toolkit.notifications.service import wire
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import persistently

DESK = Partition("preferences", 0)  # where wishes come from: no broker's partition


@dataclass(frozen=True, slots=True)
class PreferenceDesk:
    """Takes wishes, and shows what they are."""

    database: Database
    clock: Clock

    @property
    def events(self) -> Sequence[str]:
        """Name all that people are told of, and may mute."""
        return sorted([*(event.__name__ for event in TOLD), *ALARMS])

    async def of(self, person_id: str) -> Sequence[Preference]:
        """Read what a person has set."""
        async with self.database.transaction() as transaction:
            snapshot = await transaction.open([], [person_id])
        found = snapshot.states.get(person_id)
        preferences: Sequence[Preference] = found.state.preferences if found else ()
        return preferences

    async def set(self, wish: SetPreference) -> None:
        """Set one channel's preference; the same again changes nothing."""
        now = self.clock.now()
        said = repr((wish.actor_id, wish.address, wish.is_enabled, wish.muted))
        id = derived("preference", wish.key, wish.channel, now.isoformat(), said)
        envelope = first(wish, id, now)
        delivery = Delivery(
            partition=DESK, offset=0, key=envelope.key, envelope=envelope, cargo=envelope
        )
        handler = BatchHandler("notifications", self.database, self.clock, wire())
        await persistently(self.clock, id, lambda: handler.handle([delivery]))
