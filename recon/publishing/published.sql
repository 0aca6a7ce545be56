-- The relations that leave the house, in their published columns and order.

create view out_discrepancies as
select
    discrepancy_id,
    code,
    severity,
    rail,
    subject,
    provider_ref,
    event_id,
    expected_minor,
    actual_minor,
    difference_minor,
    currency,
    occurred_at at time zone 'UTC' as occurred_at,
    first_seen at time zone 'UTC' as first_seen,
    age_hours,
    state,
    explanation,
    nearest_candidate,
    rule
from reported
order by code, rail nulls last, subject, provider_ref, event_id, discrepancy_id;

create view out_matches as
with

paired as (
    select
        -- A row is used once, so that it names the match.
        booking.rail || ' ' || movement_key as match_id,
        booking.rule,
        booking.rail,
        booking.kind,
        escrow_id as subject,
        booking.provider_ref,
        event_id,
        movement_key as row_key,
        amount_minor as booked_minor,
        row_amount_minor as row_minor,
        row_amount_minor - amount_minor as difference_minor,
        currency,
        occurred_at at time zone 'UTC' as booked_at,
        row_created_at at time zone 'UTC' as row_at,
        '{"fate": "' || fate || '", "outcome": "' || row_outcome
        || case when row_amount_minor = amount_minor then '", "same_amount": true' else '", "same_amount": false' end
        || case when row_currency = currency then ', "same_currency": true' else ', "same_currency": false' end
        || case when fee_minor is null then '' when row_fee_minor = fee_minor then ', "same_fee": true' else ', "same_fee": false' end
        || '}' as evidence
    from booking_fates as booking
    where movement_id is not null
),

deposited as (
    select
        'PAYOUT ' || balance_transaction_id as match_id,
        rule,
        'STRIPE' as rail,
        'payout' as kind,
        payout_id as subject,
        trace_id as provider_ref,
        null as event_id,
        balance_transaction_id as row_key,
        payout_minor as booked_minor,
        entry_minor as row_minor,
        entry_minor - payout_minor as difference_minor,
        currency,
        effective_at at time zone 'UTC' as booked_at,
        booked_on::timestamp at time zone 'UTC' as row_at,
        format(
            '{{"fate": "deposited", "bank_entry": {}, "same_amount": {}}}',
            coalesce(to_json(entry_ref)::varchar, 'null'),
            (entry_minor = payout_minor)::varchar
        ) as evidence
    from payout_fates
    where fate = 'deposited'
)

from paired
union all by name
from deposited
order by match_id;

create view out_in_transit as
select
    kind,
    subject,
    provider_ref,
    rail,
    amount_minor,
    currency,
    occurred_at at time zone 'UTC' as occurred_at
from in_transit
order by kind, rail, subject, provider_ref, record_key;
