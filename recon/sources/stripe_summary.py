"""Stripe's balance as Stripe states it (`balance.summary`)."""

from __future__ import annotations

import duckdb

from recon.faults import SourceCorruptError
from recon.manifest import InputFile
from recon.sources.text import load_csv, quoted

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

INCOMPLETE = """
select currency, category, count(net_minor)
from (select distinct currency from stripe_summary)
cross join (
    values ('starting_balance'), ('activity'), ('payouts'), ('ending_balance')
) as line (category)
left join stripe_summary using (currency, category)
group by currency, category
having count(net_minor) <> 1
order by currency, category
limit 1
"""


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `stripe_summary`: four stated figures for each currency."""
    load_csv(db, file, REQUIRED, TYPED.format(account=quoted(file.account)), BROKEN)
    for currency, category, count in db.execute(INCOMPLETE).fetchall():
        raise SourceCorruptError(
            f"{file.name}: column category: {category} of {currency} is stated"
            f" {count} times, not once; export the report again"
        )
    if not file.rows:
        raise SourceCorruptError(
            f"{file.name}: states no balance at all; export the report again"
        )
