"""Events of the last thirty days, for those who missed a webhook."""

from __future__ import annotations

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.lists import page
from sims.world.stripe.params import Params, refuse_unknown, texts
from sims.world.stripe.wire import Wire


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.event(found(books.events, "event", id))


def list_all(books: Books, params: Params) -> Wire:
    types = frozenset(texts(params, "types"))
    rest = {name: value for name, value in params.items() if name != "types"}
    rows = [event for event in books.events if event.type in types] if types else None
    return page(
        books.events, rest, "/v1/events", wire.event, attributes=("type",), rows=rows
    )
