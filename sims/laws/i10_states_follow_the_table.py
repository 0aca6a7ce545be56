"""I10: an escrow moves only along the contract's table, and every move has its event."""

from __future__ import annotations

from sims.laws.law import Complaints, Watching
from sims.world.platform import Platform
from toolkit.core.ports import Effects
from toolkit.escrow.policy import name_of
from toolkit.infra.memory import MemoryTransaction

LIVE = frozenset({"FUNDS_HELD", "DELIVERED", "DISPUTED"})
# Each event, and the states in which it may be said. What it leads to is the fold's affair.
TABLE = {
    "EscrowCreated": frozenset({"ABSENT"}),
    "EscrowAwaitFunds": frozenset({"AGREED"}),
    "EscrowFundsHeld": frozenset({"AWAIT_FUNDS"}),
    "EscrowCancelled": frozenset({"AWAIT_FUNDS"}),
    "EscrowDelivered": frozenset({"FUNDS_HELD"}),
    "EscrowDisputed": LIVE,
    "EscrowDisputeResolved": frozenset({"DISPUTED"}),
    "EscrowReleased": frozenset({"DELIVERED", "DISPUTED"}),
    "EscrowReleaseReversed": frozenset({"RELEASED"}),
    "EscrowRefunded": LIVE | {"RELEASED"},
}
# Where an escrow may be once this was said of it: written down apart from the fold.
AFTER = {
    "EscrowCreated": frozenset({"AGREED"}),
    "EscrowAwaitFunds": frozenset({"AWAIT_FUNDS"}),
    "EscrowFundsHeld": frozenset({"FUNDS_HELD"}),
    "EscrowCancelled": frozenset({"CANCELLED"}),
    "EscrowDelivered": frozenset({"DELIVERED"}),
    "EscrowDisputed": frozenset({"DISPUTED"}),
    "EscrowDisputeResolved": LIVE | {"RELEASED", "REFUNDED"},
    "EscrowReleased": frozenset({"RELEASED", "DISPUTED"}),
    "EscrowReleaseReversed": frozenset({"RELEASED"}),
    "EscrowRefunded": frozenset({"REFUNDED", "DISPUTED", "RELEASED"}),
}


def watching(_platform: Platform) -> Watching:
    at: dict[str, frozenset[str]] = {}
    nowhere = frozenset({"ABSENT"})

    def committed(transaction: MemoryTransaction) -> Complaints:
        for effects in transaction.writes:
            for event in effects.events:
                if event.type not in TABLE:
                    continue
                before = at.get(event.key, nowhere)
                if not before & TABLE[event.type]:
                    states = " or ".join(sorted(before))
                    yield f"{event.type} of {event.key}, which was {states}"
                at[event.key] = AFTER[event.type]
            for key, (state, _) in effects.states.items():
                name = name_of(state)
                if name not in at.get(key, nowhere):
                    yield f"escrow {key} is {name}, and no event says so"
                at[key] = frozenset({name})
            yield from numbered(effects)

    return Watching(committed={"escrow": committed, "payments": numbered_in})


def numbered_in(transaction: MemoryTransaction) -> Complaints:
    for effects in transaction.writes:
        yield from numbered(effects)


def numbered(effects: Effects) -> Complaints:
    """A state counts its events: none changed it that is not there."""
    for event in effects.events:
        found, state = effects.found.get(event.key), effects.states.get(event.key)
        if found is None or state is None or event.version is None:
            yield f"{event.type} of {event.key} changed no state"
        elif not found < event.version <= state.version:
            yield f"{event.type} of {event.key} is version {event.version} out of order"
