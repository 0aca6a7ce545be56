"""Payouts of own money to the bank, which arrive two days later or come back."""

from __future__ import annotations

from datetime import timedelta

from sims.world.faults import PAYOUT_FAILS
from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import refused
from sims.world.stripe.funds import day_of
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    currency,
    metadata,
    one_of,
    refuse_unknown,
    required_amount,
    text,
)
from sims.world.stripe.records import Payout
from sims.world.stripe.wire import Wire

LEAVES_AFTER = timedelta(hours=1)
ARRIVES_AFTER = timedelta(days=2)
COMES_BACK_AFTER = timedelta(hours=15)
ACCEPTED = frozenset({
    "amount", "currency", "description", "destination", "metadata", "method",
    "source_type", "statement_descriptor",
})  # fmt: skip


def create(books: Books, params: Params) -> Wire:
    refuse_unknown(params, ACCEPTED)
    one_of(params, "method", ("standard",))
    payout = Payout(
        id=books.ids.next("po"),
        created_at=books.now(),
        amount_minor=required_amount(params),
        currency=currency(params),
        metadata=metadata(params),
        description=text(params, "description") or "STRIPE PAYOUT",
        arrival_at=day_of(books.now()) + ARRIVES_AFTER,
    )
    if payout.amount_minor > books.funds.available_minor[payout.currency]:
        raise refused(
            "You have insufficient available funds in your Stripe account for this payout.",
            "balance_insufficient",
        )
    _book(books, payout, "payout", "payout")
    books.emit("payout.created", wire.payout(payout))
    books.later(books.now() + LEAVES_AFTER, lambda: _leave(books, payout))
    books.later(payout.arrival_at, lambda: _arrive(books, payout))
    return wire.payout(payout)


def _book(books: Books, payout: Payout, type: str, category: str) -> None:
    payout.balance_transaction = books.book(
        -payout.amount_minor,
        payout.currency,
        payout.id,
        type=type,
        category=category,
        description=payout.description,
    ).id
    books.payouts.add(payout)


def _leave(books: Books, payout: Payout) -> None:
    if payout.status == "pending":
        payout.status = "in_transit"
        books.emit("payout.updated", wire.payout(payout), {"status": "pending"})


def _arrive(books: Books, payout: Payout) -> None:
    if payout.status != "in_transit":
        return
    payout.status, payout.trace_id = "paid", books.ids.next_digits("TRC", 15)
    books.emit("payout.paid", wire.payout(payout))
    if books.dice.strikes(PAYOUT_FAILS):
        books.later(books.now() + COMES_BACK_AFTER, lambda: _come_back(books, payout))


def _come_back(books: Books, payout: Payout) -> None:
    if payout.status == "paid":
        fail(books, payout)


def fail(books: Books, payout: Payout, code: str = "account_closed") -> Payout:
    """The bank refuses: the money returns as a reversal, even after `paid`."""
    if payout.status not in ("pending", "in_transit", "paid") or payout.original_payout:
        raise refused(f"Payout {payout.id} cannot fail any more: it is {payout.status}.")
    _reverse(books, payout, "failed", "payout_failure")
    payout.failure_code = code
    books.emit("payout.failed", wire.payout(payout))
    return payout


def cancel(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    payout = found(books.payouts, "payout", id)
    if payout.status != "pending":
        raise refused(
            f"Payout {id} is {payout.status}; only a pending one can be canceled."
        )
    _reverse(books, payout, "canceled", "payout_cancel")
    books.emit("payout.canceled", wire.payout(payout))
    return wire.payout(payout)


def _reverse(books: Books, payout: Payout, status: str, type: str) -> None:
    back = Payout(
        id=books.ids.next("po"),
        created_at=books.now(),
        amount_minor=-payout.amount_minor,
        currency=payout.currency,
        metadata={},
        description="REVERSAL OF A FAILED PAYOUT",
        arrival_at=books.now(),
        status=status,
        original_payout=payout.id,
    )
    _book(books, back, type, "payout_reversal")
    payout.status, payout.trace_id = status, None
    payout.reversed_by = back.id
    payout.failure_balance_transaction = back.balance_transaction


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.payout(found(books.payouts, "payout", id))


def list_all(books: Books, params: Params) -> Wire:
    return page(books.payouts, params, "/v1/payouts", wire.payout, attributes=("status",))
