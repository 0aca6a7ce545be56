-- title:    A movement we booked never happened at the provider
-- severity: HIGH
-- owner:    payments
-- reason:   The escrow is owed money that nobody holds, or somebody was told that he was paid.
-- phase:    movements
--
-- 24 hours have passed since the event. What waited yesterday and still has no row belongs to
-- yesterday and is no part of today's difference.

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    0 as actual_minor,
    currency,
    occurred_at,
    case when is_of_day then -net_minor else 0 end as effect_minor,
    case when is_of_day then net_minor else 0 end as alternative_minor,
    format(
        '{} of {} booked as {} has no row at the provider.', event_type, in_words(amount_minor, currency), provider_ref
    ) as explanation,
    booking_id
from booking_fates
where fate = 'missing'
