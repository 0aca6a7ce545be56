"""The card rail: what to say to Stripe for a command, and what its objects mean to us.

Separate charges and transfers: the charge is taken at once and the transfer follows, since
a card authorisation would lapse long before an inspection ends.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from toolkit.core.errors import Declined
from toolkit.core.message import Message, derived, record
from toolkit.core.money import Currency, Money
from toolkit.messages.escrow import Rail
from toolkit.messages.payments import (
    CancelPaymentIntent,
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    CreatePaymentIntent,
    InitiateRefund,
    InspectPayment,
    PaymentFailed,
    PaymentIntentCancelled,
    PaymentIntentCreated,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
    ReverseTransfer,
    TransferFailed,
    TransferReversalFailed,
    TransferReversed,
    TransferSucceeded,
    TransferToSeller,
)
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.horizon import CLOCKS_DIFFER, looks_first, refuse_past_horizon

NO_SUCH = "Stripe has no such object in {}"

log = logging.getLogger(__name__)

Object = Mapping[str, Any]
Params = Mapping[str, Any]


class Stripe(Protocol):
    """Stripe's API as we use it. Objects are its own, as mappings.

    Every method raises Declined when Stripe says no, and Unavailable when it says nothing
    or the outcome is unknown.
    """

    async def create(self, resource: str, params: Params, key: str) -> Object:
        """Create a `payment_intents`, `transfers` or `refunds` object."""
        ...

    async def cancel_payment_intent(self, id: str, key: str) -> Object: ...
    async def reverse_transfer(self, id: str, params: Params, key: str) -> Object: ...

    async def retrieve(self, id: str) -> Object:
        """Read any object by its id, with what we look at expanded."""
        ...

    def created_since(
        self, resource: str, since: datetime, **filters: str
    ) -> AsyncIterator[Object]:
        """List a resource from newest to oldest, all pages."""
        ...


@record
class StripeRail:
    """Performs payment commands at Stripe; the answers are facts for the decider."""

    api: Stripe

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        match command:
            case CreatePaymentIntent():
                return await self._open(command, attempt)
            case CancelPaymentIntent(provider_ref=str(ref)):
                return await self._cancel(ref, attempt)
            case TransferToSeller():
                return await self._transfer(command, attempt)
            case ReverseTransfer():
                return await self._reverse(command, attempt)
            case InitiateRefund():
                return await self._refund(command, attempt)
            case InspectPayment(object_ref=ref):
                return await self._inspect(ref)
            case unknown:
                raise AssertionError(f"nothing Stripe can do: {unknown!r}")

    async def _inspect(self, ref: str) -> Sequence[Message]:
        try:
            return facts(await self.api.retrieve(ref))
        except Declined as no:
            log.warning("a webhook told of %s, which Stripe does not show: %s", ref, no)
            return []

    async def _open(self, ask: CreatePaymentIntent, attempt: Attempt) -> Sequence[Message]:
        params = {
            "amount": ask.amount.minor,
            "currency": ask.amount.currency.lower(),
            "transfer_group": group(ask.escrow_id),
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {
                "escrow_id": ask.escrow_id,
                "payment_id": ask.payment_id,
                "payer_id": ask.payer_id,
            },
        }
        try:
            made = await self._once("payment_intents", params, attempt)
        except Declined as no:
            return [
                PaymentFailed(
                    escrow_id=ask.escrow_id,
                    payment_id=ask.payment_id,
                    rail=ask.rail,
                    reason=str(no),
                )
            ]
        return [
            PaymentIntentCreated(
                escrow_id=ask.escrow_id,
                payment_id=ask.payment_id,
                rail=ask.rail,
                amount=ask.amount,
                provider_ref=made["id"],
            )
        ]

    async def _cancel(self, ref: str, attempt: Attempt) -> Sequence[Message]:
        try:
            return facts(await self.api.cancel_payment_intent(ref, str(attempt.key)))
        except Declined:
            # It succeeded first, or was cancelled before: the object itself says which.
            return facts(await self.api.retrieve(ref))

    async def _transfer(self, ask: TransferToSeller, attempt: Attempt) -> Sequence[Message]:
        params = {
            "amount": ask.amount.minor,
            "currency": ask.amount.currency.lower(),
            "destination": ask.destination,
            "source_transaction": ask.source_ref,
            "transfer_group": group(ask.escrow_id),
            "metadata": {
                "escrow_id": ask.escrow_id,
                "payment_id": ask.payment_id,
                "transfer_id": ask.transfer_id,
                "intent_id": str(attempt.key),
            },
        }
        try:
            return facts(await self._once("transfers", params, attempt))
        except Declined as no:
            return [
                TransferFailed(
                    escrow_id=ask.escrow_id,
                    payment_id=ask.payment_id,
                    transfer_id=ask.transfer_id,
                    rail=ask.rail,
                    amount=ask.amount,
                    reason=str(no),
                )
            ]

    async def _reverse(self, ask: ReverseTransfer, attempt: Attempt) -> Sequence[Message]:
        """A seller who has spent the money cannot give it back yet, and says so."""
        params = {"amount": ask.amount.minor, "metadata": {"intent_id": str(attempt.key)}}
        try:
            sent = await self.api.retrieve(ask.provider_ref)
            made = {r["metadata"].get("intent_id") for r in _reversals(sent)}
            if str(attempt.key) not in made:
                refuse_past_horizon(attempt, NO_SUCH.format("transfer_reversals"))
                await self.api.reverse_transfer(ask.provider_ref, params, str(attempt.key))
        except Declined as no:
            return [
                TransferReversalFailed(
                    escrow_id=ask.escrow_id,
                    payment_id=ask.payment_id,
                    transfer_id=ask.transfer_id,
                    amount=ask.amount,
                    reason=str(no),
                )
            ]
        return facts(await self.api.retrieve(ask.provider_ref))

    async def _refund(self, ask: InitiateRefund, attempt: Attempt) -> Sequence[Message]:
        params = {
            "amount": ask.amount.minor,
            "charge": ask.source_ref,
            "metadata": {
                "escrow_id": ask.escrow_id,
                "payment_id": ask.payment_id,
                "refund_id": ask.refund_id,
                "intent_id": str(attempt.key),
            },
        }
        try:
            return facts(await self._once("refunds", params, attempt))
        except Declined as no:
            return [
                RefundFailed(
                    escrow_id=ask.escrow_id,
                    payment_id=ask.payment_id,
                    refund_id=ask.refund_id,
                    rail=ask.rail,
                    amount=ask.amount,
                    reason=str(no),
                )
            ]

    async def _once(self, resource: str, params: Params, attempt: Attempt) -> Object:
        """Create an object that exists at most once, however often this is tried."""
        params = {
            **params,
            "metadata": {**params["metadata"], "intent_id": str(attempt.key)},
        }
        if looks_first(attempt):
            made = await self._find(resource, attempt)
            if made is not None:
                return made
        refuse_past_horizon(attempt, NO_SUCH.format(resource))
        return await self.api.create(resource, params, str(attempt.key))

    async def _find(self, resource: str, attempt: Attempt) -> Object | None:
        """Look among what was made since we first asked, by our own reference."""
        since = attempt.since - CLOCKS_DIFFER
        async for made in self.api.created_since(resource, since):
            if made["metadata"].get("intent_id") == str(attempt.key):
                return await self.api.retrieve(made["id"])
        return None


def facts(found: Object) -> list[Message]:
    """Say what one of Stripe's objects means; without our reference it means nothing."""
    match found["object"]:
        case "payment_intent":
            return _payment_facts(found)
        case "transfer":
            return _transfer_facts(found)
        case "refund":
            return _refund_facts(found)
        case "dispute":
            return _dispute_facts(found)
        case _:
            return []


def group(escrow_id: str) -> str:
    """Stripe's name for all that moves for one escrow."""
    return f"escrow_{escrow_id}"


def _payment_facts(intent: Object) -> list[Message]:
    ours = intent["metadata"]
    if not {"escrow_id", "payment_id"} <= set(ours):
        return []
    names = {"escrow_id": ours["escrow_id"], "payment_id": ours["payment_id"]}
    match intent["status"]:
        case "succeeded":
            charge = intent["latest_charge"]
            booked = charge["balance_transaction"]
            return [
                PaymentSucceeded(
                    **names,
                    rail=Rail.STRIPE,
                    amount=_money(charge["amount"], charge["currency"]),
                    fee=_money(booked["fee"], booked["currency"]),
                    provider_ref=charge["id"],
                )
            ]
        case "canceled":
            return [PaymentIntentCancelled(**names, provider_ref=intent["id"])]
        case "requires_payment_method" if problem := intent.get("last_payment_error"):
            reason = problem.get("message") or problem.get("code") or "declined"
            return [PaymentFailed(**names, rail=Rail.STRIPE, reason=reason)]
        case _:
            return []


def _transfer_facts(transfer: Object) -> list[Message]:
    ours = transfer["metadata"]
    if "transfer_id" not in ours:
        return []
    names = {key: ours[key] for key in ("escrow_id", "payment_id", "transfer_id")}
    currency = transfer["currency"]
    sent = TransferSucceeded(
        **names,
        rail=Rail.STRIPE,
        amount=_money(transfer["amount"], currency),
        fee=_money(0, currency),
        provider_ref=transfer["id"],
        destination=transfer["destination"],
    )
    back = [
        TransferReversed(
            **names,
            amount=_money(reversal["amount"], currency),
            provider_ref=reversal["id"],
        )
        for reversal in _reversals(transfer)
    ]
    return [sent, *back]


def _refund_facts(refund: Object) -> list[Message]:
    charge = (
        refund["charge"]
        if isinstance(refund["charge"], Mapping)
        else {"id": refund["charge"]}
    )
    ours = {**charge.get("metadata", {}), **refund["metadata"]}
    if not {"escrow_id", "payment_id"} <= set(ours):
        return []
    names = {
        "escrow_id": ours["escrow_id"],
        "payment_id": ours["payment_id"],
        "refund_id": ours.get("refund_id") or str(derived("refund", refund["id"])),
        "rail": Rail.STRIPE,
        "amount": _money(refund["amount"], refund["currency"]),
    }
    match refund["status"]:
        case "succeeded":
            return [
                RefundSucceeded(**names, provider_ref=refund["id"], source_ref=charge["id"])
            ]
        case "failed" | "canceled":
            reason = refund.get("failure_reason") or "failed"
            return [RefundFailed(**names, reason=reason, provider_ref=refund["id"])]
        case _:
            return []


def _dispute_facts(dispute: Object) -> list[Message]:
    ours = dispute["charge"]["metadata"]
    booked = dispute["balance_transactions"]
    if not booked or not {"escrow_id", "payment_id"} <= set(ours):
        return []  # an inquiry takes no money
    names = {
        "escrow_id": ours["escrow_id"],
        "payment_id": ours["payment_id"],
        "dispute_ref": dispute["id"],
        "amount": _money(dispute["amount"], dispute["currency"]),
    }
    opened = ChargebackOpened(
        **names,
        charge_ref=dispute["charge"]["id"],
        fee=_money(sum(each["fee"] for each in booked), booked[0]["currency"]),
    )
    match dispute["status"]:
        case "won":
            return [opened, ChargebackClosed(**names, outcome=ChargebackOutcome.WON)]
        case "lost":
            return [opened, ChargebackClosed(**names, outcome=ChargebackOutcome.LOST)]
        case _:
            return [opened]


def _reversals(transfer: Object) -> list[Object]:
    """Oldest first; Stripe lists the newest first."""
    return list(reversed(transfer["reversals"]["data"]))


def _money(minor: int, currency: str) -> Money:
    return Money(minor, Currency(currency.upper()))
