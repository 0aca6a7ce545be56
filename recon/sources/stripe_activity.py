"""Stripe's balance transactions of the day (`balance_change_from_activity.itemized`)."""

from __future__ import annotations

import duckdb

from recon.manifest import InputFile
from recon.sources.shape import Shape, quoted
from recon.sources.text import load_csv

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
    load_csv(db, file, _shape(file.account))


def _shape(account: str) -> Shape:
    return Shape(
        required=REQUIRED,
        typed=TYPED.format(account=quoted(account)),
        broken=BROKEN,
        clocks={"created_utc": "created", "available_on_utc": "available_on"},
        judged_clocks=("created_utc",),
        amounts=("gross", "fee", "net"),
        has_minor_units=True,
    )
