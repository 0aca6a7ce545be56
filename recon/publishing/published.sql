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
    in_utc(occurred_at) as occurred_at,
    in_utc(first_seen) as first_seen,
    age_hours,
    state,
    explanation,
    nearest_candidate,
    rule
from reported
order by code, rail nulls last, subject, provider_ref, event_id, discrepancy_id;

-- Sorted while it is narrow; what is only told is put into words afterwards.
create view out_matches as
with

paired as (
    select
        rail as family,
        movement_key as row_key,
        rule,
        rail,
        kind,
        escrow_id as subject,
        provider_ref,
        event_id,
        amount_minor as booked_minor,
        row_amount_minor as row_minor,
        currency,
        occurred_at as booked_at,
        row_created_at as row_at,
        fate,
        row_outcome as outcome,
        row_currency = currency as same_currency,
        row_fee_minor = fee_minor as same_fee,
        null as bank_entry
    from booking_fates
    where movement_id is not null
),

deposited as (
    select
        'PAYOUT' as family,
        balance_transaction_id as row_key,
        rule,
        'STRIPE' as rail,
        'payout' as kind,
        payout_id as subject,
        trace_id as provider_ref,
        null as event_id,
        payout_minor as booked_minor,
        entry_minor as row_minor,
        currency,
        effective_at as booked_at,
        booked_on::timestamp as row_at,
        fate,
        null as outcome,
        null as same_currency,
        null as same_fee,
        coalesce(to_json(entry_ref)::varchar, 'null') as bank_entry
    from payout_fates
    where fate = 'deposited'
),

in_order as (
    from paired
    union all by name
    from deposited
    order by family, row_key
)

select
    -- A row is used once, so that it names the match.
    family || ' ' || row_key as match_id,
    rule,
    rail,
    kind,
    subject,
    provider_ref,
    event_id,
    row_key,
    booked_minor,
    row_minor,
    row_minor - booked_minor as difference_minor,
    currency,
    in_utc(booked_at) as booked_at,
    in_utc(row_at) as row_at,
    case
        when bank_entry is not null then format(
            '{{"fate": "deposited", "bank_entry": {}, "same_amount": {}}}', bank_entry, (row_minor = booked_minor)::varchar
        )
        else concat(
            '{"fate": "', fate, '", "outcome": "', outcome,
            '", "same_amount": ', row_minor = booked_minor,
            ', "same_currency": ', same_currency,
            case when same_fee is null then '' else ', "same_fee": ' end, same_fee, '}'
        )
    end as evidence
from in_order;

create view out_in_transit as
select
    kind,
    subject,
    provider_ref,
    rail,
    amount_minor,
    currency,
    in_utc(occurred_at) as occurred_at
from in_transit
order by kind, rail, subject, provider_ref, record_key;

create view out_suggestions as
select
    suggestion_id,
    kind,
    side,
    subject,
    reference,
    array_to_string(candidates, ' + ') as candidates,
    rail,
    currency,
    amount_minor,
    is_only_way,
    explanation
from suggestions
order by kind, suggestion_id;
