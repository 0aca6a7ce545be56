-- What is a matter of time and no discrepancy, with its effect on today's safeguarding proof.
--
-- An event of the first minutes without its row counts as moved the day before and has no effect.

create table in_transit as
select
    'EVENT' as kind,
    escrow_id as subject,
    provider_ref,
    rail,
    amount_minor,
    currency,
    occurred_at,
    event_id as record_key,
    case
        when fate = 'early' or is_carried and movement_id is null then 0
        else coalesce(row_escrow_minor, 0) - net_minor
    end as effect_minor
from booking_fates
where fate in ('early', 'in_transit')

union all

select
    'ROW',
    subject,
    coalesce(provider_ref, movement_key),
    rail,
    amount_minor,
    currency,
    created_at,
    movement_key,
    escrow_minor
from movement_fates
join subjects using (movement_id)
where fate = 'in_transit'

union all

select
    'PAYOUT',
    payout_id,
    coalesce(trace_id, payout_id),
    'STRIPE',
    payout_minor,
    currency,
    effective_at,
    balance_transaction_id,
    0
from payout_fates
where fate = 'under_way';
