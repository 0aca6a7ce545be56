"""Stripe's payouts and their reversals (`payouts.itemized`), of several days."""

from __future__ import annotations

from dataclasses import replace

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


# What was paid out row by row: all rows of one payout add up to what left the balance.
# The report lists what is paid; it knows no status and no transaction of the payout's own.
SETTLED = """
select
    automatic_payout_id as payout_id,
    upper(currency) as currency,
    trace_id,
    utc(automatic_payout_effective_at_utc) as effective_at,
    to_minor(gross, digits_of(currency)) as gross_minor,
    to_minor(fee, digits_of(currency)) as fee_minor,
    to_minor(net, digits_of(currency)) as net_minor
from settled_rows_text
"""

PAID_OUT = """
select
    payout_id,
    any_value(effective_at)::varchar as effective_at_utc,
    currency,
    split_part(in_words(-sum(net_minor), currency), ' ', 1) as gross,
    '0' as fee,
    split_part(in_words(-sum(net_minor), currency), ' ', 1) as net,
    'payout' as reporting_category,
    payout_id as balance_transaction_id,
    'paid' as payout_status,
    any_value(trace_id) as trace_id
from settled_rows
group by payout_id, currency
order by payout_id, currency
"""

SETTLED_SHAPE = Shape(
    required=(
        "automatic_payout_id",
        "automatic_payout_effective_at_utc",
        "currency",
        "gross",
        "fee",
        "net",
        "trace_id",
    ),
    typed=SETTLED,
    broken={
        "automatic_payout_id": "payout_id is null",
        "automatic_payout_effective_at_utc": "effective_at is null",
        "currency": "currency is null",
        "gross": "gross_minor is null",
        "fee": "fee_minor is null",
        "net": "net_minor is null",
    },
    clocks={"automatic_payout_effective_at_utc": "automatic_payout_effective_at"},
    judged_clocks=("automatic_payout_effective_at_utc",),
    amounts=("gross", "fee", "net"),
    has_minor_units=True,
)


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `stripe_payouts`, amounts in minor units."""
    if file.dialect.format == "payouts.itemized":
        load_csv(db, file, _shape(file.account))
        return
    load_csv(db, replace(file, source="settled_rows"), SETTLED_SHAPE)
    db.execute(f"create table stripe_payouts_text as {PAID_OUT}")
    db.execute(f"create table stripe_payouts as {_shape(file.account).typed}")


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
