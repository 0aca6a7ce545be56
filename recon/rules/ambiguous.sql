-- title:    Several bookings fit a row and nothing decides between them
-- severity: MEDIUM
-- owner:    payments
-- reason:   A guess would close the wrong escrow; somebody has to look.
-- phase:    movements
--
-- The row is reported, the bookings that fit it are in transit.

select
    rail,
    subject,
    coalesce(provider_ref, movement_key) as provider_ref,
    0 as expected_minor,
    amount_minor as actual_minor,
    currency,
    created_at as occurred_at,
    movement_key as natural_key,
    case when is_carried then 0 else escrow_minor end as effect_minor,
    case when is_carried then 0 else -holding_minor end as alternative_minor,
    format(
        '{} of {} fits several bookings: {}.',
        movement_key, in_words(amount_minor, currency), candidates
    ) as explanation
from movement_fates
join subjects using (movement_id)
join (
    select movement_id, string_agg(provider_ref, ', ' order by provider_ref) as candidates
    from ambiguous
    join bookings using (booking_id)
    group by movement_id
) using (movement_id)
where fate = 'ambiguous'
