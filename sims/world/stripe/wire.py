"""The shape of every object in Stripe's API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sims.world.stripe.records import (
    BalanceTransaction,
    Charge,
    Dispute,
    Event,
    PaymentIntent,
    Payout,
    Refund,
    Reversal,
    Topup,
    Transfer,
)

API_VERSION = "2026-10-28.endive"
Wire = dict[str, Any]
CARD_ONLY = ["card"]  # one list for all: an intent is cheap to remember that way


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def listed(url: str, data: list[Wire], *, has_more: bool) -> Wire:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def payment_intent(intent: PaymentIntent) -> Wire:
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount_minor,
        "amount_capturable": 0,
        "amount_received": intent.amount_received_minor,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": intent.canceled_at and unix(intent.canceled_at),
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": "automatic",
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "created": unix(intent.created_at),
        "currency": intent.currency,
        "customer": None,
        "description": intent.description,
        "last_payment_error": intent.last_payment_error,
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "metadata": dict(intent.metadata),
        "next_action": None,
        "payment_method": intent.payment_method,
        "payment_method_types": CARD_ONLY,
        "processing": None,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


def charge(charge: Charge) -> Wire:
    is_paid = charge.status == "succeeded"
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount_minor,
        "amount_captured": charge.amount_minor if is_paid else 0,
        "amount_refunded": charge.refunded_minor,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": charge.balance_transaction,
        "captured": is_paid,
        "created": unix(charge.created_at),
        "currency": charge.currency,
        "customer": None,
        "description": charge.description,
        "disputed": charge.dispute is not None,
        "failure_balance_transaction": None,
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "livemode": False,
        "metadata": dict(charge.metadata),
        "paid": is_paid,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method,
        "refunded": is_paid and charge.unrefunded_minor == 0,
        "source_transfer": None,
        "status": charge.status,
        "transfer_data": None,
        "transfer_group": charge.transfer_group,
    }


def reversal(reversal: Reversal) -> Wire:
    return {
        "id": reversal.id,
        "object": "transfer_reversal",
        "amount": reversal.amount_minor,
        "balance_transaction": reversal.balance_transaction,
        "created": unix(reversal.created_at),
        "currency": reversal.currency,
        "destination_payment_refund": None,
        "metadata": dict(reversal.metadata),
        "source_refund": None,
        "transfer": reversal.transfer,
    }


def transfer(transfer: Transfer) -> Wire:
    newest = [reversal(each) for each in reversed(transfer.reversals[-10:])]
    return {
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.amount_minor,
        "amount_reversed": transfer.reversed_minor,
        "balance_transaction": transfer.balance_transaction,
        "created": unix(transfer.created_at),
        "currency": transfer.currency,
        "description": transfer.description,
        "destination": transfer.destination,
        "destination_payment": transfer.destination_payment,
        "livemode": False,
        "metadata": dict(transfer.metadata),
        "reversals": {
            **listed(
                f"/v1/transfers/{transfer.id}/reversals",
                newest,
                has_more=len(transfer.reversals) > len(newest),
            ),
            "total_count": len(transfer.reversals),
        },
        "reversed": transfer.reversed_minor == transfer.amount_minor,
        "source_transaction": transfer.source_transaction,
        "source_type": "card",
        "transfer_group": transfer.transfer_group,
    }


def refund(refund: Refund) -> Wire:
    shape = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount_minor,
        "balance_transaction": refund.balance_transaction,
        "charge": refund.charge,
        "created": unix(refund.created_at),
        "currency": refund.currency,
        "metadata": dict(refund.metadata),
        "payment_intent": refund.payment_intent,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }
    if refund.pending_reason is not None:
        shape["pending_reason"] = refund.pending_reason
    if refund.failure_reason is not None:
        shape["failure_reason"] = refund.failure_reason
        shape["failure_balance_transaction"] = refund.failure_balance_transaction
    return shape


def dispute(dispute: Dispute, transactions: list[Wire]) -> Wire:
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount_minor,
        "balance_transactions": transactions,
        "charge": dispute.charge,
        "created": unix(dispute.created_at),
        "currency": dispute.currency,
        "evidence": {},
        "evidence_details": {"has_evidence": False, "past_due": False},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": dict(dispute.metadata),
        "payment_intent": dispute.payment_intent,
        "reason": dispute.reason,
        "status": dispute.status,
    }


def payout(payout: Payout) -> Wire:
    return {
        "id": payout.id,
        "object": "payout",
        "amount": payout.amount_minor,
        "arrival_date": unix(payout.arrival_at),
        "automatic": False,
        "balance_transaction": payout.balance_transaction,
        "created": unix(payout.created_at),
        "currency": payout.currency,
        "description": payout.description,
        "destination": None,
        "failure_balance_transaction": payout.failure_balance_transaction,
        "failure_code": payout.failure_code,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(payout.metadata),
        "method": "standard",
        "original_payout": payout.original_payout,
        "reconciliation_status": "not_applicable",
        "reversed_by": payout.reversed_by,
        "source_type": "card",
        "statement_descriptor": None,
        "status": payout.status,
        "trace_id": {
            "status": "supported" if payout.trace_id else "pending",
            "value": payout.trace_id,
        },
        "type": "bank_account",
    }


def topup(topup: Topup) -> Wire:
    return {
        "id": topup.id,
        "object": "topup",
        "amount": topup.amount_minor,
        "balance_transaction": topup.balance_transaction,
        "created": unix(topup.created_at),
        "currency": topup.currency,
        "description": topup.description,
        "expected_availability_date": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(topup.metadata),
        "source": None,
        "statement_descriptor": None,
        "status": "succeeded",
        "transfer_group": topup.transfer_group,
    }


def balance_transaction(transaction: BalanceTransaction, now: datetime) -> Wire:
    fees = {
        "amount": transaction.fee_minor,
        "application": None,
        "currency": transaction.currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return {
        "id": transaction.id,
        "object": "balance_transaction",
        "amount": transaction.amount_minor,
        "available_on": unix(transaction.available_on),
        "balance_type": "payments",
        "created": unix(transaction.created_at),
        "currency": transaction.currency,
        "description": transaction.description,
        "exchange_rate": None,
        "fee": transaction.fee_minor,
        "fee_details": [fees] if transaction.fee_minor else [],
        "net": transaction.net_minor,
        "reporting_category": transaction.reporting_category,
        "source": transaction.source,
        "status": "available" if transaction.available_on <= now else "pending",
        "type": transaction.type,
    }


def event(event: Event) -> Wire:
    data: Wire = {"object": event.object}
    if event.previous_attributes is not None:
        data["previous_attributes"] = event.previous_attributes
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": unix(event.created_at),
        "data": data,
        "livemode": False,
        "pending_webhooks": event.pending_webhooks,
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }
