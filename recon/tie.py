"""Tell the three-way tie: what we booked, what the provider moved, what arrived."""

from __future__ import annotations

from typing import Any

import duckdb

from recon.records import records

NAMED_MAX = 20  # the rest is in the discrepancies
LINES = """
    select rail, account, currency, line, booked_rows, booked_minor, provider_rows,
        provider_minor, difference_minor, unexplained_minor, arrives, arrived_rows,
        arrived_minor, arrival_difference_minor, arrival_unexplained_minor
    from three_way order by rail desc, currency, line
"""
REASONS = f"""
    select leg, reason, count(*) as rows, sum(amount_minor) as amount_minor,
        list(discrepancy_id order by discrepancy_id)
            filter (where discrepancy_id is not null)[:{NAMED_MAX}] as discrepancy_ids,
        list(reference order by reference)[:{NAMED_MAX}] as examples
    from deviations where rail = ? and currency = ? and line = ?
    group by leg, reason order by leg desc, reason nulls last
"""
CONVERSIONS = """
    select rail, currency as booked_currency, sum(expected_minor) as booked_minor,
        other_currency as provider_currency, sum(actual_minor) as provider_minor,
        count(*) as rows, list(discrepancy_id order by discrepancy_id) as discrepancy_ids
    from found where code = 'CURRENCY_MISMATCH' group by all order by all
"""


def three_way(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One entry a line: three sums, two differences, and what each of them is made of."""
    lines = records(db, LINES)
    for line in lines:
        line["made_of"] = records(
            db, REASONS, [line["rail"], line["currency"], line["line"]]
        )
    return lines


def conversions(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What was booked in one currency and moved in another, with both amounts."""
    return records(db, CONVERSIONS)
