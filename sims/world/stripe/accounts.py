"""Accounts: our own, and those of the sellers who receive transfers."""

from __future__ import annotations

from sims.world.stripe.books import Books
from sims.world.stripe.errors import no_such
from sims.world.stripe.params import Params, refuse_unknown
from sims.world.stripe.wire import Wire


def retrieve_own(books: Books, params: Params) -> Wire:
    return retrieve(books, params, books.account)


def retrieve(books: Books, params: Params, id: str) -> Wire:
    """Any `acct_` exists: sellers sign up at Stripe, not here."""
    refuse_unknown(params, frozenset())
    if not id.startswith("acct_"):
        raise no_such("account", id)
    known = books.accounts.get(id)
    can_receive = known is None or known.can_receive_transfers
    return {
        "id": id,
        "object": "account",
        "capabilities": {"transfers": "active" if can_receive else "inactive"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "metadata": {},
        "payouts_enabled": True,
        "type": "express",
    }
