-- What stays unmatched on either side.

create table left_over as
select
    'row' as side,
    movement_key as record_id,
    coalesce(provider_ref, movement_key) as reference,
    provider_ref,
    our_ref,
    subject,
    rail,
    lane,
    account,
    currency,
    amount_minor,
    created_at as moment
from movement_fates
join subjects using (movement_id)
where fate in ('unbooked', 'ambiguous') and not is_wrong_token
union all by name
select
    'booking' as side,
    event_id as record_id,
    provider_ref as reference,
    provider_ref,
    our_ref,
    escrow_id as subject,
    rail,
    lane,
    currency,
    amount_minor,
    occurred_at as moment
from booking_fates
where fate in ('missing', 'in_transit', 'early') and amount_minor is not null;
