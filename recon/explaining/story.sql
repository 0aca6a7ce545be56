-- The whole story of one escrow (or of one reference without an escrow) in the order of time.

create temp table told_bookings as
from booking_fates where escrow_id = $subject or provider_ref = $subject;

create temp table told_movements as
select movement_fates.*
from movement_fates
join every_subject using (movement_id)
where every_subject.subject = $subject
    or provider_ref = $subject
    or movement_key = $subject
    or booking_id in (select booking_id from told_bookings);

create temp table story as
select
    occurred_at as moment,
    'event' as kind,
    event_type as what,
    coalesce(provider_ref, dispute_ref) as provider_ref,
    amount_minor,
    currency,
    event_id as id,
    topic || '/' || "partition" || '/' || "offset" as place,
    (select any_value(fate) from told_bookings as booking where booking.event_id = event.event_id) as fate
from day_events as event
where escrow = $subject or provider_ref = $subject

union all by name

select
    created_at as moment,
    'row' as kind,
    rail || ' ' || category_or_status as what,
    provider_ref,
    amount_minor,
    currency,
    movement_key as id,
    case when is_carried then 'of an earlier day' else account end as place,
    fate
from told_movements

union all by name

select
    coalesce(occurred_at, first_seen) as moment,
    'finding' as kind,
    code || ' ' || state as what,
    provider_ref,
    difference_minor as amount_minor,
    currency,
    discrepancy_id as id,
    explanation as place,
    severity as fate
from reported
where subject = $subject or provider_ref = $subject
order by moment, kind, id;

-- What was paired with what, and by which rule.
create temp table pairs_told as
select rule, kind, provider_ref, event_id, movement_key, amount_minor, row_amount_minor, currency
from told_bookings
where movement_id is not null
order by occurred_at, event_id;

-- Every unmatched record beside the nearest of the other side, and each gate that keeps them apart.
create temp table gates as
with

near as (
    select booking_id, movement_id from nearest
    where (place_for_booking = 1 and booking_id in (select booking_id from told_bookings))
        or (place_for_row = 1 and movement_id in (select movement_id from told_movements))
),

sides as (
    select
        booking.event_id,
        booking.provider_ref as booked_ref,
        movement.movement_key,
        movement.provider_ref as row_ref,
        unnest([
            {'gate': 'reference', 'holds': booking.provider_ref = movement.provider_ref,
             'booked': booking.provider_ref, 'row': movement.provider_ref},
            {'gate': 'our reference', 'holds': booking.our_ref = movement.our_ref,
             'booked': booking.our_ref, 'row': movement.our_ref},
            {'gate': 'amount', 'holds': booking.amount_minor = movement.amount_minor,
             'booked': in_words(booking.amount_minor, booking.currency),
             'row': in_words(movement.amount_minor, movement.currency)},
            {'gate': 'escrow', 'holds': booking.escrow_id = movement.escrow_id,
             'booked': booking.escrow_id, 'row': movement.escrow_id},
            {'gate': 'outcome', 'holds': movement.outcome = 'moved',
             'booked': 'moved', 'row': movement.outcome}
        ]) as gate
    from near
    join booking_fates as booking using (booking_id)
    join movement_fates as movement on movement.movement_id = near.movement_id
)

select event_id, booked_ref, movement_key, row_ref, gate.gate, gate.booked, gate.row
from sides
where not coalesce(gate.holds, false)
order by event_id, movement_key, gate.gate;
