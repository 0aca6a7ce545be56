"""Performs what notifications means to do: announcements are addressed, letters sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from toolkit.core.errors import Unavailable
from toolkit.core.message import Message, record
from toolkit.core.ports import Transactions
from toolkit.messages.notifications import (
    Announce,
    Audience,
    Channel,
    Parties,
    RecordOutcome,
    RouteNotification,
    SendNotification,
    Value,
)
from toolkit.notifications.audience import OPERATIONS_ID, person
from toolkit.runtime.agenda import Attempt

GIVE_UP_AFTER = timedelta(hours=24)  # older news is no news, but to a machine
OWN_SCHEDULE = frozenset({Channel.WEBHOOK})  # gives up by itself

log = logging.getLogger(__name__)


@record
class Delivered:
    """It is there; `place` is where the channel keeps the conversation."""

    place: str | None = None


@record
class Refused:
    """The channel said no, and will again; perhaps to every letter to this address."""

    reason: str
    is_unreachable: bool = False


class Messenger(Protocol):
    """A way to reach people. What it cannot say yet is Unavailable."""

    async def send(
        self, letter: SendNotification, attempt: Attempt
    ) -> Delivered | Refused: ...


@dataclass(frozen=True, slots=True)
class Post:
    """Sends each letter by its channel; a channel without a messenger refuses."""

    database: Transactions
    messengers: Mapping[Channel, Messenger]

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        match command:
            case Announce():
                return await self._announce(command, attempt)
            case SendNotification():
                return [await self._send(command, attempt)]
            case unknown:
                raise AssertionError(f"nobody performs a {type(unknown).__name__}")

    async def _announce(self, news: Announce, attempt: Attempt) -> Sequence[Message]:
        parties = news.parties or await self._parties(news.escrow_id)
        concerned = [a for a in news.audiences if parties or a is Audience.OPERATIONS]
        if len(concerned) < len(news.audiences) and not _is_late(attempt):
            raise Unavailable("the parties of this escrow are not known yet")
        about = (Value(name="contract_id", text=parties.contract_id),) if parties else ()
        return [
            RouteNotification(
                recipient_id=person(audience, parties) if parties else OPERATIONS_ID,
                audience=audience,
                template=news.template,
                cause=str(attempt.cause),
                values=(*news.values, *about),
            )
            for audience in concerned
        ]

    async def _parties(self, escrow_id: str) -> Parties | None:
        """Look again: they may have been learned since the news was written down."""
        async with self.database.transaction() as transaction:
            snapshot = await transaction.open([], [escrow_id])
        found = snapshot.states.get(escrow_id)
        parties: Parties | None = found.state.parties if found else None
        return parties

    async def _send(self, letter: SendNotification, attempt: Attempt) -> RecordOutcome:
        messenger = self.messengers.get(letter.channel)
        if messenger is None:
            refused = Refused(reason=f"the channel {letter.channel} is not connected")
            return _outcome(letter, attempt, refused)
        try:
            return _outcome(letter, attempt, await messenger.send(letter, attempt))
        except Unavailable as silence:
            if letter.channel in OWN_SCHEDULE or not _is_late(attempt):
                raise
            log.warning("%s is given up: %s", attempt.key, silence)
            refused = Refused(reason=f"given up after a day: {silence}")
            return _outcome(letter, attempt, refused)


def _is_late(attempt: Attempt) -> bool:
    return attempt.now - attempt.since > GIVE_UP_AFTER


def _outcome(
    letter: SendNotification, attempt: Attempt, answer: Delivered | Refused
) -> RecordOutcome:
    refused = answer if isinstance(answer, Refused) else None
    return RecordOutcome(
        recipient_id=letter.recipient_id,
        notification_id=letter.notification_id,
        channel=letter.channel,
        address=letter.address,
        template=letter.template,
        cause=letter.cause,
        attempts=attempt.number + 1,
        place=answer.place if isinstance(answer, Delivered) else None,
        failure=refused.reason if refused else None,
        is_unreachable=refused is not None and refused.is_unreachable,
        audience=letter.audience,
        values=letter.values,
    )
