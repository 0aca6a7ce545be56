"""Top-ups: own money paid in, to cover fees and lost disputes."""

from __future__ import annotations

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.funds import SETTLEMENT, day_of
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    currency,
    metadata,
    refuse_unknown,
    required_amount,
    text,
)
from sims.world.stripe.records import Topup
from sims.world.stripe.wire import Wire

ACCEPTED = frozenset({
    "amount", "currency", "description", "metadata", "source", "statement_descriptor",
    "transfer_group",
})  # fmt: skip


def create(books: Books, params: Params) -> Wire:
    refuse_unknown(params, ACCEPTED)
    topup = Topup(
        id=books.ids.next("tu"),
        created_at=books.now(),
        amount_minor=required_amount(params),
        currency=currency(params),
        metadata=metadata(params),
        description=text(params, "description"),
        transfer_group=text(params, "transfer_group"),
    )
    topup.balance_transaction = books.book(
        topup.amount_minor,
        topup.currency,
        topup.id,
        type="topup",
        category="topup",
        available_on=day_of(books.now()) + SETTLEMENT,
        description=topup.description,
    ).id
    books.topups.add(topup)
    books.emit("topup.created", wire.topup(topup))
    books.emit("topup.succeeded", wire.topup(topup))
    return wire.topup(topup)


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.topup(found(books.topups, "topup", id))


def list_all(books: Books, params: Params) -> Wire:
    return page(books.topups, params, "/v1/topups", wire.topup)
