"""Collect what the rules find, each with an identity that is the same tomorrow."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from recon.faults import SourceFault
from recon.rulebook import Rule

# What a rule may say; what it leaves out is absent.
FOUND = """
create table found (
    discrepancy_id varchar,
    code varchar,
    severity varchar,
    owner varchar,
    rule varchar,
    rail varchar,
    subject varchar,
    provider_ref varchar,
    event_id varchar,
    expected_minor decimal(38, 0),
    actual_minor decimal(38, 0),
    difference_minor decimal(38, 0),
    currency varchar,
    occurred_at timestamp,
    natural_key varchar,
    effect_minor decimal(38, 0),
    other_currency varchar,
    other_effect_minor decimal(38, 0),
    alternative_minor decimal(38, 0),
    explanation varchar,
    nearest_candidate varchar,
    booking_id bigint,
    movement_id bigint
)
"""

# The identity is made of the code and of what names the break in the world: never of the day,
# the order of rows or an amount that may be corrected tomorrow.
NAMED = """
update found
set
    discrepancy_id = 'dsc_' || left(
        sha256(concat_ws('|', code, coalesce(rail, ''), coalesce(natural_key, event_id, subject))), 24
    ),
    difference_minor = actual_minor - expected_minor,
    effect_minor = coalesce(effect_minor, 0),
    explanation = coalesce(explanation, code)
where discrepancy_id is null
"""


# Why not matched: the unmatched record of the other side that comes nearest.
NEAREST = """
create table nearest as
with

rows_left as (
    select movement_id, rail, lane, currency, amount_minor, escrow_id, provider_ref, movement_key, created_at
    from movement_fates
    where fate in ('unbooked', 'in_transit', 'ambiguous', 'further')
),

bookings_left as (
    select booking_id, rail, lane, currency, amount_minor, escrow_id, provider_ref, event_id, occurred_at
    from booking_fates
    where fate in ('missing', 'in_transit', 'early')
),

pairs as (
    select booking_id, movement_id, 1 as distance
    from bookings_left as booking join rows_left as movement using (rail, lane, escrow_id)
    union all
    select booking_id, movement_id, 2
    from bookings_left as booking join rows_left as movement using (rail, lane, currency, amount_minor)
)

select
    pairs.booking_id,
    pairs.movement_id,
    format(
        '{} of {}: the same {}, another reference',
        coalesce(movement.provider_ref, movement_key),
        in_words(movement.amount_minor, movement.currency),
        case distance when 1 then 'escrow' else 'amount' end
    ) as row_in_words,
    format(
        '{} of {}: the same {}, another reference',
        booking.provider_ref,
        in_words(booking.amount_minor, booking.currency),
        case distance when 1 then 'escrow' else 'amount' end
    ) as booking_in_words,
    row_number() over (
        partition by pairs.booking_id order by distance, movement.created_at, movement_key
    ) as place_for_booking,
    row_number() over (
        partition by pairs.movement_id order by distance, booking.occurred_at, booking.event_id
    ) as place_for_row
from pairs
join rows_left as movement using (movement_id)
join bookings_left as booking using (booking_id);

update found set nearest_candidate = row_in_words
from nearest
where found.booking_id = nearest.booking_id and place_for_booking = 1;

update found set nearest_candidate = booking_in_words
from nearest
where found.movement_id = nearest.movement_id and place_for_row = 1
"""


def create(db: duckdb.DuckDBPyConnection, faults: Sequence[SourceFault]) -> None:
    """Create `found`, empty, and `source_faults`, which have a rule like everything else."""
    db.execute(FOUND)
    db.execute(
        "create table source_faults (code varchar, source varchar, explanation varchar)"
    )
    for fault in faults:
        db.execute(
            "insert into source_faults values (?, ?, ?)",
            [fault.code, fault.source, fault.explanation],
        )


def run_rule(db: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Add what one rule finds."""
    db.execute(
        f"insert into found by name"
        f" select '{rule.code}' as code, '{rule.severity}' as severity, '{rule.owner}' as owner,"
        f" '{rule.name}' as rule, broken.* from ({rule.sql}) as broken"
    )
    db.execute(NAMED)


def name_nearest(db: duckdb.DuckDBPyConnection) -> None:
    """Say for every unmatched record which one of the other side came nearest."""
    db.execute(NEAREST)
