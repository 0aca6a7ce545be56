"""Refunds: money on its way back to the buyer, which may yet bounce."""

from __future__ import annotations

from datetime import timedelta

from sims.world.faults import REFUND_FAILS
from sims.world.stripe import charges, wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import invalid_parameter, missing_parameter, refused
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    amount,
    merged_metadata,
    metadata,
    one_of,
    refuse_unknown,
    text,
)
from sims.world.stripe.records import Charge, Refund
from sims.world.stripe.wire import Wire

PENDING_FOR = timedelta(days=1)
FAILS_AFTER = timedelta(days=3)
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
ACCEPTED = frozenset({
    "charge", "payment_intent", "amount", "reason", "metadata", "reverse_transfer",
    "refund_application_fee", "instructions_email",
})  # fmt: skip


def create(books: Books, params: Params) -> Wire:
    refuse_unknown(params, ACCEPTED)
    charge = _charge(books, params)
    asked_minor = amount(params)
    reason = one_of(params, "reason", REASONS)
    labels = metadata(params)
    if charge.withdrawn_minor:
        raise refused(
            f"Charge {charge.id} has been charged back; cannot issue a refund.",
            "charge_disputed",
        )
    if charge.unrefunded_minor == 0:
        raise refused(
            f"Charge {charge.id} has already been refunded.", "charge_already_refunded"
        )
    amount_minor = charge.unrefunded_minor if asked_minor is None else asked_minor
    if amount_minor > charge.unrefunded_minor:
        raise refused(
            f"Refund amount ({amount_minor}) is greater than unrefunded amount on charge "
            f"({charge.unrefunded_minor}).",
            param="amount",
        )
    is_pending = charges.method_of(charge).refund_is_pending
    refund = Refund(
        id=books.ids.next("re"),
        created_at=books.now(),
        amount_minor=amount_minor,
        currency=charge.currency,
        metadata=labels,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        reason=reason,
        status="pending" if is_pending else "succeeded",
        pending_reason="processing" if is_pending else None,
    )
    return wire.refund(_give_back(books, charge, refund))


def _give_back(books: Books, charge: Charge, refund: Refund) -> Refund:
    """Money that was pending goes back from there; fees are not returned."""
    refund.balance_transaction = books.book(
        -refund.amount_minor,
        refund.currency,
        refund.id,
        type="refund",
        category="refund",
        available_on=charge.available_on,
        description=charge.description,
    ).id
    before = {"amount_refunded": charge.refunded_minor}
    charge.refunded_minor += refund.amount_minor
    books.refunds.add(refund, charge=charge.id, payment_intent=refund.payment_intent)
    books.emit("refund.created", wire.refund(refund))
    books.emit("charge.refunded", wire.charge(charge), before)
    if refund.status == "pending":
        books.later(books.now() + PENDING_FOR, lambda: _settle(books, refund))
    if charges.method_of(charge).refund_fails or books.dice.strikes(REFUND_FAILS):
        books.later(books.now() + FAILS_AFTER, lambda: _bounce(books, refund))
    return refund


def _settle(books: Books, refund: Refund) -> None:
    if refund.status == "pending":
        refund.status, refund.pending_reason = "succeeded", None
        _announce(books, refund, "refund.updated", {"status": "pending"})


def _bounce(books: Books, refund: Refund) -> None:
    if refund.status in ("pending", "succeeded"):
        fail(books, refund)


def fail(books: Books, refund: Refund, reason: str = "expired_or_canceled_card") -> Refund:
    """The buyer's bank sends the money back to us, also after a success was reported."""
    if refund.status not in ("pending", "succeeded"):
        raise refused(f"Refund {refund.id} is {refund.status}.")
    before = {"status": refund.status}
    _undo(books, refund, "failed")
    refund.failure_reason = reason
    _announce(books, refund, "refund.updated", before)
    books.emit("refund.failed", wire.refund(refund), before)
    return refund


def cancel(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    refund = found(books.refunds, "refund", id)
    if refund.status != "pending":
        raise refused(
            f"Refund {id} is {refund.status}; only a pending one can be canceled."
        )
    _undo(books, refund, "canceled")
    _announce(books, refund, "refund.updated", {"status": "pending"})
    return wire.refund(refund)


def _undo(books: Books, refund: Refund, status: str) -> None:
    charge = found(books.charges, "charge", refund.charge)
    refund.status, refund.pending_reason = status, None
    charge.refunded_minor -= refund.amount_minor
    refund.failure_balance_transaction = books.book(
        refund.amount_minor,
        refund.currency,
        refund.id,
        type="refund_failure",
        category="refund_failure",
        available_on=charge.available_on,
        description=charge.description,
    ).id


def _announce(books: Books, refund: Refund, type: str, before: Wire) -> None:
    shape = wire.refund(refund)
    books.emit(type, shape, before)
    books.emit("charge.refund.updated", shape, before)


def _charge(books: Books, params: Params) -> Charge:
    id, intent_id = text(params, "charge"), text(params, "payment_intent")
    if id is None and intent_id is None:
        raise missing_parameter("charge")
    if id is not None and intent_id is not None:
        raise invalid_parameter("Pass charge or payment_intent, not both.", "charge")
    if intent_id is not None:
        intent = found(
            books.payment_intents, "payment_intent", intent_id, param="payment_intent"
        )
        if intent.status != "succeeded" or intent.latest_charge is None:
            raise refused(
                f"PaymentIntent {intent_id} does not have a successful charge to refund."
            )
        id = intent.latest_charge
    charge = found(books.charges, "charge", id or "", param="charge")
    if charge.status != "succeeded":
        raise refused(f"Charge {charge.id} did not succeed; there is nothing to refund.")
    return charge


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.refund(found(books.refunds, "refund", id))


def update(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset({"metadata"}))
    refund = found(books.refunds, "refund", id)
    refund.metadata = merged_metadata(refund.metadata, params)
    _announce(books, refund, "refund.updated", {})
    return wire.refund(refund)


def list_all(books: Books, params: Params) -> Wire:
    return page(
        books.refunds,
        params,
        "/v1/refunds",
        wire.refund,
        references=("charge", "payment_intent"),
    )
