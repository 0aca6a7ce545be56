"""What the wallet provider can be asked: wallets, payments, history, and controls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sims.world.agentic.books import (
    Books,
    Entry,
    Status,
    Wallet,
    WalletError,
    balance_shape,
    entry_shape,
    event_shape,
    minor_of,
)

PAGE = 100
KINDS = {"milestones": "milestone", "returns": "return", "settlements": "settlement"}

Params = Mapping[str, Any]
Shape = dict[str, Any]


def open_wallet(books: Books, params: Params, id: str) -> Shape:
    """Make a wallet, or show the one of this name."""
    if id in books.wallets:
        return balance_shape(books.wallets[id])
    planned = _demand(params, "milestones")
    wallet = Wallet(
        id=id,
        owner=str(_demand(params, "owner")),
        funding_account=books.id("va"),
        milestones={
            str(each["id"]): minor_of(each["amount"], "milestones")
            for each in planned
            if each["amount"] not in ("0.00", "0")
        },
        names={str(each["id"]): str(each.get("name", "")) for each in planned},
        metadata=dict(params.get("metadata", {})),
    )
    books.wallets[id] = wallet
    books.tell("wallet.created", wallet)
    return balance_shape(wallet)


def show(books: Books, _: Params, id: str) -> Shape:
    return balance_shape(books.wallet(id))


def history(books: Books, params: Params, id: str) -> Shape:
    """List what came and went, the oldest first, a page at a time."""
    entries = books.wallet(id).entries
    ids = [entry.id for entry in entries]
    after = params.get("after")
    start = ids.index(after) + 1 if after in ids else 0
    page = entries[start : start + PAGE]
    return {
        "data": [entry_shape(entry) for entry in page],
        "has_more": start + PAGE < len(entries),
    }


def events(books: Books, params: Params) -> Shape:
    """List what happened since a moment, the oldest first, a page at a time."""
    since = datetime.fromisoformat(str(_demand(params, "since")))
    found = [event for event in books.events if event.created_at >= since]
    ids = [event.id for event in found]
    after = params.get("after")
    start = ids.index(after) + 1 if after in ids else 0
    page = found[start : start + PAGE]
    return {
        "data": [event_shape(event) for event in page],
        "has_more": start + PAGE < len(found),
    }


def pay_milestone(books: Books, params: Params, id: str) -> Shape:
    """Pay what a milestone is worth, to whoever earned it, and never twice."""
    wallet, name = books.wallet(id), str(_demand(params, "milestone"))
    minor = minor_of(_demand(params, "amount"), "amount")
    if wallet.milestones.get(name) != minor:
        raise WalletError(422, "no_such_milestone", f"{name} is not worth this amount.")
    for entry in wallet.entries:
        if entry.milestone == name and entry.status is not Status.FAILED:
            raise WalletError(422, "already_released", f"{name} is paid by {entry.id}.")
    paid = _entry(books, "milestone", minor, params)
    paid.payee, paid.milestone = str(_demand(params, "payee")), name
    return entry_shape(_leave(books, wallet, paid))


def give_back(books: Books, params: Params, id: str) -> Shape:
    wallet, minor = books.wallet(id), minor_of(_demand(params, "amount"), "amount")
    paid = _entry(books, "return", minor, params)
    paid.payee = str(_demand(params, "payee"))
    return entry_shape(_leave(books, wallet, paid))


def settle(books: Books, params: Params, id: str) -> Shape:
    """Pay out a whole wallet: every line or none, and nothing is left."""
    wallet, lines = books.wallet(id), _demand(params, "lines")
    minors = [minor_of(line["amount"], f"lines[{n}]") for n, line in enumerate(lines)]
    if sum(minors) != wallet.available_minor:
        raise WalletError(422, "unbalanced", "The lines are not what the wallet holds.")
    paid = _entry(books, "settlement", sum(minors), params)
    paid.lines = [
        {
            "id": f"{paid.id}_{number}",
            "code": str(line["code"]),
            "payee": str(line["payee"]),
            "amount": str(line["amount"]),
            "currency": "USD",
        }
        for number, line in enumerate(lines, start=1)
    ]
    return entry_shape(_leave(books, wallet, paid))


def deposit(books: Books, params: Params) -> Shape:
    """Let somebody pay into a wallet, by its account; cleared after `hold_s`."""
    account = _demand(params, "account")
    wallet = next(
        (w for w in books.wallets.values() if account in (w.funding_account, w.id)), None
    )
    if wallet is None:
        raise WalletError(404, "not_found", f"There is no account {account}.")
    minor = minor_of(_demand(params, "amount"), "amount")
    hold = timedelta(seconds=float(params.get("hold_s", 0)))
    return entry_shape(books.deposit(wallet, str(_demand(params, "payer")), minor, hold))


def _entry(books: Books, type: str, minor: int, params: Params) -> Entry:
    return Entry(
        id=books.id("set" if type == "settlement" else "pay"),
        type=type,
        status=Status.PENDING,
        minor=minor,
        created_at=books.clock(),
        reference=params.get("reference"),
    )


def _leave(books: Books, wallet: Wallet, paid: Entry) -> Entry:
    if paid.minor > wallet.available_minor:
        raise WalletError(422, "insufficient_funds", "The wallet does not hold so much.")
    return books.pay(wallet, paid)


def _demand(params: Params, name: str) -> Any:
    if name not in params:
        raise WalletError(422, "invalid", f"{name} is missing")
    return params[name]
