"""Tokens that arrive: nobody can refuse them, and only what is final counts."""

from __future__ import annotations

from datetime import timedelta

from sims.world.custodian import screening
from sims.world.custodian.books import Books, found
from sims.world.custodian.records import State, Token, Transaction, Wallet
from sims.world.faults import CONFIRMED_LATE


def arrive(
    books: Books, wallet: Wallet, token: Token, units: int, source: str
) -> Transaction:
    """See a token come in: CONFIRMED with its block, COMPLETE when that is final."""
    now = books.now()
    row = Transaction(
        id=books.ids.uuid("transaction"),
        created_at=now,
        updated_at=now,
        is_inbound=True,
        state=State.CONFIRMED,
        wallet_id=wallet.id,
        token_id=token.id,
        base_units=units,
        source=source,
        destination=wallet.address,
        tx_hash=books.ids.hash("tx"),
        log_index=books.height() % 97,
        block_height=books.height(),
        first_confirm_at=now,
    )
    books.transactions.add(row, walletId=wallet.id)
    is_late = books.dice.strikes(CONFIRMED_LATE)
    if not is_late:
        books.tell(row)
    due_at = now + timedelta(seconds=books.pace.complete_s)
    books.appointments.later(due_at, lambda: _complete(books, row, is_late))
    return row


def _complete(books: Books, row: Transaction, is_late: bool) -> None:
    wallet = found(books.wallets, "wallet", row.wallet_id)
    wallet.held[row.token_id] += row.base_units
    wallet.updated_at = books.now()
    rule = screening.judge(row.source)
    row.screening = screening.evaluation(rule, books.now())
    if rule is not None and rule.freezes:
        wallet.state = "FROZEN"
    books.come_to(row, State.COMPLETE)
    if is_late:
        books.tell(row, State.CONFIRMED)
