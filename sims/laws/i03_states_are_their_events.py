"""I3: a stored state is the fold of its events, and a view the fold of both topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sims.laws.law import Complaints
from sims.world.platform import Platform
from toolkit.escrow.decider import escrow
from toolkit.escrow.policy import name_of
from toolkit.payments.decider import payments
from toolkit.projections.evolve import folded
from toolkit.projections.service import HEARD

FOLDS: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "escrow": (escrow.initial, escrow.evolve),
    "payments": (payments.initial, payments.evolve),
}


def at_rest(platform: Platform) -> Complaints:
    for service, (initial, evolve) in FOLDS.items():
        database = platform.databases[service]
        states: dict[str, Any] = {}
        for envelope in database.events:
            before = states.get(envelope.key, initial)
            states[envelope.key] = evolve(before, envelope.message)
        for key, (state, _) in database.states.items():
            if state != states.get(key, initial):
                yield f"{service} {key} is not what its events make of it"
    yield from views(platform)


def views(platform: Platform) -> Complaints:
    """A view that is made anew is the same, and its state is the escrow's."""
    databases = platform.databases
    said = {e.id: e for log in platform.broker.logs.values() for e in reversed(log)}
    anew = folded(reversed(said.values()), HEARD)
    for key, (view, _) in databases["projections"].states.items():
        if key not in anew or anew[key].state != view:
            yield f"the view of {key} is not what its events make of it"
    for key, (state, _) in databases["escrow"].states.items():
        shown = platform.view(key)
        name = shown.state.value if shown else "ABSENT"
        if name != name_of(state):
            yield f"escrow {key} is {name_of(state)} and shown as {name}"
