"""Stripe's balance as Stripe states it (`balance.summary`)."""

from __future__ import annotations

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.shape import Shape, quoted
from recon.sources.text import load_csv

REQUIRED = ("category", "net_amount", "currency")

TYPED = """
select
    {account} as account,
    category,
    upper(currency) as currency,
    to_minor(net_amount, digits_of(currency)) as net_minor
from stripe_summary_text
"""

BROKEN = {
    "category": "category is null",
    "net_amount": "net_minor is null",
    "currency": "currency is null",
}

LINES = ("starting_balance", "activity", "payouts", "ending_balance")


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `stripe_summary`: four stated figures for each currency."""
    load_csv(db, file, _shape(file.account))
    stated = db.execute(
        f"select currency, category, count(*) from stripe_summary where category in {LINES}"
        " group by all order by all"
    ).fetchall()
    for currency, category, count in stated:
        if count > 1:
            raise SourceCorruptError(
                f"{file.name}: column category: {category} of {currency} is stated"
                f" {count} times; export the report again"
            )
    currencies = [currency for currency, *_ in stated]
    if not any(currencies.count(currency) == len(LINES) for currency in currencies):
        raise SourceCorruptError(
            f"{file.name}: column category: {', '.join(LINES)} are stated for no currency;"
            " export the report again"
        )


def _shape(account: str) -> Shape:
    return Shape(
        required=REQUIRED,
        typed=TYPED.format(account=quoted(account)),
        broken=BROKEN,
        amounts=("net_amount",),
        has_minor_units=True,
    )
