"""The bank's MT940 statement, by the library that knows its tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mt940.models import Amount, Transaction, Transactions

from recon.manifest import InputFile
from recon.sources.bank_line import NOT_GIVEN, Line, no_statement, statement_text
from recon.sources.text import check_count

PAGE = re.compile(r"^:20:", re.MULTILINE)
ENTRY = re.compile(r"^:61:", re.MULTILINE)
# The payer's reference in the narrative, as German banks write it or as others do.
REFERENCE = re.compile(r"(?:EREF\+|/EREF/)([^\s/?+]+)")
CREDITS = {"C", "RD"}  # the reversal of a debit comes in
BALANCES = {
    "opening": ("final_opening_balance", "intermediate_opening_balance"),
    "closing": ("final_closing_balance", "intermediate_closing_balance"),
}


def lines(file: InputFile) -> list[Line]:
    """Every page's balances and entries. All entries of an MT940 are booked."""
    text = statement_text(file)
    starts = [match.start() for match in PAGE.finditer(text)]
    if not starts:
        raise no_statement(file, "MT940", "no :20: in it")
    found: list[Line] = []
    entries = 0
    for number, (start, stop) in enumerate(
        zip(starts, [*starts[1:], len(text)], strict=True), start=1
    ):
        page = _parsed(file, text[start:stop])
        found += _balances(file, page, str(number))
        found += _entries(page, str(number), entries)
        entries += len(page)
    if entries != len(ENTRY.findall(text)):
        raise no_statement(file, "MT940", "an entry (:61:) is not understood")
    check_count(file, entries)
    return found


def _parsed(file: InputFile, text: str) -> Transactions:
    try:
        page = Transactions()
        page.parse(text.replace("\r\n", "\n"))
    except (ValueError, RuntimeError, ArithmeticError, KeyError) as error:
        raise no_statement(file, "MT940", str(error).splitlines()[0]) from error
    return page


def _balances(file: InputFile, page: Transactions, statement: str) -> Iterator[Line]:
    for kind, names in BALANCES.items():
        balance = next((page.data[name] for name in names if name in page.data), None)
        if balance is None:
            raise no_statement(
                file, "MT940", f"statement {statement} has no {kind} balance"
            )
        direction = "CRDT" if balance.status == "C" else "DBIT"
        yield _line(balance.amount, direction, statement=statement, kind=kind, row=0)


def _entries(page: Transactions, statement: str, before: int) -> Iterator[Line]:
    for row, entry in enumerate(page, start=before + 1):
        status = str(entry.data["status"]).upper()
        yield _line(
            entry.data["amount"],
            "CRDT" if status in CREDITS else "DBIT",
            statement=statement,
            kind="entry",
            row=row,
            entry=entry,
        )


def _line(
    amount: Amount,
    direction: str,
    *,
    statement: str,
    kind: str,
    row: int,
    entry: Transaction | None = None,
) -> Line:
    said = {} if entry is None else entry.data
    booked_on = said.get("entry_date") or said.get("date")
    return Line(
        row=row,
        statement=statement,
        kind=kind,
        entry_ref=said.get("bank_reference") or said.get("customer_reference"),
        amount=str(abs(amount.amount)),
        currency=amount.currency,
        direction=direction,
        status="BOOK" if entry is not None else None,
        booked_on=None if booked_on is None else f"{booked_on:%Y-%m-%d}",
        end_to_end_id=_end_to_end(said),
        is_reversal=str(said.get("status", "")).upper().startswith("R"),
    )


def _end_to_end(said: dict[str, object]) -> str | None:
    """The reference in the narrative, else the customer's reference of the entry."""
    stated = said.get("end_to_end_reference")
    narrative = REFERENCE.search(str(said.get("transaction_details") or ""))
    found = stated or (narrative and narrative[1]) or said.get("customer_reference")
    return None if str(found or "") in NOT_GIVEN else str(found)
