"""Stripe's payouts and their reversals (`payouts.itemized`), of several days."""

from __future__ import annotations

import duckdb

from recon.manifest import InputFile
from recon.sources.shape import Shape, quoted
from recon.sources.text import load_csv

REQUIRED = (
    "payout_id",
    "effective_at_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "balance_transaction_id",
    "payout_status",
    "trace_id",
)

TYPED = """
select
    payout_id,
    balance_transaction_id,
    {account} as account,
    reporting_category as category,
    payout_status as status,
    trace_id,
    upper(currency) as currency,
    to_minor(gross, digits_of(currency)) as gross_minor,
    to_minor(fee, digits_of(currency)) as fee_minor,
    to_minor(net, digits_of(currency)) as net_minor,
    utc(effective_at_utc) as effective_at
from stripe_payouts_text
"""

BROKEN = {
    "payout_id": "payout_id is null",
    "effective_at_utc": "effective_at is null",
    "currency": "currency is null",
    "gross": "gross_minor is null",
    "fee": "fee_minor is null",
    "net": "net_minor is null",
    "reporting_category": "category is null",
    "balance_transaction_id": "balance_transaction_id is null",
    "payout_status": "status is null",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `stripe_payouts`, amounts in minor units."""
    load_csv(db, file, _shape(file.account))


def _shape(account: str) -> Shape:
    return Shape(
        required=REQUIRED,
        typed=TYPED.format(account=quoted(account)),
        broken=BROKEN,
        clocks={"effective_at_utc": "effective_at"},
        judged_clocks=("effective_at_utc",),
        amounts=("gross", "fee", "net"),
        has_minor_units=True,
    )
