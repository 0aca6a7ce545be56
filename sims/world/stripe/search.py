"""Searching by our own labels once an answer got lost: `metadata["escrow_id"]:"E1"`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sims.world.stripe import wire
from sims.world.stripe.books import Books
from sims.world.stripe.errors import invalid_parameter
from sims.world.stripe.lists import page
from sims.world.stripe.params import Params, refuse_unknown, required_text
from sims.world.stripe.records import Charge, PaymentIntent
from sims.world.stripe.wire import Wire
from sims.world.table import Table

SEARCHABLE_AFTER = timedelta(minutes=1)  # the index lags, as Stripe warns
CLAUSE = re.compile(
    r"""(?:metadata\[["'](?P<key>[^"']+)["']\]|(?P<field>status|currency))"""
    r""":["'](?P<value>[^"']*)["']"""
)
Found = TypeVar("Found", PaymentIntent, Charge)
Clause = tuple[str | None, str | None, str]


def payment_intents(books: Books, params: Params) -> Wire:
    url = "/v1/payment_intents/search"
    return _search(books, params, books.payment_intents, url, wire.payment_intent)


def charges(books: Books, params: Params) -> Wire:
    return _search(books, params, books.charges, "/v1/charges/search", wire.charge)


def _search(
    books: Books,
    params: Params,
    table: Table[Found],
    url: str,
    shape: Callable[[Found], Wire],
) -> Wire:
    refuse_unknown(params, frozenset({"query", "limit", "page"}))
    clauses = [_clause(each) for each in required_text(params, "query").split(" AND ")]
    until = books.now() - SEARCHABLE_AFTER
    rows = [
        row
        for row in table
        if row.created_at <= until and all(_meets(row, clause) for clause in clauses)
    ]
    paging = {"limit": params.get("limit"), "starting_after": params.get("page")}
    result = page(table, paging, url, shape, rows=rows)
    last = result["data"][-1]["id"] if result["has_more"] else None
    return {**result, "object": "search_result", "next_page": last}


def _clause(text: str) -> Clause:
    match = CLAUSE.fullmatch(text.strip())
    if match is None:
        raise invalid_parameter(
            f"Cannot search for {text}. This sandbox knows metadata['key']:'value', "
            "status:'…' and currency:'…', joined by AND.",
            "query",
        )
    return match["key"], match["field"], match["value"]


def _meets(row: PaymentIntent | Charge, clause: Clause) -> bool:
    key, field, value = clause
    if key is not None:
        return row.metadata.get(key) == value
    assert field is not None
    return bool(getattr(row, field) == value)
