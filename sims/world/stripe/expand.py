"""Expanding ids into the objects they name: `latest_charge.balance_transaction`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sims.world.stripe import accounts, disputes, wire
from sims.world.stripe.books import Books
from sims.world.stripe.errors import invalid_parameter
from sims.world.stripe.wire import Wire

DEPTH_MAX = 4


def expand(books: Books, body: Wire, paths: list[str]) -> Wire:
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH_MAX:
            raise invalid_parameter(
                f"You cannot expand more than {DEPTH_MAX} levels: {path}", "expand"
            )
        body = _expanded(books, body, steps, path)
    return body


def _expanded(books: Books, node: Any, steps: list[str], path: str) -> Any:
    """A copy, opened along the path. What is null stays null."""
    if isinstance(node, list):
        return [_expanded(books, each, steps, path) for each in node]
    if isinstance(node, str):
        node = _object(books, node, path)
    if not steps or node is None:
        return node
    name = steps[0]
    if not isinstance(node, dict) or name not in node:
        raise invalid_parameter(f"This property cannot be expanded ({path}).", "expand")
    return {**node, name: _expanded(books, node[name], steps[1:], path)}


def _object(books: Books, id: str, path: str) -> Wire:
    shape = _shapes(books).get(id.partition("_")[0])
    if shape is None:
        raise invalid_parameter(f"This property cannot be expanded ({path}).", "expand")
    return shape(id)


def _shapes(books: Books) -> dict[str, Callable[[str], Wire]]:
    now = books.now()
    return {
        "pi": lambda key: wire.payment_intent(books.payment_intents.by_id[key]),
        "ch": lambda key: wire.charge(books.charges.by_id[key]),
        "tr": lambda key: wire.transfer(books.transfers.by_id[key]),
        "trr": lambda key: wire.reversal(books.reversals.by_id[key]),
        "re": lambda key: wire.refund(books.refunds.by_id[key]),
        "dp": lambda key: disputes.shape_of(books, books.disputes.by_id[key]),
        "po": lambda key: wire.payout(books.payouts.by_id[key]),
        "tu": lambda key: wire.topup(books.topups.by_id[key]),
        "txn": lambda key: wire.balance_transaction(books.transactions.by_id[key], now),
        "acct": lambda key: accounts.retrieve(books, {}, key),
    }
