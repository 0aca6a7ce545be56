"""The reports of one UTC day, as finance downloads them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sims.world.stripe import ledger
from sims.world.stripe.books import Books
from sims.world.stripe.records import BalanceTransaction, Payout, Refund, Transfer
from sims.world.table import Table

if TYPE_CHECKING:
    from sims.world.stripe.model import StripeModel

ACTIVITY = (
    "balance_transaction_id", "created_utc", "available_on_utc", "currency", "gross",
    "fee", "net", "reporting_category", "source_id", "description",
    "payment_metadata[escrow_id]", "transfer_metadata[escrow_id]",
    "refund_metadata[escrow_id]",
)  # fmt: skip
SUMMARY = ("category", "net_amount", "currency")
PAYOUTS = (
    "payout_id", "effective_at_utc", "currency", "gross", "fee", "net",
    "reporting_category", "balance_transaction_id", "payout_status", "trace_id",
)  # fmt: skip
PAYOUT_CATEGORIES = ("payout", "payout_reversal")
REFERENCE = "escrow_id"
PAYOUTS_REACH_BACK = timedelta(days=7)

Line = dict[str, str]


def export_day(model: StripeModel, day: date, directory: Path) -> list[dict[str, Any]]:
    """Write the day's three files. Answers their entries for `manifest.json`."""
    books = model.books
    directory.mkdir(parents=True, exist_ok=True)
    start = datetime.combine(day, time(), UTC)
    stop = start + timedelta(days=1)
    back = start - PAYOUTS_REACH_BACK
    reports = (
        ("stripe_activity", start, ACTIVITY, activity(books, start, stop)),
        ("stripe_summary", start, SUMMARY, summary(books, start, stop)),
        ("stripe_payouts", back, PAYOUTS, paid_out(books, back, stop)),
    )
    entries = []
    for source, since, columns, lines in reports:
        content = as_csv(columns, lines)
        (directory / f"{source}.csv").write_bytes(content)
        entries.append(
            {
                "source": source,
                "path": f"{source}.csv",
                "account": books.account,
                "timezone": "Etc/UTC",
                "interval_start": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                "interval_end": f"{stop:%Y-%m-%dT%H:%M:%SZ}",
                "sha256": sha256(content).hexdigest(),
                "rows": len(lines),
            }
        )
    return entries


def activity(books: Books, start: datetime, stop: datetime) -> list[Line]:
    """Every line of the account but payouts, in the order they were written."""
    return [
        _activity_line(books, line)
        for line in _between(books.transactions, start, stop)
        if line.reporting_category not in PAYOUT_CATEGORIES
    ]


def summary(books: Books, start: datetime, stop: datetime) -> list[Line]:
    """Starting balance + activity + payouts = ending balance, per currency."""
    starting = books.funds.before(start.date())
    moved: dict[str, Counter[str]] = {"activity": Counter(), "payouts": Counter()}
    for line in _between(books.transactions, start, stop):
        if line.reporting_category in PAYOUT_CATEGORIES:
            moved["payouts"][line.currency] += line.net_minor
        else:
            moved["activity"][line.currency] += line.net_minor
    return [
        {"category": category, "net_amount": major(amount_minor), "currency": currency}
        for currency in sorted({"usd", *starting, *moved["activity"], *moved["payouts"]})
        for category, amount_minor in _roll_forward(currency, starting, moved)
    ]


def _roll_forward(
    currency: str, starting: Mapping[str, int], moved: Mapping[str, Mapping[str, int]]
) -> Iterable[tuple[str, int]]:
    steps = {
        "starting_balance": starting[currency],
        "activity": moved["activity"][currency],
        "payouts": moved["payouts"][currency],
    }
    return [*steps.items(), ("ending_balance", sum(steps.values()))]


def paid_out(books: Books, start: datetime, stop: datetime) -> list[Line]:
    """Payouts by their effective date: ours are manual, so that is when they were made."""
    return [
        _payout_line(books.payouts.by_id[line.source], line)
        for line in _between(books.transactions, start, stop)
        if line.reporting_category in PAYOUT_CATEGORIES
    ]


def _activity_line(books: Books, line: BalanceTransaction) -> Line:
    row = _source(books, line.source)
    owner = row and ledger.parent(books, row)
    labels = row.metadata.get(REFERENCE, "") if row else ""
    owned = owner.metadata.get(REFERENCE, "") if owner else ""
    is_transfer = isinstance(owner, Transfer)
    return {
        "balance_transaction_id": line.id,
        "created_utc": _utc(line.created_at),
        "available_on_utc": _utc(line.available_on),
        **_amounts(line),
        "reporting_category": line.reporting_category,
        "source_id": line.source,
        "description": line.description or "",
        "payment_metadata[escrow_id]": "" if is_transfer else owned,
        "transfer_metadata[escrow_id]": owned if is_transfer else "",
        "refund_metadata[escrow_id]": labels if isinstance(row, Refund) else "",
    }


def _payout_line(payout: Payout, line: BalanceTransaction) -> Line:
    return {
        "payout_id": payout.id,
        "effective_at_utc": _utc(line.created_at),
        **_amounts(line),
        "reporting_category": line.reporting_category,
        "balance_transaction_id": line.id,
        "payout_status": payout.status,
        "trace_id": payout.trace_id or "",
    }


def _source(books: Books, id: str) -> ledger.Movement | None:
    return (
        books.charges.get(id)
        or books.transfers.get(id)
        or books.reversals.get(id)
        or books.refunds.get(id)
        or books.disputes.get(id)
    )


def _amounts(line: BalanceTransaction) -> Line:
    return {
        "currency": line.currency,
        "gross": major(line.amount_minor),
        "fee": major(line.fee_minor),
        "net": major(line.net_minor),
    }


def _between(
    table: Table[BalanceTransaction], start: datetime, stop: datetime
) -> list[BalanceTransaction]:
    return table.rows[table.since(start) : table.since(stop)]


def major(amount_minor: int) -> str:
    """Minor units as a decimal of major ones; every currency here has two decimals."""
    whole, cents = divmod(abs(amount_minor), 100)
    return f"{'-' if amount_minor < 0 else ''}{whole}.{cents:02}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def as_csv(columns: tuple[str, ...], lines: list[Line]) -> bytes:
    """The bytes of a report."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()
