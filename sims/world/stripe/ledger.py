"""What the provider's own books hold for each of our references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sims.world.stripe.books import Books
from sims.world.stripe.params import Params, integer, refuse_unknown, text
from sims.world.stripe.records import (
    Charge,
    Dispute,
    PaymentIntent,
    Refund,
    Reversal,
    Transfer,
)
from sims.world.stripe.wire import Wire

Movement = PaymentIntent | Charge | Transfer | Reversal | Refund | Dispute
UNREFERENCED = ""


def parent(books: Books, row: Movement) -> Movement:
    """The object whose labels speak for this one: the charge, or the transfer."""
    match row:
        case Refund() | Dispute():
            return books.charges.by_id[row.charge]
        case Reversal():
            return books.transfers.by_id[row.transfer]
    return row


def label(books: Books, row: Movement, name: str) -> str:
    """Our reference on an object, its own or its parent's."""
    for each in (row, parent(books, row)):
        if name == "transfer_group":
            value = getattr(each, "transfer_group", None)
        else:
            value = each.metadata.get(name)
        if value:
            return str(value)
    return UNREFERENCED


def movements(books: Books) -> Iterable[tuple[str, Movement]]:
    """Everything that happened; attempts that came to nothing are left out."""
    yield from (("payment_intent", row) for row in books.payment_intents)
    yield from (("charge", row) for row in books.charges if row.status == "succeeded")
    yield from (("transfer", row) for row in books.transfers)
    yield from (("transfer_reversal", row) for row in books.reversals)
    yield from (
        ("refund", row) for row in books.refunds if row.status in ("pending", "succeeded")
    )
    yield from (("dispute", row) for row in books.disputes)


def by_reference(books: Books, params: Params) -> Wire:
    """Per value of `reference` (a metadata key, or transfer_group): how many of each kind.

    `value` asks for one only, `at_least` for those where some kind occurs that often.
    """
    refuse_unknown(params, frozenset({"reference", "value", "at_least"}))
    name, value = text(params, "reference") or "transfer_group", text(params, "value")
    at_least = integer(params, "at_least") or 0
    entries: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for kind, row in movements(books):
        reference = label(books, row, name)
        if value is None or reference == value:
            entry = entries[reference].setdefault(
                kind, {"count": 0, "amount": 0, "ids": []}
            )
            entry["count"] += 1
            entry["amount"] += row.amount_minor
            entry["ids"].append(row.id)
    return {
        "reference": name,
        "entries": {
            reference: kinds
            for reference, kinds in sorted(entries.items())
            if any(entry["count"] >= at_least for entry in kinds.values())
        },
    }
