"""Transfers to sellers, and taking them back."""

from __future__ import annotations

from sims.world.stripe import wire
from sims.world.stripe.books import Books, found
from sims.world.stripe.errors import invalid_parameter, no_such, refused
from sims.world.stripe.lists import page
from sims.world.stripe.params import (
    Params,
    amount,
    currency,
    merged_metadata,
    metadata,
    one_of,
    refuse_unknown,
    required_amount,
    required_text,
    text,
)
from sims.world.stripe.records import Charge, Reversal, Transfer
from sims.world.stripe.wire import Wire

ACCEPTED = frozenset({
    "amount", "currency", "destination", "source_transaction", "source_type",
    "transfer_group", "description", "metadata",
})  # fmt: skip
REVERSAL_ACCEPTED = frozenset(
    {"amount", "description", "metadata", "refund_application_fee"}
)


def create(books: Books, params: Params) -> Wire:
    refuse_unknown(params, ACCEPTED)
    one_of(params, "source_type", ("bank_account", "card", "fpx"))
    source = _source(books, params)
    transfer = Transfer(
        id=books.ids.next("tr"),
        created_at=books.now(),
        amount_minor=required_amount(params),
        currency=currency(params),
        metadata=metadata(params),
        description=text(params, "description"),
        transfer_group=text(params, "transfer_group")
        or (source.transfer_group if source else None),
        destination=_destination(params),
        destination_payment=books.ids.next("py"),
        source_transaction=source.id if source else None,
    )
    if not books.connected(transfer.destination).can_receive_transfers:
        raise refused(
            "Your destination account needs to have at least one of the following "
            "capabilities enabled: transfers, crypto_transfers, legacy_payments",
            "insufficient_capabilities_for_transfer",
        )
    if source is None:
        _require_available(books, transfer.amount_minor, transfer.currency)
    else:
        _require_left(source, transfer)
    return wire.transfer(send(books, transfer, source))


def send(books: Books, transfer: Transfer, source: Charge | None) -> Transfer:
    """Move the money; a sourced transfer waits with its charge until that is available."""
    transfer.balance_transaction = books.book(
        -transfer.amount_minor,
        transfer.currency,
        transfer.id,
        type="transfer",
        category="transfer",
        available_on=source.available_on if source else None,
        description=transfer.description or (source.description if source else None),
    ).id
    if source is not None:
        source.transferred_minor += transfer.amount_minor
    held = books.connected(transfer.destination).balance_minor
    held[transfer.currency] = held.get(transfer.currency, 0) + transfer.amount_minor
    books.transfers.add(
        transfer,
        destination=transfer.destination,
        transfer_group=transfer.transfer_group,
        source_transaction=transfer.source_transaction,
    )
    books.emit("transfer.created", wire.transfer(transfer))
    return transfer


def reverse(books: Books, params: Params, id: str) -> Wire:
    """Take back part or all of a transfer, as far as the seller's balance reaches."""
    refuse_unknown(params, REVERSAL_ACCEPTED)
    transfer = found(books.transfers, "transfer", id)
    left_minor = transfer.amount_minor - transfer.reversed_minor
    asked_minor = amount(params)
    amount_minor = left_minor if asked_minor is None else asked_minor
    if left_minor == 0:
        raise refused(f"Transfer {id} is already fully reversed.")
    if amount_minor > left_minor:
        raise refused(
            f"Reversal amount ({amount_minor}) is greater than unreversed amount on "
            f"transfer ({left_minor}).",
            param="amount",
        )
    held = books.connected(transfer.destination).balance_minor
    if held.get(transfer.currency, 0) < amount_minor:
        raise refused(
            "The destination account has insufficient funds to reverse this transfer.",
            "balance_insufficient",
        )
    held[transfer.currency] -= amount_minor
    return wire.reversal(_take_back(books, transfer, amount_minor, metadata(params)))


def _take_back(
    books: Books, transfer: Transfer, amount_minor: int, metadata: dict[str, str]
) -> Reversal:
    source = books.charges.get(transfer.source_transaction or "")
    reversal = Reversal(
        id=books.ids.next("trr"),
        created_at=books.now(),
        amount_minor=amount_minor,
        currency=transfer.currency,
        metadata=metadata,
        transfer=transfer.id,
        balance_transaction="",
    )
    reversal.balance_transaction = books.book(
        amount_minor,
        transfer.currency,
        reversal.id,
        type="transfer_refund",
        category="transfer_reversal",
        available_on=source.available_on if source else None,
        description=books.transactions.by_id[transfer.balance_transaction].description,
    ).id
    before = wire.transfer(transfer)
    transfer.reversed_minor += amount_minor
    transfer.reversals.append(reversal)
    if source is not None:
        source.transferred_minor -= amount_minor
    books.reversals.add(reversal, transfer=transfer.id)
    changed = {name: before[name] for name in ("amount_reversed", "reversed", "reversals")}
    books.emit("transfer.reversed", wire.transfer(transfer), changed)
    return reversal


def _source(books: Books, params: Params) -> Charge | None:
    id = text(params, "source_transaction")
    if id is None:
        return None
    charge = found(books.charges, "charge", id, param="source_transaction")
    if charge.status == "failed":
        raise invalid_parameter(f"Charge {id} has failed.", "source_transaction")
    if charge.currency != currency(params):
        raise invalid_parameter(
            f"The currency of source_transaction is {charge.currency}.", "currency"
        )
    return charge


def _destination(params: Params) -> str:
    id = required_text(params, "destination")
    if not id.startswith("acct_"):
        raise no_such("destination", id, "destination", 400)
    return id


def _require_left(source: Charge, transfer: Transfer) -> None:
    if transfer.amount_minor > source.transferable_minor:
        raise refused(
            f"Source transaction {source.id} has {source.transferable_minor} left to "
            f"transfer, less than {transfer.amount_minor}.",
            "balance_insufficient",
            param="amount",
        )


def _require_available(books: Books, amount_minor: int, currency: str) -> None:
    if amount_minor > books.funds.available_minor[currency]:
        raise refused(
            "You have insufficient available funds in your Stripe account. Use "
            "source_transaction, or wait until your pending balance is available.",
            "balance_insufficient",
        )


def retrieve(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset())
    return wire.transfer(found(books.transfers, "transfer", id))


def update(books: Books, params: Params, id: str) -> Wire:
    refuse_unknown(params, frozenset({"metadata", "description"}))
    transfer = found(books.transfers, "transfer", id)
    transfer.metadata = merged_metadata(transfer.metadata, params)
    transfer.description = text(params, "description") or transfer.description
    books.emit("transfer.updated", wire.transfer(transfer))
    return wire.transfer(transfer)


def list_all(books: Books, params: Params) -> Wire:
    return page(
        books.transfers,
        params,
        "/v1/transfers",
        wire.transfer,
        references=("destination", "transfer_group"),
    )


def retrieve_reversal(books: Books, params: Params, id: str, reversal: str) -> Wire:
    refuse_unknown(params, frozenset())
    row = books.reversals.get(reversal)
    if row is None or row.transfer != id:
        raise no_such("transfer_reversal", reversal)
    return wire.reversal(row)


def list_reversals(books: Books, params: Params, id: str) -> Wire:
    found(books.transfers, "transfer", id)
    return page(
        books.reversals,
        params,
        f"/v1/transfers/{id}/reversals",
        wire.reversal,
        rows=books.reversals.referring("transfer", id),
    )
