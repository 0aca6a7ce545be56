"""Stripe's public test payment methods, and how each of them behaves."""

from __future__ import annotations

from dataclasses import dataclass

DECLINE_MESSAGES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again later.",
}


@dataclass(frozen=True, slots=True)
class Method:
    brand: str = "visa"
    declined_with: str | None = None
    decline_code: str | None = None
    is_disputed: bool = False
    refund_is_pending: bool = False
    refund_fails: bool = False
    is_bank_debit: bool = False
    debit_fails: bool = False


def _declined(code: str, decline_code: str | None = None) -> Method:
    return Method(declined_with=code, decline_code=decline_code)


DECLINED = _declined("card_declined", "generic_decline")
METHODS = {
    "pm_card_visa": Method(),
    "pm_card_visa_debit": Method(),
    "pm_card_mastercard": Method("mastercard"),
    "pm_card_amex": Method("amex"),
    "pm_card_discover": Method("discover"),
    "pm_card_chargeDeclined": DECLINED,
    "pm_card_visa_chargeDeclined": DECLINED,
    "pm_card_chargeDeclinedInsufficientFunds": _declined(
        "card_declined", "insufficient_funds"
    ),
    "pm_card_chargeDeclinedFraudulent": _declined("card_declined", "fraudulent"),
    "pm_card_chargeDeclinedLostCard": _declined("card_declined", "lost_card"),
    "pm_card_chargeDeclinedExpiredCard": _declined("expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declined("incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declined("processing_error"),
    "pm_card_createDispute": Method(is_disputed=True),
    "pm_card_pendingRefund": Method(refund_is_pending=True),
    "pm_card_refundFail": Method(refund_fails=True),
    "pm_usBankAccount_success": Method(is_bank_debit=True),
    "pm_usBankAccount_insufficientFunds": Method(is_bank_debit=True, debit_fails=True),
}
