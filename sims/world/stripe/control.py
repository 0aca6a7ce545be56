"""Strings to pull in demos and tests; the platform never calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sims.world.faults import Faults, read_faults
from sims.world.stripe import disputes, ledger, payouts, refunds, rogue, wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import StripeError, invalid_parameter, refused
from sims.world.stripe.idempotency import IdempotencyKeys
from sims.world.stripe.params import (
    Params,
    amount,
    currency,
    flag,
    integer,
    one_of,
    required_amount,
    required_text,
    text,
)
from sims.world.stripe.response import Response
from sims.world.stripe.wire import Wire

Control = Callable[..., Wire]


def handle(
    books: Books, keys: IdempotencyKeys, method: str, path: str, params: Mapping[str, Any]
) -> Response:
    try:
        return Response(200, _perform(books, keys, method, path, params), {})
    except StripeError as error:
        return Response(error.http_status, error.body(), {})


def _perform(
    books: Books, keys: IdempotencyKeys, method: str, path: str, params: Params
) -> Wire:
    _, _, *parts = path.split("/")
    match method, parts:
        case "GET", ["health"]:
            return {
                "status": "ok",
                "now": books.now().isoformat(),
                "account": books.account,
            }
        case "GET", ["statistics"]:
            return statistics(books, keys)
        case "GET", ["ledger"]:
            return ledger.by_reference(books, params)
        case "GET", ["faults"]:
            return _show(books.dice.faults)
        case "POST", [noun]:
            if noun in ON_ALL:
                return ON_ALL[noun](books, params)
        case "POST", [noun, id, *rest]:
            verb = "/".join([noun, "*", *rest])
            if verb in ON_ONE:
                return ON_ONE[verb](books, params, id)
    raise StripeError(
        404, "invalid_request_error", f"No control {method} {path}. See --help for them."
    )


def statistics(books: Books, keys: IdempotencyKeys) -> Wire:
    tables = (
        "payment_intents", "charges", "transfers", "reversals", "refunds", "disputes",
        "payouts", "topups", "transactions", "events",
    )  # fmt: skip
    return {
        "objects": {name: getattr(books, name).added for name in tables},
        "faults_struck": dict(sorted(books.dice.struck.items())),
        "idempotent_replays": keys.replays,
        "webhooks": {**books.webhooks.tally, "queued": len(books.webhooks.queue)},
    }


def _show(faults: Faults) -> Wire:
    shape = asdict(faults)
    shape["outages"] = [
        {"start_at": each.start_at.isoformat(), "stop_at": each.stop_at.isoformat()}
        for each in faults.outages
    ]
    return shape


def _set_faults(books: Books, params: Params) -> Wire:
    """Replace the plan. `{"plan": "calm"}` heals everything."""
    try:
        books.dice.follow(read_faults(dict(params), "faults"))
    except ValueError as error:
        raise invalid_parameter(str(error), "faults") from error
    return _show(books.dice.faults)


def _strike_next(books: Books, params: Params, name: str) -> Wire:
    """Let a fault strike the next `count` times, whatever its probability."""
    if not isinstance(getattr(books.dice.faults, name, None), float) or name.endswith("_s"):
        raise invalid_parameter(
            f"No fault '{name}'; GET /_sandbox/faults lists them.", "name"
        )
    count = integer(params, "count")
    books.dice.order(name, 1 if count is None else count)
    return {"fault": name, "will_strike": books.dice.ordered[name]}


def _opening_balance(books: Books, params: Params) -> Wire:
    if len(books.transactions):
        raise refused("The opening balance is set before anything moves; use a top-up now.")
    code = currency(params)
    books.funds.open_with(required_amount(params), code)
    return {"currency": code, "opening_minor": books.funds.opening_minor[code]}


def _open_dispute(books: Books, params: Params) -> Wire:
    charge_id = text(params, "charge")
    if charge_id is None:
        intent_id = required_text(params, "payment_intent")
        intent = found(books.payment_intents, "payment_intent", intent_id)
        charge_id = intent.latest_charge or ""
    charge = found(books.charges, "charge", charge_id)
    reason = text(params, "reason") or "fraudulent"
    return disputes.shape_of(books, disputes.open_dispute(books, charge, reason))


def _close_dispute(books: Books, params: Params, id: str) -> Wire:
    required_text(params, "outcome")
    is_won = one_of(params, "outcome", ("won", "lost")) == "won"
    dispute = found(books.disputes, "dispute", id)
    return disputes.shape_of(books, disputes.close_dispute(books, dispute, is_won=is_won))


def _fail_refund(books: Books, _: Params, id: str) -> Wire:
    return wire.refund(refunds.fail(books, found(books.refunds, "refund", id)))


def _fail_payout(books: Books, _: Params, id: str) -> Wire:
    return wire.payout(payouts.fail(books, found(books.payouts, "payout", id)))


def _rogue_movement(books: Books, params: Params) -> Wire:
    """A charge, or a transfer from the available balance, that nobody asked for."""
    kind = one_of(params, "kind", ("charge", "transfer")) or "charge"
    amount_minor = amount(params) or 12_345
    if kind == "charge":
        return rogue.charge(books, amount_minor, "usd")
    destination = text(params, "destination") or rogue.STRANGER
    return rogue.transfer(books, amount_minor, "usd", destination)


def _account(books: Books, params: Params, id: str) -> Wire:
    """Block a seller's account, or let the seller spend what it holds."""
    account = books.connected(id)
    if "can_receive_transfers" in params:
        account.can_receive_transfers = flag(params, "can_receive_transfers")
    spent_minor = integer(params, "spend") or 0
    if spent_minor:
        account.balance_minor["usd"] = account.balance_minor.get("usd", 0) - spent_minor
    return asdict(account)


def _rotate_secret(books: Books, params: Params) -> Wire:
    overlap_s = integer(params, "overlap_s")
    overlap = timedelta(seconds=86_400 if overlap_s is None else overlap_s)
    books.secrets.rotate(required_text(params, "secret"), books.now(), overlap)
    return {"secrets": len(books.secrets.secrets)}


def _resend(books: Books, _: Params, id: str) -> Wire:
    """Deliver an event again, as the dashboard's Resend button does."""
    event = found(books.events, "event", id)
    books.webhooks.resend(event, books.now())
    return wire.event(event)


ON_ALL: dict[str, Control] = {
    "faults": _set_faults,
    "opening_balance": _opening_balance,
    "disputes": _open_dispute,
    "movements": _rogue_movement,
    "webhook_secret": _rotate_secret,
}
ON_ONE: dict[str, Control] = {
    "faults/*/next": _strike_next,
    "disputes/*/close": _close_dispute,
    "refunds/*/fail": _fail_refund,
    "payouts/*/fail": _fail_payout,
    "accounts/*": _account,
    "events/*/resend": _resend,
}
