"""Charges: money that came in, and how much of it is still there."""

from __future__ import annotations

from datetime import timedelta

from sims.world.stripe import disputes, wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.funds import SETTLEMENT, card_fee_minor, day_of
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    merged_metadata,
    refuse_unknown,
    text,
)
from sims.world.stripe.payment_methods import DECLINE_MESSAGES, METHODS, Method
from sims.world.stripe.records import Charge, PaymentIntent
from sims.world.stripe.wire import Wire

DISPUTED_AFTER = timedelta(seconds=1)


def attempt(
    books: Books, intent: PaymentIntent, payment_method: str, status: str
) -> Charge:
    """A charge carries its intent's metadata, as they were at this moment."""
    charge = Charge(
        id=books.ids.next("ch"),
        created_at=books.now(),
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        metadata=dict(intent.metadata),
        description=intent.description,
        transfer_group=intent.transfer_group,
        payment_intent=intent.id,
        payment_method=payment_method,
        status=status,
    )
    intent.latest_charge = charge.id
    return books.charges.add(
        charge, payment_intent=intent.id, transfer_group=intent.transfer_group
    )


def succeed(books: Books, charge: Charge) -> None:
    """Book the money: the fee is taken at once, the rest is available two days later."""
    charge.status = "succeeded"
    charge.available_on = day_of(books.now()) + SETTLEMENT
    transaction = books.book(
        charge.amount_minor,
        charge.currency,
        charge.id,
        type="charge",
        category="charge",
        fee_minor=card_fee_minor(charge.amount_minor),
        available_on=charge.available_on,
        description=charge.description,
    )
    charge.balance_transaction = transaction.id
    books.emit("charge.succeeded", wire.charge(charge))
    if METHODS[charge.payment_method].is_disputed:
        books.later(
            books.now() + DISPUTED_AFTER,
            lambda: disputes.open_if_possible(books, charge, "fraudulent"),
        )


def fail(books: Books, charge: Charge, code: str) -> None:
    charge.status = "failed"
    charge.failure_code = code
    charge.failure_message = DECLINE_MESSAGES.get(code, "The payment failed.")
    books.emit("charge.failed", wire.charge(charge))


def method_of(charge: Charge) -> Method:
    return METHODS[charge.payment_method]


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.charge(found(books.charges, "charge", id))


def update(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset({"metadata", "description"}))
    charge = found(books.charges, "charge", id)
    charge.metadata = merged_metadata(charge.metadata, params)
    charge.description = text(params, "description") or charge.description
    books.emit("charge.updated", wire.charge(charge))
    return wire.charge(charge)


def list_all(books: Books, params: Params) -> Wire:
    return page(
        books.charges,
        params,
        "/v1/charges",
        wire.charge,
        references=("payment_intent", "transfer_group"),
    )
