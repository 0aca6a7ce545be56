"""What impatient and dishonest people do to a door that takes commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from uuid import UUID

from toolkit.core.message import Command
from toolkit.core.money import Money
from toolkit.escrow.policy import TIMER
from toolkit.messages.escrow import (
    CancelEscrow,
    CancelReason,
    MarkDelivered,
    RaiseDispute,
    ReleaseFunds,
    ReleaseReason,
    Resolution,
    ResolveDispute,
)

REPEATS_MAX = 20
FAR_TOO_MUCH = Money(10**15)
NOBODY = "mallory"
Ask = CancelEscrow | MarkDelivered | RaiseDispute | ReleaseFunds


def abused(command: Command, id: UUID, random: Random) -> Iterator[tuple[UUID, Command]]:
    """Ask before them what others have no say in, and then say the same again and again.

    What comes under an id that was used before is nothing new, whatever it says.
    """
    if isinstance(command, Ask):
        yield _another(random), replace(command, actor_id=NOBODY)
        yield _another(random), _as_the_timer(command)
    if isinstance(command, ResolveDispute):
        yield _another(random), replace(command, dispute_id=str(_another(random)))
        yield (
            _another(random),
            replace(command, resolution=Resolution.SPLIT, seller_amount=FAR_TOO_MUCH),
        )
    yield id, command
    for _ in range(random.randint(1, REPEATS_MAX)):
        yield id, command
    if isinstance(command, Ask):
        yield id, _as_the_timer(command)


def _as_the_timer(command: Ask) -> Command:
    """Pretend that time is up."""
    if isinstance(command, MarkDelivered | ReleaseFunds):
        return ReleaseFunds(
            escrow_id=command.escrow_id,
            actor_id=TIMER,
            reason=ReleaseReason.AUTO_RELEASE,
        )
    return CancelEscrow(
        escrow_id=command.escrow_id, actor_id=TIMER, reason=CancelReason.TIMEOUT
    )


def _another(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
