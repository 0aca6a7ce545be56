"""Disputes: the cardholder's bank takes the money back, and sometimes returns it."""

from __future__ import annotations

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import refused
from sims.world.stripe.lists import page
from sims.world.stripe.params import Params, merged_metadata, refuse_unknown
from sims.world.stripe.records import Charge, Dispute
from sims.world.stripe.wire import Wire

DISPUTE_FEE_MINOR = 1500
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
EVIDENCE = frozenset({"evidence", "submit", "metadata"})


def open_if_possible(books: Books, charge: Charge, reason: str) -> None:
    """A bank's dispute comes to nothing when the money has gone back already."""
    if charge.unrefunded_minor > 0 and charge.dispute is None:
        open_dispute(books, charge, reason)


def open_dispute(books: Books, charge: Charge, reason: str = "fraudulent") -> Dispute:
    """The bank withdraws what was not refunded yet, and Stripe takes its fee."""
    if charge.status != "succeeded" or charge.unrefunded_minor == 0:
        raise refused(f"Charge {charge.id} has nothing left to dispute.", param="charge")
    if charge.dispute is not None:
        raise refused(f"Charge {charge.id} has been disputed before.", param="charge")
    dispute = Dispute(
        id=books.ids.next("dp"),
        created_at=books.now(),
        amount_minor=charge.unrefunded_minor,
        currency=charge.currency,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        reason=reason,
    )
    books.disputes.add(dispute, charge=charge.id, payment_intent=charge.payment_intent)
    charge.dispute = dispute.id
    charge.withdrawn_minor = dispute.amount_minor
    _move(books, dispute, -dispute.amount_minor, "dispute", DISPUTE_FEE_MINOR)
    books.emit("charge.dispute.created", shape_of(books, dispute))
    books.emit("charge.dispute.funds_withdrawn", shape_of(books, dispute))
    return dispute


def close_dispute(books: Books, dispute: Dispute, *, is_won: bool) -> Dispute:
    """The bank has decided. A win returns the amount; the fee stays with Stripe."""
    if dispute.status not in OPEN:
        raise refused(f"Dispute {dispute.id} is {dispute.status} already.")
    before = {"status": dispute.status}
    dispute.status = "won" if is_won else "lost"
    if is_won:
        found(books.charges, "charge", dispute.charge).withdrawn_minor = 0
        _move(books, dispute, dispute.amount_minor, "dispute_reversal", 0)
    books.emit("charge.dispute.closed", shape_of(books, dispute), before)
    if is_won:
        books.emit("charge.dispute.funds_reinstated", shape_of(books, dispute))
    return dispute


def _move(
    books: Books, dispute: Dispute, amount_minor: int, category: str, fee_minor: int
) -> None:
    charge = found(books.charges, "charge", dispute.charge)
    transaction = books.book(
        amount_minor,
        dispute.currency,
        dispute.id,
        type="adjustment",
        category=category,
        fee_minor=fee_minor,
        description=charge.description,
    )
    dispute.balance_transactions.append(transaction.id)


def shape_of(books: Books, dispute: Dispute) -> Wire:
    lines = (books.transactions.by_id[id] for id in dispute.balance_transactions)
    now = books.now()
    return wire.dispute(dispute, [wire.balance_transaction(line, now) for line in lines])


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return shape_of(books, found(books.disputes, "dispute", id))


def update(books: Books, params: Params, id: str) -> Wire:
    """Evidence sent with `submit` puts the dispute under review."""
    refuse_unknown(params, EVIDENCE)
    dispute = found(books.disputes, "dispute", id)
    if dispute.status not in OPEN:
        raise refused(f"This dispute is already closed: it was {dispute.status}.")
    before = {"status": dispute.status}
    dispute.metadata = merged_metadata(dispute.metadata, params)
    if params.get("submit") in (True, "true"):
        dispute.status = "under_review"
    books.emit("charge.dispute.updated", shape_of(books, dispute), before)
    return shape_of(books, dispute)


def close(books: Books, params: Params, id: str) -> Wire:
    """The platform gives in: the dispute is lost."""
    refuse_unknown(params, frozenset())
    dispute = found(books.disputes, "dispute", id)
    return shape_of(books, close_dispute(books, dispute, is_won=False))


def list_all(books: Books, params: Params) -> Wire:
    return page(
        books.disputes,
        params,
        "/v1/disputes",
        lambda dispute: shape_of(books, dispute),
        references=("charge", "payment_intent"),
    )
