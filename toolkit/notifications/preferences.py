"""How people say where they want to be told: read as it is, and set at once.

Unlike a command about money it does not travel through the broker, which would keep an
address for a week: it is one transaction of this service's own judgement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from toolkit.core.message import Message, derived, first
from toolkit.core.ports import Clock, Database, Delivery, Partition
from toolkit.messages.notifications import (
    Channel,
    Preference,
    ReplaceSecret,
    ReportReturn,
    SetPreference,
)
from toolkit.notifications.audience import ALARMS, TOLD
from toolkit.notifications.service import wire
from toolkit.notifications.signing import SecretMaker
from toolkit.runtime.handler import BatchHandler
from toolkit.runtime.retry import persistently

DESK = Partition("preferences", 0)  # where wishes come from: no broker's partition


@dataclass(frozen=True, slots=True)
class PreferenceDesk:
    """Takes wishes and what came back of letters, and shows what is set."""

    database: Database
    clock: Clock
    secrets: SecretMaker | None = None  # absent, webhooks are not connected

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

    @property
    def has_webhooks(self) -> bool:
        """Say whether webhooks are connected: then there are secrets to sign them."""
        return self.secrets is not None

    async def set(self, wish: SetPreference) -> str | None:
        """Set one channel's preference; answer the secret of a new endpoint, and only then.

        The same again changes nothing.
        """
        before = await self._serial(wish)
        said = repr((wish.actor_id, wish.address, wish.is_enabled, wish.muted))
        said += " as a fallback" if wish.is_fallback else ""
        await self._judge(wish, "preference", wish.channel, said)
        return await self._issued(wish, before)

    async def replace_secret(self, wish: ReplaceSecret) -> str | None:
        """Answer the secret that signs from now on; None where there is no endpoint."""
        before = await self._serial(wish)
        await self._judge(wish, "secret", wish.actor_id)
        return await self._issued(wish, before)

    async def report(self, report: ReportReturn) -> bool:
        """Take back that a letter was delivered; answer False if it is known already."""
        id = derived("letter came back", report.notification_id)
        return await self._handle(report, id) == 1

    async def _serial(self, wish: Message) -> int:
        """Say which secret of an endpoint is the present one."""
        if getattr(wish, "channel", Channel.WEBHOOK) is not Channel.WEBHOOK:
            return 0
        found = [p.signing for p in await self.of(wish.key) if p.signing]
        return found[0].serial if found else 0

    async def _issued(self, wish: Message, before: int) -> str | None:
        serial = await self._serial(wish)
        if self.secrets is None or serial == before:
            return None
        return self.secrets.secret(wish.key, serial)

    async def _judge(self, wish: Message, *said: str) -> None:
        now = self.clock.now()
        what, *more = said
        id = derived(what, wish.key, *more[:-1], now.isoformat(), more[-1])
        await self._handle(wish, id)

    async def _handle(self, message: Message, id: UUID) -> int:
        envelope = first(message, id, self.clock.now())
        delivery = Delivery(
            partition=DESK, offset=0, key=envelope.key, envelope=envelope, cargo=envelope
        )
        handler = BatchHandler("notifications", self.database, self.clock, wire())
        return await persistently(self.clock, id, lambda: handler.handle([delivery]))
