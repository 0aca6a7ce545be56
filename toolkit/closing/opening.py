"""How a closing begins: what a deal must be, and until when it is paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from toolkit.closing.policy import (
    HOUSE,
    TIMER,
    Practice,
    fees_minor,
    folded,
    milestones,
    wallet_of,
)
from toolkit.closing.refusals import refused
from toolkit.core.decider import Consequence, Later, Perform
from toolkit.core.money import Currency, Money
from toolkit.messages.closing import (
    CancellationReason,
    CancelTransaction,
    InitiateTransaction,
    TransactionInitiated,
)
from toolkit.messages.wallets import CreateWallet

EARNEST_BY = "earnest money by"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)  # ISO 8601 has other forms too


def initiate(
    ask: InitiateTransaction, now: datetime, practice: Practice
) -> Iterator[Consequence]:
    """Open a wallet for the deal, and wait so long for the earnest money."""
    if problem := in_the_way_of_initiating(ask, now):
        yield refused(ask, problem)
        return
    wallet_id, earnest_by = wallet_of(ask.transaction_id), now + practice.earnest_within
    planned = milestones(ask.transaction_id)
    yield TransactionInitiated(
        transaction_id=ask.transaction_id,
        wallet_id=wallet_id,
        amount=ask.earnest_money,
        buyer_id=ask.buyer_id,
        seller_id=ask.seller_id,
        property_id=ask.property_id,
        price=ask.price,
        closing_date=ask.closing_date,
        earnest_by=earnest_by,
        milestones=planned,
    )
    yield Perform(
        command=CreateWallet(
            transaction_id=ask.transaction_id,
            wallet_id=wallet_id,
            buyer_id=ask.buyer_id,
            milestones=planned,
        )
    )
    yield overdue(ask.transaction_id, earnest_by)


def in_the_way_of_initiating(ask: InitiateTransaction, now: datetime) -> str | None:
    """Say why there can be no such deal, or nothing."""
    fees = Money(fees_minor())
    if problem := _in_the_way_of_names(ask):
        return problem
    if {ask.price.currency, ask.earnest_money.currency} != {Currency.USD}:
        return "a closing is paid in USD"
    if ask.earnest_money < fees:
        return f"the earnest money does not cover the verifications: they cost {fees}"
    if ask.earnest_money > ask.price:
        return "the earnest money is more than the price"
    closes_on = _day(ask.closing_date)
    if closes_on is None:
        return f"the closing date {ask.closing_date!r:.40} is no date: write 2026-11-30"
    return "the closing date has passed" if closes_on < now.date() else None


def _day(text: str) -> date | None:
    """Read a day in its usual form, and in no other."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _in_the_way_of_names(ask: InitiateTransaction) -> str | None:
    for name in ("transaction_id", "buyer_id", "seller_id", "property_id"):
        written = folded(getattr(ask, name))
        if not written:
            return f"the {name} is blank"
        if written in (TIMER, HOUSE):
            return f"the {name} is {written!r}, which is a name of our own"
    if folded(ask.buyer_id) == folded(ask.seller_id):
        return "buyer and seller are the same"
    return None


def overdue(transaction_id: str, at: datetime) -> Later:
    """Let the deal fall through at this time, unless it is paid for."""
    unpaid = CancelTransaction(
        transaction_id=transaction_id,
        actor_id=TIMER,
        reason=CancellationReason.EARNEST_UNPAID,
    )
    return Later(name=EARNEST_BY, at=at, command=unpaid)
