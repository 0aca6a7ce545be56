"""The bank's BAI2 report, by the library that checks its control totals."""

from __future__ import annotations

from collections.abc import Iterator

from bai2 import bai2
from bai2.constants import TypeCodeTransaction
from bai2.exceptions import (
    IntegrityException,
    NotSupportedYetException,
    ParsingException,
)
from bai2.models import Account, Group, TransactionDetail

from recon.manifest import InputFile
from recon.sources.bank_line import NOT_GIVEN, Line, major, no_statement, statement_text
from recon.sources.text import check_count

OPENING_LEDGER, CLOSING_LEDGER = "010", "015"


def lines(file: InputFile) -> list[Line]:
    """Every account's ledger balances and details; the library checks the totals."""
    text = statement_text(file)
    try:
        report = bai2.parse_from_lines(text.splitlines(), check_integrity=True)
    except (
        IntegrityException,
        NotSupportedYetException,
        ParsingException,
        ValueError,
        KeyError,
        AttributeError,
        IndexError,
    ) as error:
        raise no_statement(file, "BAI2", error or type(error).__name__) from error
    found: list[Line] = []
    entries = 0
    for group in report.children:
        for account in group.children:
            statement = f"{account.header.customer_account_number}-{len(found)}"
            found += _account(file, group, account, statement, entries)
            entries += len(account.children)
    check_count(file, entries)
    return found


def _account(
    file: InputFile, group: Group, account: Account, statement: str, before: int
) -> Iterator[Line]:
    currency = account.header.currency or group.header.currency or "USD"
    stated = {
        item.type_code.code: item.amount
        for item in account.header.summary_items
        if item.type_code is not None
    }
    for kind, code in (("opening", OPENING_LEDGER), ("closing", CLOSING_LEDGER)):
        if stated.get(code) is None:
            raise no_statement(
                file,
                "BAI2",
                f"account {account.header.customer_account_number}"
                f" states no {kind} ledger balance ({code})",
            )
        yield _line(stated[code], currency, statement=statement, kind=kind, row=0)
    for row, detail in enumerate(account.children, start=before + 1):
        is_debit = detail.type_code.transaction is TypeCodeTransaction.debit
        yield _line(
            -detail.amount if is_debit else detail.amount,
            currency,
            statement=statement,
            kind="entry",
            row=row,
            detail=detail,
            booked_on=f"{group.header.as_of_date:%Y-%m-%d}",
        )


def _line(
    minor: int,
    currency: str,
    *,
    statement: str,
    kind: str,
    row: int,
    detail: TransactionDetail | None = None,
    booked_on: str | None = None,
) -> Line:
    reference = detail and detail.customer_reference
    return Line(
        row=row,
        statement=statement,
        kind=kind,
        entry_ref=detail and detail.bank_reference,
        amount=major(abs(minor), currency),
        currency=currency,
        direction="DBIT" if minor < 0 else "CRDT",
        status="BOOK" if detail else None,
        booked_on=booked_on,
        end_to_end_id=None if (reference or "") in NOT_GIVEN else reference,
        is_reversal=False,
    )
