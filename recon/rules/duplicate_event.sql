-- title:    We booked the same provider movement twice
-- severity: HIGH
-- owner:    payments
-- reason:   The second event claims money that does not exist.
-- phase:    movements
--
-- The further event counts nowhere else: a balance takes each movement once.

select
    rail,
    escrow_id as subject,
    provider_ref,
    event_id,
    amount_minor as expected_minor,
    0 as actual_minor,
    currency,
    occurred_at,
    0 as effect_minor,
    format(
        '{} of {} books {} a second time.', event_type, in_words(amount_minor, currency), provider_ref
    ) as explanation
from booking_fates
where fate = 'duplicate' and is_of_day
