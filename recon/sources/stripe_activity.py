"""Stripe's balance transactions of the day (`balance_change_from_activity.itemized`)."""

from __future__ import annotations

import duckdb

from recon.manifest import InputFile
from recon.sources.text import load_csv, quoted

REQUIRED = (
    "balance_transaction_id",
    "created_utc",
    "available_on_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
    "payment_metadata[escrow_id]",
    "transfer_metadata[escrow_id]",
    "refund_metadata[escrow_id]",
)

TYPED = """
select
    balance_transaction_id,
    {account} as account,
    reporting_category as category,
    source_id,
    coalesce(
        "refund_metadata[escrow_id]",
        "transfer_metadata[escrow_id]",
        "payment_metadata[escrow_id]"
    ) as escrow_id,
    upper(currency) as currency,
    to_minor(gross, digits_of(currency)) as gross_minor,
    to_minor(fee, digits_of(currency)) as fee_minor,
    to_minor(net, digits_of(currency)) as net_minor,
    utc(created_utc) as created_at,
    utc(available_on_utc) as available_at
from stripe_activity_text
"""

BROKEN = {
    "balance_transaction_id": "balance_transaction_id is null",
    "created_utc": "created_at is null",
    "available_on_utc": "available_at is null",
    "currency": "currency is null",
    "gross": "gross_minor is null",
    "fee": "fee_minor is null",
    "net": "net_minor is null",
    "reporting_category": "category is null",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `stripe_activity`, amounts in minor units."""
    load_csv(db, file, REQUIRED, TYPED.format(account=quoted(file.account)), BROKEN)
