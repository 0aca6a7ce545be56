"""Payment intents: asking a buyer for money, until it is there or given up."""

from __future__ import annotations

from datetime import timedelta

from sims.world.faults import CARD_DECLINED
from sims.world.stripe import charges, wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import (
    StripeError,
    card_error,
    invalid_parameter,
    no_such,
    refused,
)
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    amount,
    currency,
    flag,
    merged_metadata,
    metadata,
    one_of,
    refuse_unknown,
    required_amount,
    text,
)
from sims.world.stripe.payment_methods import (
    DECLINE_MESSAGES,
    DECLINED,
    METHODS,
    Method,
)
from sims.world.stripe.records import PaymentIntent
from sims.world.stripe.wire import Wire

AMOUNT_LEAST_MINOR = 50
BANK_DEBIT_TAKES = timedelta(days=4)
CANCELLABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
)
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
ACCEPTED = frozenset({
    "amount", "currency", "metadata", "description", "transfer_group", "payment_method",
    "confirm", "capture_method", "automatic_payment_methods", "payment_method_types",
    "receipt_email", "statement_descriptor", "statement_descriptor_suffix",
    "confirmation_method", "off_session", "return_url", "setup_future_usage",
    "payment_method_options", "use_stripe_sdk", "customer",
})  # fmt: skip
CONFIRM_ACCEPTED = ACCEPTED - {
    "amount",
    "currency",
    "confirm",
    "metadata",
    "transfer_group",
}


def create(books: Books, params: Params) -> Wire:
    refuse_unknown(params, ACCEPTED)
    if (
        one_of(params, "capture_method", ("automatic", "automatic_async", "manual"))
        == "manual"
    ):
        raise invalid_parameter(
            "This sandbox captures at once: charge now and delay the transfer.",
            "capture_method",
        )
    id = books.ids.next("pi")
    intent = PaymentIntent(
        id=id,
        created_at=books.now(),
        amount_minor=required_amount(params, least_minor=AMOUNT_LEAST_MINOR),
        currency=currency(params),
        metadata=metadata(params),
        description=text(params, "description"),
        transfer_group=text(params, "transfer_group"),
        client_secret=f"{id}_{books.ids.next('secret')}",
    )
    method = text(params, "payment_method")
    if method is not None:
        _known_method(method)
        intent.payment_method, intent.status = method, "requires_confirmation"
    is_confirmed = flag(params, "confirm")
    books.payment_intents.add(intent, transfer_group=intent.transfer_group)
    books.emit("payment_intent.created", wire.payment_intent(intent))
    if is_confirmed:
        _pay(books, intent)
    return wire.payment_intent(intent)


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset({"client_secret"}))
    return wire.payment_intent(found(books.payment_intents, "payment_intent", id))


def update(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(
        params, frozenset({"amount", "metadata", "description", "payment_method"})
    )
    intent = found(books.payment_intents, "payment_intent", id)
    amount_minor = amount(params, least_minor=AMOUNT_LEAST_MINOR)
    if amount_minor is not None:
        _require(intent, CONFIRMABLE, "update the amount of")
        intent.amount_minor = amount_minor
    method = text(params, "payment_method")
    if method is not None:
        _require(intent, CONFIRMABLE, "update")
        _known_method(method)
        intent.payment_method, intent.status = method, "requires_confirmation"
    intent.metadata = merged_metadata(intent.metadata, params)
    intent.description = text(params, "description") or intent.description
    return wire.payment_intent(intent)


def confirm(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, CONFIRM_ACCEPTED)
    intent = found(books.payment_intents, "payment_intent", id)
    method = text(params, "payment_method") or intent.payment_method
    if method is not None:
        _known_method(method)
    _require(intent, CONFIRMABLE, "confirm")
    intent.payment_method = method
    _pay(books, intent)
    return wire.payment_intent(intent)


def cancel(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset({"cancellation_reason"}))
    reason = one_of(params, "cancellation_reason", CANCELLATION_REASONS)
    intent = found(books.payment_intents, "payment_intent", id)
    _require(intent, CANCELLABLE, "cancel")
    intent.status = "canceled"
    intent.canceled_at = books.now()
    intent.cancellation_reason = reason
    books.emit("payment_intent.canceled", wire.payment_intent(intent))
    return wire.payment_intent(intent)


def list_all(books: Books, params: Params) -> Wire:
    return page(books.payment_intents, params, "/v1/payment_intents", wire.payment_intent)


def _known_method(name: str) -> Method:
    if name not in METHODS:
        raise no_such("PaymentMethod", name, "payment_method", 400)
    return METHODS[name]


def _require(intent: PaymentIntent, statuses: tuple[str, ...], action: str) -> None:
    if intent.status not in statuses:
        raise refused(
            f"You cannot {action} this PaymentIntent because it has a status of "
            f"{intent.status}. Only a PaymentIntent with one of the following statuses "
            f"allows it: {', '.join(statuses)}.",
            "payment_intent_unexpected_state",
            payment_intent=wire.payment_intent(intent),
        )


def _pay(books: Books, intent: PaymentIntent) -> None:
    if intent.payment_method is None:
        raise refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            "payment_intent_unexpected_state",
            payment_intent=wire.payment_intent(intent),
        )
    method = METHODS[intent.payment_method]
    if method.declined_with is None and books.dice.strikes(CARD_DECLINED):
        method = DECLINED
    if method.declined_with is not None:
        raise _decline(books, intent, method)
    if method.is_bank_debit:
        _debit(books, intent, method)
        return
    charge = charges.attempt(books, intent, intent.payment_method, "pending")
    charges.succeed(books, charge)
    _succeed(books, intent)


def _succeed(books: Books, intent: PaymentIntent) -> None:
    intent.status = "succeeded"
    intent.amount_received_minor = intent.amount_minor
    intent.last_payment_error = None
    books.emit("payment_intent.succeeded", wire.payment_intent(intent))


def _decline(books: Books, intent: PaymentIntent, method: Method) -> StripeError:
    """The bank said no: the intent waits for another card."""
    code = method.declined_with or "card_declined"
    assert intent.payment_method is not None
    charge = charges.attempt(books, intent, intent.payment_method, "failed")
    charges.fail(books, charge, code)
    details = {"charge": charge.id}
    if method.decline_code:
        details["decline_code"] = method.decline_code
    _back_to_start(books, intent, "card_error", code, details)
    return card_error(
        DECLINE_MESSAGES[code],
        code,
        {"payment_intent": wire.payment_intent(intent), **details},
    )


def _back_to_start(
    books: Books, intent: PaymentIntent, type: str, code: str, details: dict[str, str]
) -> None:
    message = DECLINE_MESSAGES.get(code, "The payment failed.")
    intent.status = "requires_payment_method"
    intent.payment_method = None
    intent.last_payment_error = {"type": type, "code": code, "message": message, **details}
    books.emit("payment_intent.payment_failed", wire.payment_intent(intent))


def _debit(books: Books, intent: PaymentIntent, method: Method) -> None:
    """A bank debit is under way for days before anybody knows."""
    assert intent.payment_method is not None
    charge = charges.attempt(books, intent, intent.payment_method, "pending")
    intent.status = "processing"
    books.emit("charge.pending", wire.charge(charge))
    books.emit("payment_intent.processing", wire.payment_intent(intent))

    def settle() -> None:
        if method.debit_fails:
            charges.fail(books, charge, "payment_intent_payment_attempt_failed")
            details = {"charge": charge.id}
            _back_to_start(books, intent, "card_error", "insufficient_funds", details)
        else:
            charges.succeed(books, charge)
            _succeed(books, intent)

    books.later(books.now() + BANK_DEBIT_TAKES, settle)
