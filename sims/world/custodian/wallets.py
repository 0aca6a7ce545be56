"""Wallets: an address for each, on a chain of ours, with a name and a reference."""

from __future__ import annotations

from collections.abc import Mapping

from sims.world.custodian import wire
from sims.world.custodian.books import Books, found
from sims.world.custodian.errors import invalid
from sims.world.custodian.lists import page
from sims.world.custodian.params import Params, required, text, whole
from sims.world.custodian.records import Wallet, WalletSet
from sims.world.custodian.wire import Wire

AT_ONCE_MAX = 200


def create_set(books: Books, params: Params) -> Wire:
    group = WalletSet(
        id=books.ids.uuid("wallet_set"),
        created_at=books.now(),
        name=text(params, "name"),
    )
    books.wallet_sets.add(group)
    return {"walletSet": wire.wallet_set(group)}


def list_sets(books: Books, params: Params) -> Wire:
    return {"walletSets": page(books.wallet_sets, params, wire.wallet_set)}


def create(books: Books, params: Params) -> Wire:
    if params.get("blockchains") != [wire.BLOCKCHAIN]:
        raise invalid(f"this sandbox has one blockchain: {wire.BLOCKCHAIN}")
    group = found(books.wallet_sets, "wallet set", required(params, "walletSetId"))
    account_type = text(params, "accountType", "EOA")
    if account_type not in ("EOA", "SCA"):
        raise invalid("'accountType' must be EOA or SCA")
    count = whole(params, "count", 1, 1, AT_ONCE_MAX)
    labels = params.get("metadata") or [{}] * count
    if not isinstance(labels, list) or len(labels) != count:
        raise invalid("'metadata' must have an entry for each wallet")
    made = [_make(books, group, account_type, label) for label in labels]
    return {"wallets": [wire.wallet(wallet) for wallet in made]}


def retrieve(books: Books, _: Params, id: str) -> Wire:
    return {"wallet": wire.wallet(found(books.wallets, "wallet", id))}


def list_all(books: Books, params: Params) -> Wire:
    rows = None
    for name in ("address", "refId"):
        if value := text(params, name):
            rows = books.wallets.referring(name, value)
    return {"wallets": page(books.wallets, params, wire.wallet, rows=rows)}


def list_balances(books: Books, _: Params, id: str) -> Wire:
    wallet = found(books.wallets, "wallet", id)
    return wire.balances(wallet, books.tokens.by_id)


def retrieve_token(books: Books, _: Params, id: str) -> Wire:
    return {"token": wire.token(found(books.tokens, "token", id))}


def at_address(books: Books, address: str) -> Wallet | None:
    known = books.wallets.referring("address", address.lower())
    return known[0] if known else None


def _make(books: Books, group: WalletSet, account_type: str, label: object) -> Wallet:
    if not isinstance(label, Mapping):
        raise invalid("each entry of 'metadata' has a name and a refId")
    now = books.now()
    wallet = Wallet(
        id=books.ids.uuid("wallet"),
        created_at=now,
        updated_at=now,
        wallet_set_id=group.id,
        address=books.ids.address(),
        account_type=account_type,
        name=text(label, "name"),
        ref_id=text(label, "refId"),
    )
    return books.wallets.add(wallet, address=wallet.address, refId=wallet.ref_id)
