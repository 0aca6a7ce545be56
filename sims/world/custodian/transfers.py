"""Money on its way out: screened, queued, sent, confirmed and at last complete, or not."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sims.world.custodian import screening, wire
from sims.world.custodian.books import Books, found
from sims.world.custodian.errors import INSUFFICIENT, CustodianError, invalid
from sims.world.custodian.lists import page
from sims.world.custodian.params import Params, address, base_units, required, text
from sims.world.custodian.records import (
    ACCELERABLE,
    CANCELLABLE,
    FINAL,
    State,
    Token,
    Transaction,
    Wallet,
)
from sims.world.custodian.wallets import at_address
from sims.world.custodian.wire import Wire
from sims.world.faults import CONFIRMED_LATE, TRANSFER_FAILS, TRANSFER_STUCK

FEE_LEVELS = ("LOW", "MEDIUM", "HIGH")
GAS_WEI = 4_200_000_000_000  # about what a transfer of a token costs on Base
CONFLICT = 409


def create(books: Books, params: Params) -> Wire:
    wallet = found(books.wallets, "wallet", required(params, "walletId"))
    token = found(books.tokens, "token", required(params, "tokenId"))
    if text(params, "feeLevel") not in FEE_LEVELS:
        raise invalid(f"'feeLevel' must be one of {', '.join(FEE_LEVELS)}")
    amounts = params.get("amounts")
    if not isinstance(amounts, list) or len(amounts) != 1:
        raise invalid("'amounts' must be a list of one amount")
    units = base_units(amounts[0], token.decimals)
    if wallet.state == "FROZEN":
        raise CustodianError(400, 2, "The wallet is frozen.")
    if wallet.free(token.id) < units:
        raise CustodianError(
            400,
            INSUFFICIENT,
            "The asset amount owned by the wallet is insufficient for the transaction.",
        )
    destination = address(params, "destinationAddress")
    row = _initiated(books, wallet, token, units)
    row.destination, row.ref_id = destination, text(params, "refId")
    books.tell(row)
    _after(books, row, books.pace.cleared_s, partial(_clear, books, row))
    return {"id": row.id, "state": row.state.value}


def _initiated(books: Books, wallet: Wallet, token: Token, units: int) -> Transaction:
    """Set so much of a wallet's tokens aside for a transfer."""
    now = books.now()
    row = Transaction(
        id=books.ids.uuid("transaction"),
        created_at=now,
        updated_at=now,
        is_inbound=False,
        state=State.INITIATED,
        wallet_id=wallet.id,
        token_id=token.id,
        base_units=units,
        source=wallet.address,
        destination="",
    )
    wallet.locked[token.id] += units
    return books.transactions.add(row, walletId=wallet.id)


def retrieve(books: Books, _: Params, id: str) -> Wire:
    row = found(books.transactions, "transaction", id)
    return {"transaction": wire.transaction(row, books.tokens.by_id[row.token_id])}


def list_all(books: Books, params: Params) -> Wire:
    rows = None
    if wallet_id := text(params, "walletIds"):
        rows = books.transactions.referring("walletId", wallet_id)
    type, state = text(params, "txType"), text(params, "state")
    shown = page(
        books.transactions,
        params,
        lambda row: wire.transaction(row, books.tokens.by_id[row.token_id]),
        rows=rows,
        is_wanted=lambda row: (
            (not type or row.is_inbound == (type == "INBOUND"))
            and (not state or row.state.value == state)
        ),
    )
    return {"transactions": shown}


def cancel(books: Books, _: Params, id: str) -> Wire:
    """Take a transfer back that is not in a block yet."""
    row = _outgoing(books, id)
    if row.state not in CANCELLABLE:
        raise CustodianError(CONFLICT, 2, f"A transaction in {row.state} stays as it is.")
    _end(books, row, State.CANCELLED)
    return {"id": row.id, "state": row.state.value}


def accelerate(books: Books, _: Params, id: str) -> Wire:
    """Send a transfer again with more gas."""
    row = _outgoing(books, id)
    if row.state not in ACCELERABLE:
        raise CustodianError(CONFLICT, 2, f"A transaction in {row.state} stays as it is.")
    if row.state is State.STUCK:
        books.come_to(row, State.SENT)
        _after(books, row, books.pace.sent_s, partial(_confirm, books, row))
    return {"id": row.id}


def _outgoing(books: Books, id: str) -> Transaction:
    row = found(books.transactions, "transaction", id)
    if row.is_inbound:
        raise invalid("what comes in can be neither stopped nor hurried")
    return row


def _after(books: Books, row: Transaction, delay_s: float, step: partial[None]) -> None:
    """Take the next step later, unless the transaction has come to its end meanwhile."""

    def act() -> None:
        if row.state not in FINAL:
            step()

    books.appointments.later(books.now() + timedelta(seconds=delay_s), act)


def _clear(books: Books, row: Transaction) -> None:
    rule = screening.judge(row.destination)
    row.screening = screening.evaluation(rule, books.now())
    if rule is not None:
        _end(books, row, State.DENIED)
        return
    books.come_to(row, State.CLEARED)
    _after(books, row, books.pace.queued_s, partial(_queue, books, row))


def _queue(books: Books, row: Transaction) -> None:
    """Estimate the gas; what the contract will not do is known from here on."""
    books.come_to(row, State.QUEUED)
    if row.destination in books.blacklisted:
        row.error_reason = "ESTIMATION_ERROR"
        row.error_details = "Blacklistable: account is blacklisted"
        _end(books, row, State.FAILED)
    elif books.gas_wei < GAS_WEI:
        row.error_reason = "INSUFFICIENT_NATIVE_TOKEN"
        row.error_details = "the gas station has nothing left to pay with"
        _end(books, row, State.FAILED)
    else:
        _after(books, row, books.pace.sent_s, partial(_send, books, row))


def _send(books: Books, row: Transaction) -> None:
    row.tx_hash = books.ids.hash("tx")
    books.come_to(row, State.SENT)
    if books.dice.strikes(TRANSFER_STUCK):
        books.come_to(row, State.STUCK)
        return
    _after(books, row, books.pace.confirmed_s, partial(_confirm, books, row))


def _confirm(books: Books, row: Transaction) -> None:
    row.network_fee_wei = GAS_WEI
    books.gas_wei -= GAS_WEI
    if books.dice.strikes(TRANSFER_FAILS):
        row.error_reason = "FAILED_ON_CHAIN"
        row.error_details = "the transaction was reverted"
        _end(books, row, State.FAILED)
        return
    row.block_height, row.first_confirm_at = books.height(), books.now()
    is_late = books.dice.strikes(CONFIRMED_LATE)
    if not is_late:
        books.come_to(row, State.CONFIRMED)
    finish = partial(_complete, books, row, is_late)
    _after(books, row, books.pace.complete_s, finish)


def _complete(books: Books, row: Transaction, is_late: bool) -> None:
    _end(books, row, State.COMPLETE)
    if is_late:
        books.tell(row, State.CONFIRMED)
    receiver = at_address(books, row.destination)
    if receiver is not None:  # from one of our wallets to another
        receiver.held[row.token_id] += row.base_units


def _end(books: Books, row: Transaction, state: State) -> None:
    """Come to a final state; only COMPLETE takes the money away."""
    wallet = found(books.wallets, "wallet", row.wallet_id)
    wallet.locked[row.token_id] -= row.base_units
    if state is State.COMPLETE:
        wallet.held[row.token_id] -= row.base_units
        wallet.updated_at = books.now()
    books.come_to(row, state)
