"""The exports of one day, read as text, checked cell by cell and cast exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb

from recon.manifest import InputFile
from recon.sources import (
    bank_statement,
    custodian_transactions,
    escrow_events,
    stripe_activity,
    stripe_payouts,
    stripe_summary,
)

Load = Callable[[duckdb.DuckDBPyConnection, InputFile], None]

LOADERS: Mapping[str, Load] = {
    "escrow_events": escrow_events.load,
    "stripe_activity": stripe_activity.load,
    "stripe_summary": stripe_summary.load,
    "stripe_payouts": stripe_payouts.load,
    "custodian_transactions": custodian_transactions.load,
    "bank_statement": bank_statement.load,
}
