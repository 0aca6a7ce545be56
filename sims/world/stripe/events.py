"""Events of the last thirty days, for those who missed a webhook."""

from __future__ import annotations

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.lists import page
from sims.world.stripe.params import Params, flag, refuse_unknown, texts
from sims.world.stripe.wire import Wire

FILTERS = frozenset({"types", "delivery_success"})


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.event(found(books.events, "event", id))


def list_all(books: Books, params: Params) -> Wire:
    """By type or types; `delivery_success=false` finds those that have not arrived yet."""
    rest = {name: params[name] for name in params if name not in FILTERS}
    rows = books.events.rows
    if types := frozenset(texts(params, "types")):
        rows = [event for event in rows if event.type in types]
    if "delivery_success" in params:
        has_arrived = flag(params, "delivery_success")
        rows = [event for event in rows if (event.pending_webhooks == 0) is has_arrived]
    return page(
        books.events, rest, "/v1/events", wire.event, attributes=("type",), rows=rows
    )
