-- Why not matched: the unmatched record of the other side that comes nearest.

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
