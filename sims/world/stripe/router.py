"""Which call does what: the one table behind both faces."""

from __future__ import annotations

from collections.abc import Callable

from sims.world.stripe import (
    accounts,
    balance,
    charges,
    disputes,
    events,
    payment_intents,
    payouts,
    refunds,
    reports,
    search,
    topups,
    transfers,
)
from sims.world.stripe.books import Books
from sims.world.stripe.errors import StripeError
from sims.world.stripe.expand import expand
from sims.world.stripe.params import Params, texts
from sims.world.stripe.wire import Wire

Operation = Callable[..., Wire]

ROUTES: dict[tuple[str, str], Operation] = {
    ("POST", "payment_intents"): payment_intents.create,
    ("GET", "payment_intents"): payment_intents.list_all,
    ("GET", "payment_intents/*"): payment_intents.retrieve,
    ("POST", "payment_intents/*"): payment_intents.update,
    ("POST", "payment_intents/*/confirm"): payment_intents.confirm,
    ("POST", "payment_intents/*/cancel"): payment_intents.cancel,
    ("GET", "payment_intents/search"): search.payment_intents,
    ("GET", "charges"): charges.list_all,
    ("GET", "charges/search"): search.charges,
    ("GET", "charges/*"): charges.retrieve,
    ("POST", "charges/*"): charges.update,
    ("POST", "transfers"): transfers.create,
    ("GET", "transfers"): transfers.list_all,
    ("GET", "transfers/*"): transfers.retrieve,
    ("POST", "transfers/*"): transfers.update,
    ("POST", "transfers/*/reversals"): transfers.reverse,
    ("GET", "transfers/*/reversals"): transfers.list_reversals,
    ("GET", "transfers/*/reversals/*"): transfers.retrieve_reversal,
    ("POST", "refunds"): refunds.create,
    ("GET", "refunds"): refunds.list_all,
    ("GET", "refunds/*"): refunds.retrieve,
    ("POST", "refunds/*"): refunds.update,
    ("POST", "refunds/*/cancel"): refunds.cancel,
    ("GET", "disputes"): disputes.list_all,
    ("GET", "disputes/*"): disputes.retrieve,
    ("POST", "disputes/*"): disputes.update,
    ("POST", "disputes/*/close"): disputes.close,
    ("GET", "balance"): balance.retrieve,
    ("GET", "balance_transactions"): balance.list_transactions,
    ("GET", "balance_transactions/*"): balance.retrieve_transaction,
    ("POST", "payouts"): payouts.create,
    ("GET", "payouts"): payouts.list_all,
    ("GET", "payouts/*"): payouts.retrieve,
    ("POST", "payouts/*/cancel"): payouts.cancel,
    ("POST", "topups"): topups.create,
    ("GET", "topups"): topups.list_all,
    ("GET", "topups/*"): topups.retrieve,
    ("GET", "events"): events.list_all,
    ("GET", "events/*"): events.retrieve,
    ("POST", "reporting/report_runs"): reports.create,
    ("GET", "reporting/report_runs/*"): reports.retrieve,
    ("GET", "files/*/contents"): reports.contents,
    ("GET", "account"): accounts.retrieve_own,
    ("GET", "accounts/*"): accounts.retrieve,
}


def operation(method: str, path: str) -> tuple[Operation, list[str]]:
    """The operation, and the ids that the path names."""
    _, version, *parts = path.split("/")
    ids = [parts[place] for place in (1, 3) if place < len(parts)]
    match parts:
        case ["reporting", noun, *id]:
            pattern, ids = "/".join(["reporting", noun, *("*" for _ in id)]), id
        case [noun]:
            pattern = noun
        case [noun, _]:
            pattern = f"{noun}/*"
        case [noun, _, verb]:
            pattern = f"{noun}/*/{verb}"
        case [noun, _, verb, _]:
            pattern = f"{noun}/*/{verb}/*"
        case _:
            pattern = path
    found = ROUTES.get((method, pattern))
    if parts[1:] == ["search"]:
        found, ids = ROUTES.get((method, "/".join(parts))), []
    if found is None or version != "v1":
        raise unrecognized(method, path)
    return found, ids


def perform(books: Books, method: str, path: str, params: Params) -> Wire:
    run, ids = operation(method, path)
    body = run(books, params, *ids)
    paths = texts(params, "expand")
    return expand(books, body, paths) if paths else body


def unrecognized(method: str, path: str) -> StripeError:
    return StripeError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({method}: {path}). This sandbox does not model it.",
        is_stored=False,
    )
