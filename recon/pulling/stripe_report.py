"""Write balance transactions as Stripe's reports would: same columns, amounts and order."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recon.clock import Progress
from recon.currencies import places_of
from recon.pulling.stripe_account import Object, StripeAccess, StripeAccount, opened
from recon.sources import stripe_activity, stripe_payouts, stripe_summary

ACTIVITY, PAYOUTS, SUMMARY = "stripe_activity", "stripe_payouts", "stripe_summary"
SUMMARY_REPORT = "balance.summary.1"
PAYOUT_CATEGORIES = frozenset({"payout", "payout_reversal"})
PAYOUT_TYPES = ("payout", "payout_failure", "payout_cancel")
REFERENCE = "escrow_id"
PAYOUTS_REACH_BACK = timedelta(days=7)
ARRIVAL_MAX = timedelta(days=14)  # from an automatic payout's making to its arrival
PARENTS = {"refund": "charge", "dispute": "charge", "transfer_reversal": "transfer"}
AT_ONCE = 4  # far below Stripe's limit of reads a second

Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Pulled:
    """A file that was written, and what is said of it in the manifest."""

    interval_start: datetime
    control_totals: Mapping[str, Mapping[str, int]]
    origin: str = "Stripe API: balance_transactions"


def pull(
    access: StripeAccess, start: datetime, stop: datetime, folder: Path
) -> dict[str, Pulled]:
    """Write the sources that are asked for into `folder`, or raise and leave none."""
    progress = Progress()
    with opened(access) as account:
        return {
            source: PULLS[source](account, start, stop, folder / f"{source}.csv", progress)
            for source in sorted(access.sources)
        }


def _pull_activity(
    account: StripeAccount, start: datetime, stop: datetime, path: Path, progress: Progress
) -> Pulled:
    """The day's lines but payouts, in the order in which they came about."""
    found = _told(account.balance_transactions(start, stop), ACTIVITY, progress)
    lines = [_activity(line) for line in found if not _is_payout(line)][::-1]
    labels = _labels(account, {line.owner for line in lines if line.owner}, progress)
    rows = [line.row(labels) for line in lines]
    _write(path, stripe_activity.REQUIRED, rows)
    return Pulled(start, _totals(line.amounts for line in lines))


def _pull_payouts(
    account: StripeAccount, start: datetime, stop: datetime, path: Path, progress: Progress
) -> Pulled:
    """Payouts and what came back of them, by the moment from which they count."""
    since = start - PAYOUTS_REACH_BACK
    found = [
        line
        for type in PAYOUT_TYPES
        for line in reversed(
            list(account.balance_transactions(since - ARRIVAL_MAX, stop, type))
        )
        if since <= _effective_at(line) < stop
    ]
    found.sort(key=lambda line: int(line["created"]))
    progress.tell(f"{PAYOUTS}: {len(found):,} rows")
    _write(path, stripe_payouts.REQUIRED, [_payout(line) for line in found])
    return Pulled(since, _totals(Amounts.of(line) for line in found))


def _pull_summary(
    account: StripeAccount, start: datetime, stop: datetime, path: Path, progress: Progress
) -> Pulled:
    """Stripe's own summary, byte for byte: a balance that we add up would prove nothing."""
    progress.tell(f"{SUMMARY}: Stripe writes the report")
    columns = stripe_summary.REQUIRED
    path.write_bytes(account.report(SUMMARY_REPORT, start, stop, columns))
    return Pulled(start, {}, f"Stripe API: report run {SUMMARY_REPORT}")


PULLS: Mapping[
    str, Callable[[StripeAccount, datetime, datetime, Path, Progress], Pulled]
] = {ACTIVITY: _pull_activity, PAYOUTS: _pull_payouts, SUMMARY: _pull_summary}


@dataclass(frozen=True, slots=True)
class Amounts:
    """Whole minor units, as the API has them."""

    currency: str
    gross_minor: int
    fee_minor: int
    net_minor: int

    @classmethod
    def of(cls, line: Object) -> Amounts:
        return cls(line["currency"], line["amount"], line["fee"], line["net"])

    def row(self) -> Line:
        return {
            "currency": self.currency,
            "gross": major(self.gross_minor, self.currency),
            "fee": major(self.fee_minor, self.currency),
            "net": major(self.net_minor, self.currency),
        }


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A line whose escrow may be named by the charge or transfer it belongs to."""

    known: Line
    amounts: Amounts
    owner: tuple[str, str] | None
    owner_column: str

    def row(self, labels: Mapping[tuple[str, str], str]) -> Line:
        owned = labels[self.owner] if self.owner else self.known.get(self.owner_column, "")
        return {**self.known, self.owner_column: owned}


def _activity(line: Object) -> ActivityLine:
    source = line["source"] if isinstance(line["source"], dict) else {}
    kind, own = source.get("object", ""), _reference(source)
    parent = PARENTS.get(kind)
    owner_id = source.get(parent) if parent else None
    is_transfer = "transfer" in (kind, parent)
    column = f"{'transfer' if is_transfer else 'payment'}_metadata[{REFERENCE}]"
    amounts = Amounts.of(line)
    known = dict.fromkeys(stripe_activity.REQUIRED, "") | {
        "balance_transaction_id": line["id"],
        "created_utc": _utc(line["created"]),
        "available_on_utc": _utc(line["available_on"]),
        **amounts.row(),
        "reporting_category": line["reporting_category"],
        "source_id": source.get("id") or line["source"] or "",
        "description": line["description"] or "",
        "refund_metadata[escrow_id]": own if kind == "refund" else "",
    }
    if kind in ("charge", "transfer"):
        known[column] = own
    owner = (parent, owner_id) if parent and isinstance(owner_id, str) else None
    return ActivityLine(known, amounts, owner, column)


def _payout(line: Object) -> Line:
    payout = line["source"]
    return {
        "payout_id": payout["id"],
        "effective_at_utc": f"{_effective_at(line):%Y-%m-%d %H:%M:%S}",
        **Amounts.of(line).row(),
        "reporting_category": line["reporting_category"],
        "balance_transaction_id": line["id"],
        "payout_status": payout["status"],
        "trace_id": (payout.get("trace_id") or {}).get("value") or "",
    }


def _effective_at(line: Object) -> datetime:
    """Ours are manual and count when they are made; Stripe's own, when they arrive."""
    payout = line["source"]
    is_arrival = payout["automatic"] and line["reporting_category"] == "payout"
    moment_s = payout["arrival_date"] if is_arrival else line["created"]
    return datetime.fromtimestamp(moment_s, UTC)


def _is_payout(line: Object) -> bool:
    return line["reporting_category"] in PAYOUT_CATEGORIES


def _labels(
    account: StripeAccount, owners: Iterable[tuple[str, str]], progress: Progress
) -> dict[tuple[str, str], str]:
    """Ask each charge or transfer once for the escrow that it names."""
    wanted = sorted(owners)

    def label(owner: tuple[str, str]) -> str:
        kind, id = owner
        return _reference(account.charge(id) if kind == "charge" else account.transfer(id))

    labels: dict[tuple[str, str], str] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for owner, found in zip(wanted, pool.map(label, wanted), strict=True):
            labels[owner] = found
            progress.tell(f"{ACTIVITY}: {len(labels):,} of {len(wanted):,} parents")
    return labels


def _reference(source: Object) -> str:
    return str((source.get("metadata") or {}).get(REFERENCE) or "")


def _told(lines: Iterator[Object], source: str, progress: Progress) -> Iterator[Object]:
    for number, line in enumerate(lines, start=1):
        progress.tell(f"{source}: {number:,} rows")
        yield line


def _totals(amounts: Iterable[Amounts]) -> dict[str, dict[str, int]]:
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in amounts:
        total = totals[each.currency.upper()]
        total["gross_minor"] += each.gross_minor
        total["fee_minor"] += each.fee_minor
        total["net_minor"] += each.net_minor
    return {currency: dict(totals[currency]) for currency in sorted(totals)}


def major(amount_minor: int, currency: str) -> str:
    """Write minor units as a decimal of major ones, exactly."""
    places = places_of(currency)
    sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor))
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _utc(moment_s: Any) -> str:
    return f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M:%S}"


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
