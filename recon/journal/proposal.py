"""Propose balanced journal lines for what a run found, from a chart that finance edits.

`accounts.csv` names the accounts, `postings.csv` says which two a code moves. A positive
difference debits and credits as written there, a negative one the other way round.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from recon.alerts.findings import major
from recon.alerts.spreadsheet import neutralised
from recon.faults import WrongUsageError
from recon.records import records

ROOM = Path(__file__).parent
ACCOUNTS, POSTINGS, QUERY = (
    *(ROOM / "accounts.csv", ROOM / "postings.csv"),
    ROOM / "findings.sql",
)
NAME = "journal_proposal.csv"
PROPOSED = "PROPOSED"


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry, as an ERP imports it; amounts are exact decimals as text."""

    status: str
    date: str
    account: str
    account_name: str
    debit: str
    credit: str
    currency: str
    reference: str
    discrepancy_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Posting:
    """Which roles a code debits and credits; none where a person has to decide first."""

    debit: str
    credit: str
    why: str


def write(db: duckdb.DuckDBPyConnection, output: Path, day: date) -> None:
    """Write the proposal of a judged day."""
    _write(output, list(_proposed(db, day)))


def write_none(output: Path) -> None:
    """Write the proposal of a day of which nothing was judged."""
    _write(output, [])


def _write(output: Path, lines: list[Line]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(field.name for field in fields(Line))
    writer.writerows(astuple(line) for line in lines)
    (output / NAME).write_text(text.getvalue(), encoding="utf-8", newline="")


def _proposed(db: duckdb.DuckDBPyConnection, day: date) -> Iterator[Line]:
    for finding in records(db, QUERY.read_text(encoding="utf-8")):
        posting = postings()[finding["posting"]]
        if posting.debit:
            yield from _entry(finding, posting, day)


def _entry(finding: Mapping[str, Any], posting: Posting, day: date) -> Iterator[Line]:
    """Two lines a currency: what was booked in one and moved in another has four.

    So has a movement with a fee: the provider's balance moves by the net.
    """
    other = finding["other_currency"]
    usual, fees = (posting.debit, posting.credit), ("fees", "provider")
    moved = [(usual, finding["difference_minor"], finding["currency"])]
    if other and finding["posting"] == "CURRENCY_MISMATCH":
        moved = [(usual, -finding["expected_minor"], finding["currency"])]
        moved.append((usual, finding["actual_minor"], other))
    if finding["fee_minor"]:
        moved.append((fees, finding["fee_minor"], finding["currency"]))
    for roles, minor, currency in moved:
        signed = -(minor or 0) if finding["is_reversed"] else minor or 0
        amount = major(abs(signed), currency) or ""
        sides = ({"debit": amount, "credit": ""}, {"debit": "", "credit": amount})
        told = _told(finding, posting, day, currency)
        for role, side in zip(roles if signed > 0 else reversed(roles), sides, strict=True):
            if signed:
                yield Line(**told, **_account(role, finding), **side)


def _told(
    finding: Mapping[str, Any], posting: Posting, day: date, currency: str
) -> dict[str, str]:
    """What both sides of an entry say alike."""
    said = (
        "Resolved: reverses what was proposed." if finding["is_reversed"] else posting.why
    )
    return {
        "status": PROPOSED,
        "date": day.isoformat(),
        "currency": neutralised(currency),
        "reference": neutralised(finding["reference"] or ""),
        "discrepancy_id": finding["discrepancy_id"],
        "text": neutralised(f"{finding['posting'].partition(':')[0]}: {said}"),
    }


def _account(role: str, finding: Mapping[str, Any]) -> dict[str, str]:
    """The account of a role, on its rail where the chart tells rails apart."""
    rail = finding["rail"] or ""
    found = accounts().get((role, rail)) or accounts().get((role, ""))
    if found is None:
        raise WrongUsageError(
            f"{ACCOUNTS.name}: no account for {role} of {rail or 'no rail'}; add a line"
        )
    account, name = found
    return {"account": neutralised(account), "account_name": neutralised(name)}


@cache
def accounts() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Number and name of every account, by role and rail."""
    found = {}
    for row in _rows(ACCOUNTS, ["role", "rail", "account", "name"]):
        if not row["role"] or not row["account"]:
            raise WrongUsageError(f"{ACCOUNTS.name}: {row} lacks its role or account")
        found[row["role"], row["rail"]] = (row["account"], row["name"])
    return found


@cache
def postings() -> Mapping[str, Posting]:
    """What each code moves; both roles must be in the chart."""
    roles = {role for role, _ in accounts()}
    found = {}
    for row in _rows(POSTINGS, ["code", "debit", "credit", "why"]):
        unknown = {row["debit"], row["credit"]} - roles - {""}
        if unknown or bool(row["debit"]) != bool(row["credit"]):
            raise WrongUsageError(
                f"{POSTINGS.name}: {row['code']}: write two roles of {ACCOUNTS.name},"
                " or none"
            )
        found[row["code"]] = Posting(row["debit"], row["credit"], row["why"])
    return found


def _rows(path: Path, columns: list[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != columns:
            raise WrongUsageError(f"{path.name}: its columns are {', '.join(columns)}")
        return [{name: cell or "" for name, cell in row.items()} for row in reader]
