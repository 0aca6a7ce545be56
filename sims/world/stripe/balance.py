"""The balance as the API shows it, and the lines it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.lists import page
from sims.world.stripe.params import Params, refuse_unknown
from sims.world.stripe.wire import Wire


def retrieve(books: Books, params: Params) -> Wire:
    refuse_unknown(params, frozenset())
    return {
        "object": "balance",
        "available": _amounts(books.funds.available_minor),
        "livemode": False,
        "pending": _amounts(books.funds.pending_minor),
    }


def _amounts(minor: Mapping[str, int]) -> list[Wire]:
    return [
        {"amount": minor[code], "currency": code, "source_types": {"card": minor[code]}}
        for code in sorted({"usd", *minor})
    ]


def retrieve_transaction(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    line = found(books.transactions, "balance transaction", id)
    return wire.balance_transaction(line, books.now())


def list_transactions(books: Books, params: Params) -> Wire:
    now = books.now()
    return page(
        books.transactions,
        params,
        "/v1/balance_transactions",
        lambda line: wire.balance_transaction(line, now),
        references=("source",),
        attributes=("currency", "type"),
    )
